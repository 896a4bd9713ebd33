import {
  evidence,
  thumbprint,
  toHex,
  type CompressedKey,
  type DeviceId,
  type PartyId,
} from "@bezant/protocol";
import type { Answer } from "../../src/commands.ts";
import type { TaInstance, TeeInternalApi } from "../../src/internal-api.ts";
import type { Crypto, Key } from "./crypto.ts";

/** Where a trusted OS gets its randomness and its TA's keys from. */
export interface Entropy {
  random(length: number): Uint8Array;
  newKey(): Key;
}

export type MakeTa = (api: TeeInternalApi) => TaInstance;

type Commit = { readonly state?: Uint8Array; readonly key?: Key };

/**
 * A trusted OS without a process or a disk: it commits what a command has staged, and only then releases the output.
 * What is committed outlives the TA's instance.
 */
export class TrustedOs implements TeeInternalApi {
  committed: Uint8Array = new Uint8Array();
  /** Whether the last command staged a state. */
  staged = false;
  readonly #crypto: Crypto;
  readonly #entropy: Entropy;
  readonly #device: Key;
  readonly #make: MakeTa;
  #instance: TaInstance | undefined;
  #key: Key | undefined;
  #pending: Commit = {};

  constructor(crypto: Crypto, entropy: Entropy, device: Key, make: MakeTa) {
    this.#crypto = crypto;
    this.#entropy = entropy;
    this.#device = device;
    this.#make = make;
  }

  /** Runs a command; with `cut` the power fails before the commit, and nobody sees the answer. */
  invoke(command: number, input: Uint8Array, cut = false): Answer {
    this.#pending = {};
    this.#instance ??= this.#make(this);
    const answer = this.#instance.invoke(command, input);
    const { state, key } = this.#pending;
    this.staged = state !== undefined;
    if (cut) {
      this.kill();
      return answer;
    }
    if (key !== undefined) this.#key = key;
    if (state !== undefined) this.committed = state;
    return answer;
  }

  /** Ends the TA's instance; the next command starts one from the last committed state. */
  kill(): void {
    this.#instance = undefined;
  }

  digest(data: Uint8Array): Uint8Array {
    return this.#crypto.digest(data);
  }

  random(length: number): Uint8Array {
    return this.#entropy.random(length);
  }

  generateKey(): Uint8Array {
    const key = this.#entropy.newKey();
    this.#pending = { ...this.#pending, key };
    return key.point;
  }

  expand(key33: Uint8Array): Uint8Array | undefined {
    return this.#crypto.expand(key33);
  }

  sign(message: Uint8Array): Uint8Array {
    if (this.#key === undefined) throw new Error("no TA key");
    return this.#key.sign(message);
  }

  verify(key33: Uint8Array, message: Uint8Array, signature64: Uint8Array): boolean {
    return this.#crypto.verify(key33, message, signature64);
  }

  attest(audience: Uint8Array, nonce: Uint8Array, vk: Uint8Array, anchor: Uint8Array): Uint8Array {
    const device = toHex(thumbprint(this.#device.publicKey)) as DeviceId;
    const name = String.fromCharCode(...audience) as PartyId;
    const context = { currency: "", home: "", signer: device, audience: name } as const;
    const measurements = {
      taMeasurement: new Uint8Array(32),
      taVersion: 1,
      tosMeasurement: new Uint8Array(32),
      tosVersion: 1,
      securityLevel: 1,
      anchor,
    } as const;
    const claims = { key: toHex(vk) as CompressedKey, nonce, device, debug: 4, measurements };
    return evidence.sign(claims, context, this.#device);
  }

  readState(): Uint8Array {
    return this.committed;
  }

  stageState(state: Uint8Array): void {
    this.#pending = { ...this.#pending, state: Uint8Array.from(state) };
  }
}
