/**
 * What a TA may ask of its trusted OS: the internal API of GlobalPlatform, cut down to what this TA needs. Every call is
 * synchronous, as in a TEE. Buffers belong to the caller; what is returned is never written to again.
 */
export interface TeeInternalApi {
  /** SHA-256, 32 bytes. */
  digest(data: Uint8Array): Uint8Array;
  random(length: number): Uint8Array;
  /**
   * Makes the TA's key, in place of any earlier one, and returns x || y (64 bytes). Staged with the state: without a
   * commit there is no new key, and the earlier one stays.
   */
  generateKey(): Uint8Array;
  /** x || y of a compressed point (SEC 1 §2.3.4), or undefined where it is no point of P-256. */
  expand(key33: Uint8Array): Uint8Array | undefined;
  /** ESP256 with the TA's key: r || s, 64 bytes, low-s. */
  sign(message: Uint8Array): Uint8Array;
  /** Says false, never throws, for any key and any 64 bytes that are not a low-s signature of the message. */
  verify(key33: Uint8Array, message: Uint8Array, signature64: Uint8Array): boolean;
  /**
   * TOS.Attest: evidence about this TA for one relying party (docs/protocol.md §5).
   *
   * @param audience the relying party's id, UTF-8
   * @param nonce16 the relying party's nonce
   * @param vk33 T.vk, compressed
   * @param anchor32 thumbprint of the root key that the TA pinned
   */
  attest(
    audience: Uint8Array,
    nonce16: Uint8Array,
    vk33: Uint8Array,
    anchor32: Uint8Array,
  ): Uint8Array;
  /** The last committed state, empty if there is none. */
  readState(): Uint8Array;
  /** Hands over the state that the trusted OS commits before it releases the output of the command. */
  stageState(state: Uint8Array): void;
}

/** One loaded TA, whatever it is made of. */
export interface TaInstance {
  /**
   * Runs one command. A status other than 0 comes with an empty output. An exception means that the instance has
   * trapped: it must be discarded, and nothing that it staged may be committed.
   */
  invoke(command: number, input: Uint8Array): { status: number; output: Uint8Array };
}

/** The names a TA module may import, all from module `tee`; any other is refused before it is loaded. */
export const INTERNAL_API_IMPORTS = [
  "attest",
  "digest",
  "expand",
  "generateKey",
  "random",
  "readState",
  "sign",
  "stageState",
  "verify",
] as const;
