import { equalBytes, err, ok, refusal, type Refusal, type Result } from "@bezant/protocol";
import type { TaInstance } from "@bezant/trusted-app";
import {
  MAX_INPUT,
  OPS_TA_UUID,
  teecError,
  type Invocation,
  type TeecError,
  type TeecErrorCode,
} from "../client/teec.ts";
import type { Random } from "../crypto/private-key.ts";
import type { TaModules } from "../provisioning/modules.ts";
import type { RootOfTrust } from "../root-of-trust/root-of-trust.ts";
import type { FileStore } from "../storage/block-file.ts";
import { fault, type StorageFault } from "../storage/fault.ts";
import { SecureObject } from "../storage/secure-object.ts";
import type { Measurement } from "./attestation.ts";
import { nodeCryptography, type TaCryptography } from "./cryptography.ts";
import { InternalApi, type InternalApiOptions } from "./internal-api.ts";
import { decodeTaObject, encodeTaObject, type TaObject } from "./ta-object.ts";
import type { TrustedApp } from "./trusted-app.ts";

export const TA_OBJECT = { name: "ta-object", block: 0 } as const;

/** A session is a number; this only keeps a client that closes none from going on for ever. */
const MAX_SESSIONS = 1024;

export type TrustedOsOptions = {
  readonly files: FileStore;
  readonly rootOfTrust: RootOfTrust;
  readonly trustedApp: TrustedApp;
  /** Where modules are kept; without it this TA is the only one there will ever be. */
  readonly modules?: TaModules | undefined;
  /** What the trusted OS itself is, for evidence: `measureTos()`, or anything fixed in a simulation. */
  readonly tos: Measurement;
  readonly random: Random;
  readonly cryptography?: TaCryptography;
  /** Whether evidence says that debugging is enabled. */
  readonly debug?: boolean;
};

/** A command that changes nothing, by whose answers an old and a new TA over one state are compared. */
export type Probe = {
  readonly command: number;
  readonly input: Uint8Array;
  readonly agree: (before: Uint8Array, after: Uint8Array) => boolean;
};

/**
 * Runs one TA over its one object. A command's output leaves only after what it staged is durable; a trap
 * or a failed commit discards the instance, and the next command starts from what was committed last.
 */
export class TrustedOs {
  readonly #object: SecureObject;
  readonly #modules: TaModules | undefined;
  #trustedApp: TrustedApp;
  #apiOptions: InternalApiOptions;
  readonly #sessions = new Set<number>();
  #lastSession = 0;
  /** One whose installation the medium cut short; `recover` will tell whether it is there. */
  #pending: TrustedApp | undefined;
  #running: { readonly instance: TaInstance; readonly api: InternalApi } | undefined;

  private constructor(object: SecureObject, options: TrustedOsOptions) {
    const { rootOfTrust, trustedApp, tos, random, debug = false } = options;
    this.#object = object;
    this.#trustedApp = trustedApp;
    this.#modules = options.modules;
    this.#apiOptions = {
      rootOfTrust,
      random,
      cryptography: options.cryptography ?? nodeCryptography(),
      attested: { ta: trustedApp, tos, debug: debug ? 0 : 1 },
    };
  }

  /** Opens the TA's object, and finishes what a crash interrupted. */
  static start(options: TrustedOsOptions): Result<TrustedOs, StorageFault> {
    const { files, rootOfTrust, trustedApp, random } = options;
    const object = SecureObject.open({ files, rootOfTrust, random, ...TA_OBJECT });
    if (!object.ok) return object;
    const owned = taObjectOf(object.value);
    if (owned === undefined) return err(fault("device-missing", "its making was interrupted"));
    if (!equalBytes(owned.measurement, trustedApp.measurement)) {
      object.value.close();
      return err(fault("wrong-trusted-app"));
    }
    return ok(new TrustedOs(object.value, options));
  }

  /** A session with the TA of this UUID. */
  openSession(uuid: string): Result<number, TeecError> {
    if (uuid !== OPS_TA_UUID) return err(teecError("TEEC_ERROR_ITEM_NOT_FOUND", "tee"));
    if (this.#sessions.size >= MAX_SESSIONS) return err(teecError("TEEC_ERROR_BUSY", "tee"));
    this.#lastSession += 1;
    this.#sessions.add(this.#lastSession);
    return ok(this.#lastSession);
  }

  closeSession(session: number): void {
    this.#sessions.delete(session);
  }

  /** Runs one command to its end. What it returns is durable. */
  invokeCommand(
    session: number,
    command: number,
    input: Uint8Array,
  ): Result<Invocation, TeecError> {
    if (!this.#sessions.has(session)) return err(teecError("TEEC_ERROR_BAD_STATE", "tee"));
    if (!isU32(command)) return err(teecError("TEEC_ERROR_BAD_PARAMETERS", "tee"));
    if (input.length > MAX_INPUT) return err(teecError("TEEC_ERROR_EXCESS_DATA", "tee"));
    const running = this.#run();
    if (!running.ok) return running;
    const { instance, api } = running.value;
    const invocation = attempt(() => instance.invoke(command, input));
    if (invocation === undefined) {
      this.#running = undefined;
      return err(teecError("TEEC_ERROR_TARGET_DEAD", "trusted-app"));
    }
    const { staged } = api;
    if (staged === undefined) return ok(invocation);
    const committed = this.#object.commit(encodeTaObject(staged));
    if (!committed.ok) {
      this.#running = undefined;
      return err(storageError(committed.error, "unknown"));
    }
    api.committed(staged);
    return ok(invocation);
  }

  /**
   * What the last commit has left for later, for when its answer has left and nobody waits. If the medium fails under it, the
   * next command looks what is there.
   */
  writeBack(): void {
    if (!this.#object.writeBack().ok) this.#running = undefined;
  }

  /** The TA at work. */
  get installed(): TrustedApp {
    return this.#trustedApp;
  }

  /**
   * Puts another TA in this one's place, with its key and its state. The module is written first, then one commit of the
   * TA's object names it: whatever happens, the one TA or the other has everything.
   */
  install(
    trustedApp: TrustedApp,
    module: Uint8Array,
    probe: Probe,
  ): Result<void, TeecError | Refusal<"not-updatable" | "update-refused">> {
    if (this.#modules === undefined) return err(refusal("not-updatable"));
    const running = this.#run();
    if (!running.ok) return running;
    const owned = taObjectOf(this.#object);
    if (owned === undefined) return err(teecError("TEE_ERROR_CORRUPT_OBJECT", "tee"));
    const state = this.#takeOver(running.value.instance, trustedApp, owned, probe);
    if (state === undefined) return err(refusal("update-refused"));
    const place = this.#modules.write(owned.place, module);
    if (!place.ok) return err(storageError(place.error, "unchanged"));
    const { measurement, version } = trustedApp;
    const next: TaObject = { ...owned, state, measurement, version, place: place.value };
    // Whatever comes of the commit, the next command looks what is there.
    this.#running = undefined;
    const committed = this.#object.commit(encodeTaObject(next));
    if (!committed.ok) return this.#afterFailedInstall(trustedApp, committed.error);
    this.#becomes(trustedApp);
    return ok(undefined);
  }

  /** The state as the new TA has it, if both answer the probe alike; a new TA may stage its own form of the state. */
  #takeOver(
    old: TaInstance,
    trustedApp: TrustedApp,
    owned: TaObject,
    { command, input, agree }: Probe,
  ): Uint8Array | undefined {
    const before = attempt(() => old.invoke(command, input));
    const api = new InternalApi(this.#apiOptions, owned);
    const after = attempt(() => trustedApp.instantiate(api).invoke(command, input));
    const { staged } = api;
    const isKept =
      before?.status === 0 &&
      after?.status === 0 &&
      agree(before.output, after.output) &&
      sameKey(staged ?? owned, owned);
    return isKept ? (staged ?? owned).state : undefined;
  }

  /** The medium failed under the commit: looks which of the two TAs it left, or leaves that to the next command. */
  #afterFailedInstall(trustedApp: TrustedApp, failure: StorageFault): Result<never, TeecError> {
    const recovered = this.#object.recover();
    const owned = recovered.ok ? taObjectOf(this.#object) : undefined;
    if (owned === undefined) this.#pending = trustedApp;
    else if (equalBytes(owned.measurement, trustedApp.measurement)) this.#becomes(trustedApp);
    return err(storageError(failure, "unknown"));
  }

  #becomes(trustedApp: TrustedApp): void {
    this.#trustedApp = trustedApp;
    this.#pending = undefined;
    const { attested, ...rest } = this.#apiOptions;
    this.#apiOptions = { ...rest, attested: { ...attested, ta: trustedApp } };
  }

  /** Lets go of the files. The root of trust is its owner's to close. */
  close(): void {
    this.#sessions.clear();
    this.#running = undefined;
    this.#object.close();
  }

  /** The instance at hand, or a new one over what is committed, once that is known. */
  #run(): Result<{ instance: TaInstance; api: InternalApi }, TeecError> {
    if (this.#running !== undefined) return ok(this.#running);
    if (!this.#object.settled) {
      const recovered = this.#object.recover();
      if (!recovered.ok) return err(storageError(recovered.error, "unchanged"));
    }
    const owned = taObjectOf(this.#object);
    if (owned === undefined) return err(teecError("TEE_ERROR_CORRUPT_OBJECT", "tee"));
    if (this.#pending !== undefined && equalBytes(owned.measurement, this.#pending.measurement)) {
      this.#becomes(this.#pending);
    }
    this.#pending = undefined;
    const api = new InternalApi(this.#apiOptions, owned);
    const instance = attempt(() => this.#trustedApp.instantiate(api));
    if (instance === undefined) return err(teecError("TEEC_ERROR_TARGET_DEAD", "trusted-app"));
    this.#running = { instance, api };
    return ok(this.#running);
  }
}

function sameKey({ privateKey: a }: TaObject, { privateKey: b }: TaObject): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}

export function taObjectOf(object: SecureObject): TaObject | undefined {
  return object.content === undefined ? undefined : decodeTaObject(object.content);
}

/** Undefined for a trap: whatever the TA, or a call that it made, throws. */
function attempt<T extends object>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

function storageError({ code, detail }: StorageFault, state: TeecError["state"]): TeecError {
  const result: TeecErrorCode =
    code !== "io-failed" && code !== "rpmb-worn-out"
      ? "TEE_ERROR_CORRUPT_OBJECT"
      : detail === "ENOSPC"
        ? "TEE_ERROR_STORAGE_NO_SPACE"
        : "TEE_ERROR_STORAGE_NOT_AVAILABLE";
  return teecError(result, "tee", state, code);
}

function isU32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff;
}
