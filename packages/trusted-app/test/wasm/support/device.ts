import { readFileSync } from "node:fs";
import { unwrap } from "@bezant/protocol";
import {
  COMMANDS,
  encodeInput,
  readAnswer,
  type Answer,
  type CommandName,
  type Input,
  type Output,
  type Status,
} from "../../../src/commands.ts";
import { bind, loadTa } from "../../../src/wasm.ts";
import { Crypto } from "../../world/crypto.ts";
import type { Random } from "../../world/random.ts";
import { TrustedOs } from "../../world/trusted-os.ts";

export const moduleBytes = readFileSync(new URL("../../../bin/ops-ta.wasm", import.meta.url));
const module = unwrap(loadTa(moduleBytes));
const crypto = new Crypto();

/** A device with the compiled TA. */
export class Device {
  readonly os: TrustedOs;

  constructor(random: Random) {
    const entropy = {
      random: (length: number) => random.bytes(length),
      newKey: () => crypto.newKey(random),
    };
    this.os = new TrustedOs(crypto, entropy, crypto.newKey(random), (api) => bind(module, api));
  }

  invoke(command: number, input: Uint8Array): Answer {
    return this.os.invoke(command, input);
  }

  /** A command that has to succeed. */
  call<N extends CommandName>(name: N, input: Input<N>): Output<N> {
    const answer = this.invoke(COMMANDS[name].number, encodeInput(name, input));
    return unwrap(readAnswer(name, answer));
  }

  /** A command's status alone. */
  status<N extends CommandName>(name: N, input: Input<N>): Status {
    const answer = this.invoke(COMMANDS[name].number, encodeInput(name, input));
    const result = readAnswer(name, answer);
    return result.ok ? "ok" : result.error;
  }

  get state(): Uint8Array {
    return this.os.committed;
  }

  /** Puts another committed state in the place of this one, to reach what takes a life of payments. */
  edit(change: (state: DataView) => void): void {
    const state = this.state.slice();
    change(new DataView(state.buffer));
    this.os.committed = state;
  }
}

export { crypto };
