import { checkSignature, toHex, type CompressedKey, type SyncSigner } from "@bezant/protocol";
import type { TeeInternalApi } from "@bezant/trusted-app";
import type { Random } from "../crypto/private-key.ts";
import type { RootOfTrust } from "../root-of-trust/root-of-trust.ts";
import { attest, type Attested } from "./attestation.ts";
import type { TaCryptography } from "./cryptography.ts";
import { MAX_STATE, type TaObject } from "./ta-object.ts";

export type InternalApiOptions = {
  readonly rootOfTrust: RootOfTrust;
  readonly random: Random;
  readonly cryptography: TaCryptography;
  readonly attested: Attested;
};

type Key = { readonly privateKey: Uint8Array; readonly signer: SyncSigner };

/** What a TA may ask, over the object that was committed last. What it stages waits here for the commit. */
export class InternalApi implements TeeInternalApi {
  readonly #options: InternalApiOptions;
  #committed: TaObject;
  #key: Key | undefined;
  #staged = false;
  #state: Uint8Array;

  constructor(options: InternalApiOptions, committed: TaObject) {
    this.#options = options;
    this.#committed = committed;
    this.#state = committed.state;
    this.#key = this.#openKey(committed.privateKey);
  }

  /** What the command staged, as the object to commit; undefined where it staged nothing. */
  get staged(): TaObject | undefined {
    if (!this.#staged) return undefined;
    const { privateKey: _, ...rest } = this.#committed;
    const key = this.#key === undefined ? {} : { privateKey: this.#key.privateKey };
    return { ...rest, ...key, state: this.#state };
  }

  /** From now on the TA reads this. */
  committed(object: TaObject): void {
    this.#committed = object;
    this.#state = object.state;
    this.#staged = false;
  }

  digest(data: Uint8Array): Uint8Array {
    return this.#options.cryptography.digest(data);
  }

  random(length: number): Uint8Array {
    return this.#options.random(length);
  }

  generateKey(): Uint8Array {
    const { cryptography, random } = this.#options;
    const key = this.#openKey(cryptography.makePrivateKey(random));
    this.#key = key;
    this.#staged = true;
    const { x, y } = key.signer.publicKey;
    return Buffer.concat([x, y]);
  }

  expand(key33: Uint8Array): Uint8Array | undefined {
    return this.#options.cryptography.expand(key33);
  }

  sign(message: Uint8Array): Uint8Array {
    if (this.#key === undefined) throw new Error("the TA signs without a key");
    return this.#key.signer.sign(message);
  }

  verify(key33: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
    if (checkSignature(signature) !== undefined) return false;
    const key = toHex(key33) as CompressedKey;
    return this.#options.cryptography.verifier.verify({ key, message, signature });
  }

  attest(audience: Uint8Array, nonce: Uint8Array, vk: Uint8Array, anchor: Uint8Array): Uint8Array {
    const { rootOfTrust, attested } = this.#options;
    return attest(rootOfTrust, attested, { audience, nonce, vk, anchor });
  }

  readState(): Uint8Array {
    return this.#committed.state;
  }

  stageState(state: Uint8Array): void {
    if (state.length > MAX_STATE) throw new RangeError(`a state of ${state.length} bytes`);
    this.#state = state.slice();
    this.#staged = true;
  }

  #openKey(privateKey: Uint8Array): Key;
  #openKey(privateKey: Uint8Array | undefined): Key | undefined;
  #openKey(privateKey: Uint8Array | undefined): Key | undefined {
    if (privateKey === undefined) return undefined;
    return { privateKey, signer: this.#options.cryptography.signer(privateKey) };
  }
}
