/**
 * The internal API: all that this application asks of the trusted OS. Addresses point into its own memory. The trusted OS
 * checks them again, and keeps T.sk: the key is never in this memory.
 */

// @ts-ignore: decorator
@external("tee", "digest")
/** SHA-256 of `length` bytes: 32 bytes at `out`. */
export declare function digest(at: usize, length: u32, out: usize): void;

// @ts-ignore: decorator
@external("tee", "random")
/** Fills `length` bytes from the TEE's generator. */
export declare function random(at: usize, length: u32): void;

// @ts-ignore: decorator
@external("tee", "generateKey")
/** Makes T.sk anew, in place of any earlier one, staged with the state: x || y of T.vk, 64 bytes at `out`. */
export declare function generateKey(out: usize): void;

// @ts-ignore: decorator
@external("tee", "expand")
/** x || y of a compressed point, 64 bytes at `out`; 0 if it is no point of P-256. */
export declare function expand(key: usize, out: usize): i32;

// @ts-ignore: decorator
@external("tee", "sign")
/** ESP256 with T.sk, low-s: 64 bytes at `out`. */
export declare function sign(at: usize, length: u32, out: usize): void;

// @ts-ignore: decorator
@external("tee", "verify")
/** ESP256 under a compressed point: 1 if the 64 bytes at `signature` are its signature. */
export declare function verify(key: usize, at: usize, length: u32, signature: usize): i32;

// @ts-ignore: decorator
@external("tee", "attest")
/** TOS.Attest: evidence of at most `capacity` bytes at `out`; gives its length. */
export declare function attest(
  audience: usize,
  audienceLength: u32,
  nonce: usize,
  vk: usize,
  anchor: usize,
  out: usize,
  capacity: u32,
): u32;

// @ts-ignore: decorator
@external("tee", "readState")
/** The state committed last; gives its length, 0 if there is none. */
export declare function readState(out: usize, capacity: u32): u32;

// @ts-ignore: decorator
@external("tee", "stageState")
/** The state that the trusted OS commits before it releases the output. */
export declare function stageState(at: usize, length: u32): void;
