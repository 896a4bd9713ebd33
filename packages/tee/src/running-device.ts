import { err, ok, type Result } from "@bezant/protocol";
import type { Random, SignerFactory } from "./crypto/private-key.ts";
import type { Measurement } from "./os/attestation.ts";
import type { TaCryptography } from "./os/cryptography.ts";
import { loadTrustedApp, type TrustedAppRefused } from "./os/load-trusted-app.ts";
import type { TrustedApp } from "./os/trusted-app.ts";
import { TA_OBJECT, taObjectOf, TrustedOs } from "./os/trusted-os.ts";
import { UpdateAgent } from "./provisioning/agent.ts";
import { TaModules } from "./provisioning/modules.ts";
import type { RootOfTrust } from "./root-of-trust/root-of-trust.ts";
import { openSoftwareRootOfTrust } from "./root-of-trust/software.ts";
import type { FileStore } from "./storage/block-file.ts";
import { fault, type StorageFault } from "./storage/fault.ts";
import { SecureObject } from "./storage/secure-object.ts";

/** A device at work in this process. */
export type RunningDevice = {
  readonly trustedOs: TrustedOs;
  /** Reports what is installed, and installs updates. */
  readonly agent: UpdateAgent;
  readonly rootOfTrust: RootOfTrust;
  readonly tos: Measurement;
  readonly close: () => void;
};

export type StartOptions = {
  readonly random: Random;
  readonly tos: Measurement;
  /** Where a simulation needs the same signatures in every run. */
  readonly signer?: SignerFactory;
  readonly cryptography?: TaCryptography;
};

/** Starts the trusted OS of the device in these files, with the TA that its object names. */
export function startDevice(
  files: FileStore,
  { tos, ...options }: StartOptions,
): Result<RunningDevice, StorageFault | TrustedAppRefused> {
  const opened = openSoftwareRootOfTrust(files, options);
  if (!opened.ok) return opened;
  const rootOfTrust = opened.value;
  const parts = { files, rootOfTrust, ...options };
  const modules = TaModules.open(files);
  const trustedApp = modules.ok ? installedApp(modules.value, parts) : modules;
  const started =
    modules.ok && trustedApp.ok
      ? TrustedOs.start({ ...parts, tos, trustedApp: trustedApp.value, modules: modules.value })
      : undefined;
  const closeFiles = (): void => {
    if (modules.ok) modules.value.close();
    rootOfTrust.close();
  };
  if (started?.ok !== true) {
    closeFiles();
    const failed = [modules, trustedApp, started].find((step) => step?.ok === false);
    return failed?.ok === false ? failed : err(fault("device-damaged"));
  }
  const trustedOs = started.value;
  return ok({
    trustedOs,
    agent: new UpdateAgent(trustedOs, rootOfTrust, tos),
    rootOfTrust,
    tos,
    close() {
      trustedOs.close();
      closeFiles();
    },
  });
}

/** The TA whose place the object names; whether it is the object's, `TrustedOs.start` checks. */
function installedApp(
  modules: TaModules,
  parts: {
    readonly files: FileStore;
    readonly rootOfTrust: RootOfTrust;
    readonly random: Random;
  },
): Result<TrustedApp, StorageFault | TrustedAppRefused> {
  const object = SecureObject.open({ ...parts, ...TA_OBJECT });
  if (!object.ok) return object;
  const owned = taObjectOf(object.value);
  object.value.close();
  const module = modules.read(owned?.place);
  return module.ok ? loadTrustedApp(module.value) : module;
}
