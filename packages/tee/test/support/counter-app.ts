import type { TaInstance, TeeInternalApi } from "@bezant/trusted-app";
import type { TrustedApp } from "../../src/index.ts";

/** The commands of a TA that is as small as one can be and still do everything a trusted OS has to cope with. */
export const COUNTER = {
  makeKey: 1,
  add: 2,
  read: 3,
  sign: 4,
  refuse: 5,
  refuseAndStage: 6,
  trapAfterStaging: 7,
  attest: 8,
  stageTooMuch: 9,
  echo: 10,
  verify: 11,
  stageThenRead: 12,
  makeMuch: 13,
} as const;

export const COUNTER_AUDIENCE = "bank-a";
const EMPTY = new Uint8Array();

/** More changes at once than an anchor has room for. */
const MUCH = 1000;

/** State: the sum as one u32, then the key's x || y, or whatever else was made. Inputs and outputs are raw bytes. */
export const counterApp: TrustedApp = {
  measurement: new Uint8Array(32).fill(0xc0),
  version: 1,
  instantiate: counterInstance,
};

function counterInstance(api: TeeInternalApi): TaInstance {
  const sum = (): number => {
    const state = api.readState();
    return state.length === 0 ? 0 : new DataView(state.buffer, state.byteOffset).getUint32(0);
  };
  const stage = (value: number, key: Uint8Array = api.readState().subarray(4)): Uint8Array => {
    const state = new Uint8Array(4 + key.length);
    new DataView(state.buffer).setUint32(0, value);
    state.set(key, 4);
    api.stageState(state);
    return state.slice(0, 4);
  };
  const commands: Record<number, (input: Uint8Array) => { status: number; output: Uint8Array }> = {
    [COUNTER.makeKey]() {
      const key = api.generateKey();
      stage(sum(), key);
      return { status: 0, output: key };
    },
    [COUNTER.add]: (input) => ({ status: 0, output: stage(sum() + (input[0] ?? 0)) }),
    [COUNTER.makeMuch]: (input) => ({
      status: 0,
      output: stage(
        input[0] ?? 0,
        new Uint8Array(MUCH).map((_, i) => i * i),
      ),
    }),
    [COUNTER.read]: () => ({ status: 0, output: api.readState() }),
    [COUNTER.sign]: (input) => ({ status: 0, output: api.sign(input) }),
    [COUNTER.refuse]: () => ({ status: 17, output: EMPTY }),
    [COUNTER.refuseAndStage](input) {
      stage(sum() + (input[0] ?? 0));
      return { status: 26, output: EMPTY };
    },
    [COUNTER.trapAfterStaging]() {
      api.generateKey();
      stage(999);
      throw new Error("unreachable");
    },
    [COUNTER.attest](nonce) {
      const [x, y] = [api.readState().subarray(4, 36), api.readState().subarray(36)];
      const vk = Uint8Array.of(2 + ((y[31] ?? 0) & 1), ...x);
      const audience = new TextEncoder().encode(COUNTER_AUDIENCE);
      return { status: 0, output: api.attest(audience, nonce, vk, new Uint8Array(32).fill(5)) };
    },
    [COUNTER.stageTooMuch]() {
      api.stageState(new Uint8Array(100_000));
      return { status: 0, output: EMPTY };
    },
    [COUNTER.verify]: (input) => {
      const [key, signature] = [input.subarray(0, 33), input.subarray(33, 97)];
      const valid = api.verify(key, input.subarray(97), signature);
      return { status: valid ? 0 : 12, output: EMPTY };
    },
    [COUNTER.stageThenRead](input) {
      const state = new Uint8Array(4).fill(input[0] ?? 0);
      api.stageState(state);
      state.fill(0xff);
      return { status: 0, output: api.readState() };
    },
    [COUNTER.echo]: (input) => ({ status: 0, output: input.slice() }),
  };
  return {
    invoke: (command, input) => commands[command]?.(input) ?? { status: 2, output: EMPTY },
  };
}
