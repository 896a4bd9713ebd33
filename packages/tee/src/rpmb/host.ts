import { createSecretKey, type KeyObject } from "node:crypto";
import { equalBytes, err, ok, type Result } from "@bezant/protocol";
import type { ReplayProtectedMemory } from "../root-of-trust/root-of-trust.ts";
import { VALUE_SIZE } from "../root-of-trust/root-of-trust.ts";
import { fault, type StorageFault } from "../storage/fault.ts";
import { SECTOR_BLOCKS, type RpmbEngine } from "./chip.ts";
import {
  decodeFrame,
  encodeFrame,
  encodeKeyFrame,
  isAuthentic,
  NONCE_SIZE,
  RPMB_RESULT,
  RPMB_TYPE,
  type RpmbFrame,
} from "./frame.ts";

/** Programs the key; a chip takes one key in its life. */
export function programKey(engine: RpmbEngine, key: Uint8Array): Result<void, StorageFault> {
  const { result } = decodeFrame(engine.exchange(encodeKeyFrame(key)));
  return result === RPMB_RESULT.ok ? ok(undefined) : err(resultFault(result));
}

/**
 * The trusted OS's side of the chip: reads with a fresh nonce, writes with the counter, and believes no
 * answer without its MAC.
 */
export class RpmbHost implements ReplayProtectedMemory {
  readonly blocks: number;
  readonly #engine: RpmbEngine;
  readonly #key: KeyObject;
  readonly #random: (length: number) => Uint8Array;
  /** The chip's write counter, or undefined where it has to be asked. */
  #counter: number | undefined;

  constructor(engine: RpmbEngine, key: Uint8Array, random: (length: number) => Uint8Array) {
    this.blocks = engine.blocks / SECTOR_BLOCKS;
    this.#engine = engine;
    this.#key = createSecretKey(key);
    this.#random = random;
  }

  read(block: number): Result<Uint8Array, StorageFault> {
    if (block >= this.blocks) return err(fault("rpmb-refused", "no such block"));
    const address = block * SECTOR_BLOCKS;
    const request = { type: RPMB_TYPE.read, address, blockCount: SECTOR_BLOCKS };
    const answer = this.#ask(request);
    if (!answer.ok) return answer;
    const { address: answered, data } = answer.value;
    if (answered !== address || data.length !== VALUE_SIZE) {
      return err(fault("rpmb-refused", "another address"));
    }
    return ok(data);
  }

  write(block: number, value: Uint8Array): Result<void, StorageFault> {
    if (block >= this.blocks) return err(fault("rpmb-refused", "no such block"));
    const counter = this.#readCounter();
    if (!counter.ok) return counter;
    const data = new Uint8Array(VALUE_SIZE);
    data.set(value);
    this.#counter = undefined;
    const address = block * SECTOR_BLOCKS;
    const next = counter.value + 1;
    const request = { type: RPMB_TYPE.write, address, blockCount: SECTOR_BLOCKS, data };
    // One answer is good. Its MAC is made before the wait: after it, with cold caches, that takes several times as long.
    const good = encodeFrame({ type: RPMB_TYPE.written, address, counter: next }, this.#key);
    const sent = encodeFrame({ ...request, counter: counter.value }, this.#key);
    const answer = this.#engine.exchange(sent);
    if (!equalBytes(answer, good)) return err(this.#whyNot(answer));
    this.#counter = next;
    return ok(undefined);
  }

  #readCounter(): Result<number, StorageFault> {
    if (this.#counter !== undefined) return ok(this.#counter);
    const answer = this.#ask({ type: RPMB_TYPE.readCounter });
    return answer.ok ? ok(answer.value.counter) : answer;
  }

  /** A request whose answer must repeat the nonce, so that no recorded answer serves. */
  #ask(request: RpmbFrame): Result<Required<RpmbFrame>, StorageFault> {
    const nonce = this.#random(NONCE_SIZE);
    const answer = this.#exchange({ ...request, nonce });
    if (answer.ok && !equalBytes(answer.value.nonce, nonce)) {
      return err(fault("rpmb-refused", "another nonce"));
    }
    return answer;
  }

  #exchange(request: RpmbFrame): Result<Required<RpmbFrame>, StorageFault> {
    const bytes = this.#engine.exchange(encodeFrame(request, this.#key));
    const answer = decodeFrame(bytes);
    const refused = this.#disbelief(bytes, answer, request.type << 8);
    if (refused !== undefined) return err(refused);
    const result = answer.result & ~RPMB_RESULT.counterExpired;
    return result === RPMB_RESULT.ok ? ok(answer) : err(resultFault(answer.result));
  }

  /** What is wrong with an answer to a write. */
  #whyNot(bytes: Uint8Array): StorageFault {
    const answer = decodeFrame(bytes);
    const refused = this.#disbelief(bytes, answer, RPMB_TYPE.written);
    if (refused !== undefined) return refused;
    return answer.result === RPMB_RESULT.ok
      ? fault("rpmb-refused", "the write counter did not rise by one")
      : resultFault(answer.result);
  }

  #disbelief(bytes: Uint8Array, { result, type }: Required<RpmbFrame>, expected: number) {
    if (result === RPMB_RESULT.keyNotProgrammed) return resultFault(result);
    if (!isAuthentic(bytes, this.#key)) return fault("rpmb-refused", "wrong MAC");
    return type === expected ? undefined : fault("rpmb-refused", "another response");
  }
}

function resultFault(result: number): StorageFault {
  if ((result & RPMB_RESULT.counterExpired) !== 0) return fault("rpmb-worn-out");
  if (result === RPMB_RESULT.writeFailure || result === RPMB_RESULT.readFailure) {
    return fault("io-failed", `RPMB result ${result}`);
  }
  return fault("rpmb-refused", `RPMB result ${result}`);
}
