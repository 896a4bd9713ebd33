import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  checkSignature,
  concatBytes,
  decompress,
  encode,
  equalBytes,
  fromHex,
  toHex,
  type Schema,
  type CompressedKey,
} from "@bezant/protocol";
import {
  COMMANDS,
  commandOf,
  decodeInput,
  statusOf,
  type Answer,
} from "@bezant/trusted-app/commands";
import { createReferenceTa, decodeState } from "@bezant/trusted-app/reference";
import type { TaInstance, TeeInternalApi } from "@bezant/trusted-app";
import { bind, loadTa } from "@bezant/trusted-app/wasm";
import { allItems, parseItem, writeItem } from "../items.ts";
import { mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import { must, type Target } from "../target.ts";
import { corpus, example, examples, vectors } from "../vectors.ts";

// The measured TA and the reference, each with a state of its own, get the same commands: status, output, state and what
// they ask of the trusted OS must be the same. Signatures are a stub that accepts most of what is well-formed, so that
// changed messages reach every rule behind them.

const loaded = loadTa(
  readFileSync(new URL(import.meta.resolve("@bezant/trusted-app/ops-ta.wasm"))),
);
if (!loaded.ok) throw new Error(loaded.error);
const wasm = loaded.value;

interface Key {
  readonly name: string;
  readonly x: string;
  readonly y: string;
  readonly key: string;
}
const keys = vectors<Key>("keys.json");
const keyOf = (name: string): Key => keys.find((it) => it.name === name) as Key;
const own = keyOf("alice ta");
const points = new Map<string, Uint8Array | undefined>();

class System implements TeeInternalApi {
  state: Uint8Array = new Uint8Array();
  asked = "";
  #staged: Uint8Array | undefined;
  #drawn = 0;
  readonly #ta: TaInstance;

  constructor(make: (api: TeeInternalApi) => TaInstance) {
    this.#ta = make(this);
  }

  invoke(command: number, input: Uint8Array): Answer {
    this.asked = "";
    this.#staged = undefined;
    const answer = this.#ta.invoke(command, input);
    this.state = this.#takeStaged() ?? this.state;
    return answer;
  }

  #takeStaged(): Uint8Array | undefined {
    return this.#staged;
  }

  digest(data: Uint8Array): Uint8Array {
    return new Uint8Array(createHash("sha256").update(data).digest());
  }
  random(length: number): Uint8Array {
    this.asked += ` random ${length}`;
    return new Uint8Array(length).fill(++this.#drawn);
  }
  generateKey(): Uint8Array {
    this.asked += " key";
    return concatBytes(fromHex(own.x), fromHex(own.y));
  }
  expand(key33: Uint8Array): Uint8Array | undefined {
    const key = toHex(key33);
    if (!points.has(key)) {
      if (points.size > 10_000) points.clear();
      const point = decompress(key as CompressedKey);
      points.set(key, point.ok ? concatBytes(point.value.x, point.value.y) : undefined);
    }
    return points.get(key);
  }
  sign(message: Uint8Array): Uint8Array {
    this.asked += " sign";
    const half = this.digest(message).with(0, 1);
    return concatBytes(half, half);
  }
  verify(_key: Uint8Array, _message: Uint8Array, signature: Uint8Array): boolean {
    return checkSignature(signature) === undefined && (signature[40] ?? 0) % 16 !== 0;
  }
  attest(...parts: Uint8Array[]): Uint8Array {
    return concatBytes(...parts);
  }
  readState(): Uint8Array {
    return this.state;
  }
  stageState(state: Uint8Array): void {
    this.asked += " stage";
    this.#staged = Uint8Array.from(state);
  }
}

/** What a command can be given: bytes are messages of the vectors, in the places where messages stand. */
const numbers = Object.values(COMMANDS).map(({ number }) => number);
const certificates = vectors<{ given: { certificate?: string; chain?: string[] } }>(
  "certificates.json",
);
const certified = certificates.flatMap(({ given: { certificate, chain } }) =>
  certificate === undefined || chain === undefined ? [] : [[certificate, ...chain].map(fromHex)],
);
const [home = []] = certified;
const [HOME_LEAF, HOME_PROVIDER, HOME_INTERMEDIARY] = home as [Uint8Array, Uint8Array, Uint8Array];
const limits = example("limits-profile");

/** Arrays, as commands take them, written by hand: this file knows no command but those of the start. */
const array = (...parts: Uint8Array[]): Uint8Array =>
  concatBytes(Uint8Array.of(0x80 | parts.length), ...parts);
const bstr = (bytes: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(0x59, bytes.length >> 8, bytes.length & 0xff).subarray(0, 3), bytes);
const shortBstr = (bytes: Uint8Array): Uint8Array =>
  bytes.length < 24
    ? concatBytes(Uint8Array.of(0x40 | bytes.length), bytes)
    : bytes.length < 256
      ? concatBytes(Uint8Array.of(0x58, bytes.length), bytes)
      : bstr(bytes);
const number = (n: number): Uint8Array =>
  n < 24
    ? Uint8Array.of(n)
    : n < 256
      ? Uint8Array.of(0x18, n)
      : Uint8Array.of(0x19, n >> 8, n & 255);

const step = (command: number, input: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(command), input);
const certification = (
  leaf: Uint8Array,
  provider: Uint8Array,
  intermediary: Uint8Array,
): Uint8Array =>
  array(shortBstr(leaf), array(shortBstr(provider), shortBstr(intermediary)), shortBstr(limits));
const begin = [
  step(COMMANDS.Init.number, array(shortBstr(fromHex(keyOf("root").key)))),
  step(COMMANDS.CertInit.number, certification(HOME_LEAF, HOME_PROVIDER, HOME_INTERMEDIARY)),
];

/** The kind of message that a command takes; a command that is not here is given any. */
const TAKES: Readonly<Record<string, string>> = {
  Deposit: "deposit-confirmation",
  AckWithdraw: "withdrawal-acknowledgement",
  Pay: "payment-request",
  Collect: "payment",
  Settle: "outcome",
  Sync: "sync-response",
};
const ofKind = Map.groupBy(examples, ({ message }) => message);

/** A message about the first few of whatever is numbered, since a session is short. */
function withSmallNumbers(random: Random, bytes: Uint8Array): Uint8Array {
  const root = parseItem(bytes);
  if (root === undefined) return bytes;
  for (const item of allItems(root)) {
    const isTyp = item.argument >= 65_000n && item.argument < 65_536n;
    if (item.major === 0 && !isTyp && random.chance(0.3))
      item.argument = BigInt(1 + random.below(3));
  }
  return writeItem(root);
}

/** One place of an input: a small number, or a message. */
function place(random: Random, command?: number): Uint8Array {
  const kind = TAKES[commandOf(command ?? 0) ?? ""];
  const fitting = kind === undefined ? undefined : ofKind.get(kind);
  if (fitting !== undefined && random.chance(0.7)) {
    const bytes = withSmallNumbers(random, fromHex(random.pick(fitting).bytes));
    return shortBstr(random.chance(0.3) ? bytes : mutate(random, bytes, corpus));
  }
  switch (random.below(5)) {
    case 0:
      return number(random.pick([0, 1, 2, 3, 5, 10, 100, 1_000, 65_535]));
    case 1:
      return shortBstr(random.bytes(random.pick([4, 6, 8, 12, 16, 33])));
    default:
      return shortBstr(
        random.chance(0.4) ? random.pick(corpus) : mutate(random, random.pick(corpus), corpus),
      );
  }
}

function inputOf(random: Random, command: number): Uint8Array {
  if (random.chance(0.08)) {
    const [leaf = HOME_LEAF, ...chain] = random.pick(certified);
    const [provider = HOME_PROVIDER, intermediary = HOME_INTERMEDIARY] = chain;
    return certification(leaf, provider, intermediary);
  }
  // Without knowing its form: as many places as it reads, found by asking its own decoder.
  const name = commandOf(command);
  for (let tries = 0; tries < 4 && name !== undefined; tries++) {
    const made = array(...Array.from({ length: random.below(4) }, () => place(random, command)));
    if (decodeInput(name, made).ok) return made;
  }
  return mutate(random, array(place(random), place(random)), corpus);
}

export const trustedApp: Target = {
  name: "trusted-app",
  make(random) {
    const steps = random.chance(0.95) ? [...begin] : [];
    const length = 4 + random.below(40);
    while (steps.length < length) {
      const any = random.chance(0.98) ? random.pick(numbers) : random.below(256);
      // What ends the instance comes seldom, or nothing would come after it.
      const command =
        any === COMMANDS.Retire.number && random.chance(0.95) ? COMMANDS.Deposit.number : any;
      steps.push(step(command, inputOf(random, command)));
    }
    return steps;
  },
  run(steps) {
    const systems = [new System((api) => bind(wasm, api)), new System(createReferenceTa)] as const;
    const [first, second] = systems;
    for (const [command = 0, ...rest] of steps) {
      const bytes = Uint8Array.from(rest);
      const [a, b] = systems.map((system) => system.invoke(command, bytes)) as [Answer, Answer];
      const what = `${commandOf(command)}: ${statusOf(a.status)} and ${statusOf(b.status)}`;
      must(a.status === b.status, `the same status of ${what}`);
      must(equalBytes(a.output, b.output), `the same output of ${what}`);
      must(
        first.asked === second.asked,
        `the same calls of ${what}:${first.asked} and${second.asked}`,
      );
      must(equalBytes(first.state, second.state), `the same state after ${what}`);
      const name = commandOf(command);
      const decoded = name === undefined ? undefined : decodeInput(name, bytes);
      if (a.status === 0 && name !== undefined && decoded?.ok === true) {
        must(
          equalBytes(
            encode(
              COMMANDS[name].input as Schema<unknown> as Schema<typeof decoded.value>,
              decoded.value,
            ),
            bytes,
          ),
          "the same input again",
        );
      }
    }
    if (first.state.length > 0) decodeState(first.state);
  },
};
