// The TA's header: all that a host needs to know of it (docs/protocol.md §13.2, §13.5).
import {
  decode,
  encode,
  err,
  ok,
  type CodecError,
  type Infer,
  type Result,
  type Schema,
} from "@bezant/protocol";
import { COMMANDS } from "./command-table.ts";
import { statusOf, type TaRefusal } from "./status.ts";

export { COMMANDS } from "./command-table.ts";
export { statusNumber, statusOf, STATUSES, type Status, type TaRefusal } from "./status.ts";

/** No input of a command is longer. */
export const MAX_INPUT = 4096;

export type CommandName = keyof typeof COMMANDS;
export type Input<N extends CommandName> = Infer<(typeof COMMANDS)[N]["input"]>;
/** An encoded message is given as its bytes. */
export type Output<N extends CommandName> = (typeof COMMANDS)[N] extends {
  readonly output: Schema<infer O>;
}
  ? O
  : Uint8Array;

const NAMES = new Map<number, CommandName>(
  Object.entries(COMMANDS).map(([name, { number }]) => [number, name as CommandName]),
);

/** The command with this number, if there is one. */
export function commandOf(number: number): CommandName | undefined {
  return NAMES.get(number);
}

export function encodeInput<N extends CommandName>(name: N, input: Input<N>): Uint8Array {
  return encode(inputOf(name), input);
}

export function decodeInput<N extends CommandName>(
  name: N,
  input: Uint8Array,
): Result<Input<N>, CodecError> {
  return decode(inputOf(name), input);
}

export function encodeOutput<N extends CommandName>(name: N, output: Output<N>): Uint8Array {
  const schema = outputOf(name);
  return schema === undefined ? (output as Uint8Array) : encode(schema, output);
}

/** What a TA has answered, as the host is given it. */
export type Answer = { readonly status: number; readonly output: Uint8Array };

/** Reads an answer. One that no TA of this version gives is not a refusal but a bug of the host, and throws. */
export function readAnswer<N extends CommandName>(
  name: N,
  { status, output }: Answer,
): Result<Output<N>, TaRefusal> {
  const code = statusOf(status);
  if (code === undefined) throw new Error(`${name}: unknown status ${status}`);
  if (code !== "ok") return err(code);
  const schema = outputOf(name);
  if (schema === undefined) return ok(output as Output<N>);
  const decoded = decode(schema, output);
  if (!decoded.ok) throw new Error(`${name}: output ${decoded.error.code}`);
  return decoded;
}

/** One command from its typed input to its typed output, for a TA that can be called directly. */
export function call<N extends CommandName>(
  ta: { invoke(command: number, input: Uint8Array): Answer },
  name: N,
  input: Input<N>,
): Result<Output<N>, TaRefusal> {
  return readAnswer(name, ta.invoke(COMMANDS[name].number, encodeInput(name, input)));
}

function inputOf<N extends CommandName>(name: N): Schema<Input<N>> {
  return COMMANDS[name].input as Schema<unknown> as Schema<Input<N>>;
}

function outputOf<N extends CommandName>(name: N): Schema<Output<N>> | undefined {
  const command = COMMANDS[name];
  const schema = "output" in command ? (command.output as Schema<unknown>) : undefined;
  return schema as Schema<Output<N>> | undefined;
}
