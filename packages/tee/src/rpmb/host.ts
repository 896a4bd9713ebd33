import { equalBytes, err, ok, type Result } from "@bezant/protocol";
import type { ReplayProtectedMemory } from "../root-of-trust/root-of-trust.ts";
import { VALUE_SIZE } from "../root-of-trust/root-of-trust.ts";
import { fault, type StorageFault } from "../storage/fault.ts";
import type { RpmbEngine } from "./chip.ts";
import {
  DATA_SIZE,
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
  readonly #key: Uint8Array;
  readonly #random: (length: number) => Uint8Array;
  /** The chip's write counter, or undefined where it has to be asked. */
  #counter: number | undefined;

  constructor(engine: RpmbEngine, key: Uint8Array, random: (length: number) => Uint8Array) {
    this.blocks = engine.blocks;
    this.#engine = engine;
    this.#key = key;
    this.#random = random;
  }

  read(block: number): Result<Uint8Array, StorageFault> {
    const answer = this.#ask({ type: RPMB_TYPE.read, address: block, blockCount: 1 });
    if (!answer.ok) return answer;
    if (answer.value.address !== block) return err(fault("rpmb-refused", "another address"));
    return ok(answer.value.data.slice(0, VALUE_SIZE));
  }

  write(block: number, value: Uint8Array): Result<void, StorageFault> {
    const counter = this.#readCounter();
    if (!counter.ok) return counter;
    const data = new Uint8Array(DATA_SIZE);
    data.set(value);
    this.#counter = undefined;
    const request = { type: RPMB_TYPE.write, address: block, blockCount: 1, data };
    const answer = this.#exchange({ ...request, counter: counter.value });
    if (!answer.ok) return answer;
    if (answer.value.counter !== counter.value + 1 || answer.value.address !== block) {
      return err(fault("rpmb-refused", "the write counter did not rise by one"));
    }
    this.#counter = answer.value.counter;
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
    if (answer.result === RPMB_RESULT.keyNotProgrammed) return err(resultFault(answer.result));
    if (!isAuthentic(bytes, this.#key)) return err(fault("rpmb-refused", "wrong MAC"));
    if (answer.type !== request.type << 8) return err(fault("rpmb-refused", "another response"));
    const isRead = request.type !== RPMB_TYPE.write;
    const result = isRead ? answer.result & ~RPMB_RESULT.counterExpired : answer.result;
    return result === RPMB_RESULT.ok ? ok(answer) : err(resultFault(result));
  }
}

function resultFault(result: number): StorageFault {
  if ((result & RPMB_RESULT.counterExpired) !== 0) return fault("rpmb-worn-out");
  if (result === RPMB_RESULT.writeFailure || result === RPMB_RESULT.readFailure) {
    return fault("io-failed", `RPMB result ${result}`);
  }
  return fault("rpmb-refused", `RPMB result ${result}`);
}
