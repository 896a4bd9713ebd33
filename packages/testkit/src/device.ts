import { randomBytes } from "node:crypto";
import { err, ok, unwrap, type Result } from "@bezant/protocol";
import {
  loadTrustedApp,
  makeDevice,
  nodeCryptography,
  openSoftwareRootOfTrust,
  opsTrustedApp,
  TrustedOs,
  type Random,
  type RootOfTrust,
  type StorageFault,
  type TaCryptography,
  type TrustedApp,
} from "@bezant/tee";
import { connectInProcess, OPS_TA_UUID, type Invocation, type TeecError } from "@bezant/tee/client";
import { MemoryFiles, PowerLoss } from "@bezant/tee/simulation";
import { openDevice, type Device } from "@bezant/wallet";
import type { Institutions } from "./institutions.ts";

/** What a software device says it is. */
export const TOS = { measurement: new Uint8Array(32).fill(7), version: 1 };
export const trustedApp: TrustedApp = unwrap(loadTrustedApp(opsTrustedApp()));

/** What a device is made of; a simulation has its own. */
export type DeviceParts = {
  readonly random: Random;
  readonly cryptography: TaCryptography;
  readonly trustedApp: TrustedApp;
};

/** Sees every command and its answer, before whoever gave it does. */
export type Observer = (
  command: number,
  input: Uint8Array,
  answer: Result<Invocation, TeecError>,
) => void;

/** A real secure device, Wasm TA in the trusted OS, whose flash is in memory. It outlives the wallets that use it. */
export class SimulatedDevice {
  /** Its flash and RPMB, to cut the power, copy, restore. */
  readonly files: MemoryFiles;
  observer: Observer = () => undefined;
  readonly #parts: DeviceParts;
  #running: { readonly os: TrustedOs; readonly rootOfTrust: RootOfTrust } | undefined;

  private constructor(files: MemoryFiles, parts: DeviceParts) {
    this.files = files;
    this.#parts = parts;
  }

  static async make(
    { certifyDevice }: Institutions,
    { random = randomBytes, cryptography = nodeCryptography(), ...rest }: Partial<DeviceParts> = {},
  ): Promise<SimulatedDevice> {
    const parts = { random, cryptography, trustedApp, ...rest };
    const files = new MemoryFiles();
    const identity = { certify: certifyDevice };
    const { signer } = cryptography;
    unwrap(await makeDevice(files, parts.trustedApp, { identity, random, signer }));
    return new SimulatedDevice(files, parts);
  }

  /** A wallet's connection to it. */
  connect(): Device {
    const context = connectInProcess({
      openSession: (uuid) => {
        const os = this.#os();
        return os.ok ? os.value.openSession(uuid) : os;
      },
      invokeCommand: (session, command, input) => {
        const answer = this.#invoke(session, command, input);
        this.observer(command, input, answer);
        return answer;
      },
      closeSession: (session) => this.#running?.os.closeSession(session),
      writeBack: () => this.#writeBack(),
    });
    return openDevice(context, OPS_TA_UUID);
  }

  /** One command in a session of its own, which nobody observes. */
  ask(command: number, input: Uint8Array): Result<Invocation, TeecError> {
    const os = this.#os();
    if (!os.ok) return os;
    const session = os.value.openSession(OPS_TA_UUID);
    if (!session.ok) return session;
    const answer = this.#invoke(session.value, command, input);
    this.#running?.os.closeSession(session.value);
    this.#writeBack();
    return answer;
  }

  /** What malware gives its TA without asking the wallet. */
  give(command: number, input: Uint8Array): Result<Invocation, TeecError> {
    const answer = this.ask(command, input);
    this.observer(command, input, answer);
    return answer;
  }

  /** Power off, and on again at the next command. */
  restart(): void {
    this.#running?.rootOfTrust.close();
    this.#running = undefined;
    this.files.restart();
  }

  #invoke(session: number, command: number, input: Uint8Array): Result<Invocation, TeecError> {
    const os = this.#os();
    return os.ok ? this.#untilPowerLoss(() => os.value.invokeCommand(session, command, input)) : os;
  }

  /** The power may go here, too, when the answer has long left. */
  #writeBack(): void {
    this.#untilPowerLoss(() => ok(this.#running?.os.writeBack()));
  }

  /** The trusted OS at work, or started over what is in the flash. */
  #os(): Result<TrustedOs, TeecError> {
    if (this.#running !== undefined) return ok(this.#running.os);
    return this.#untilPowerLoss(() => {
      const { files } = this;
      const { random, cryptography, trustedApp: ta } = this.#parts;
      const { signer } = cryptography;
      const rootOfTrust = openSoftwareRootOfTrust(files, { random, signer });
      if (!rootOfTrust.ok) return broken(rootOfTrust.error);
      const options = { files, random, cryptography, trustedApp: ta, tos: TOS };
      const os = TrustedOs.start({ ...options, rootOfTrust: rootOfTrust.value });
      if (!os.ok) {
        rootOfTrust.value.close();
        return broken(os.error);
      }
      this.#running = { os: os.value, rootOfTrust: rootOfTrust.value };
      return os;
    });
  }

  #untilPowerLoss<T>(work: () => Result<T, TeecError>): Result<T, TeecError> {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof PowerLoss)) throw error;
      this.restart();
      const code = "TEEC_ERROR_COMMUNICATION";
      return err({ code, origin: "communication", state: "unknown" });
    }
  }
}

/** A trusted OS that will not start: nobody reaches the TA, and nothing changes in it. */
function broken({ code: reason }: StorageFault): Result<never, TeecError> {
  return err({ code: "TEE_ERROR_CORRUPT_OBJECT", origin: "tee", state: "unchanged", reason });
}
