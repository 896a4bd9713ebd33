import { toHex } from "@bezant/protocol";
import {
  COMMANDS,
  encodeInput,
  readAnswer,
  statusOf,
  type CommandName,
  type Input,
  type Output,
  type Status,
} from "../../src/commands.ts";
import { TrustedOs, type MakeTa } from "../../test/world/trusted-os.ts";
import type { Crypto } from "../../test/world/crypto.ts";
import type { Random } from "../../test/world/random.ts";

/** One command of a trace, in hexadecimal. */
export type Step = {
  readonly name: string;
  readonly command: string;
  readonly number: number;
  readonly input: string;
  readonly drawn: readonly string[];
  readonly expected: { readonly status: Status; readonly output: string };
};

export type Trace = {
  readonly name: string;
  readonly section: string;
  /** The private key with which the device signs evidence. */
  readonly device: string;
  readonly steps: readonly Step[];
};

/** A device with one TA, and all that it was asked. */
export class Recorder {
  readonly #os: TrustedOs;
  readonly #device: string;
  readonly #steps: Step[] = [];
  #drawn: string[] = [];

  constructor(crypto: Crypto, random: Random, make: MakeTa) {
    const noted = <T>(drawn: T, bytes: (drawn: T) => Uint8Array): T => {
      this.#drawn.push(toHex(bytes(drawn)));
      return drawn;
    };
    const entropy = {
      random: (length: number) => noted(random.bytes(length), (bytes) => bytes),
      newKey: () => noted(crypto.newKey(random), ({ secret }) => secret),
    };
    const device = crypto.newKey(random);
    this.#device = toHex(device.secret);
    this.#os = new TrustedOs(crypto, entropy, device, make);
  }

  /** A command that is to succeed. */
  ok<N extends CommandName>(name: string, command: N, input: Input<N>): Output<N> {
    const { number } = COMMANDS[command];
    const answer = this.#run(name, command, number, encodeInput(command, input), "ok");
    const read = readAnswer(command, answer);
    if (!read.ok) throw new Error(`${name}: ${read.error}`);
    return read.value;
  }

  /** A command that is to be refused so. */
  refused<N extends CommandName>(
    status: Exclude<Status, "ok">,
    name: string,
    command: N,
    input: Input<N>,
  ): void {
    this.#run(name, command, COMMANDS[command].number, encodeInput(command, input), status);
  }

  /** Bytes that are no input, or to a number that is no command. */
  raw(status: Exclude<Status, "ok">, name: string, number: number, input: Uint8Array): void {
    this.#run(name, "", number, input, status);
  }

  trace(name: string, section: string): Trace {
    return { name, section, device: this.#device, steps: this.#steps };
  }

  #run(name: string, command: string, number: number, input: Uint8Array, wanted: Status) {
    this.#drawn = [];
    const answer = this.#os.invoke(number, input);
    const status = statusOf(answer.status);
    if (status !== wanted) throw new Error(`${name}: ${status}, not ${wanted}`);
    this.#steps.push({
      name,
      command,
      number,
      input: toHex(input),
      drawn: this.#drawn,
      expected: { status, output: toHex(answer.output) },
    });
    return answer;
  }
}
