import assert from "node:assert/strict";
import { toHex, type TaId } from "@bezant/protocol";
import { commandOf, statusOf, type Status } from "../../src/commands.ts";
import { decodeState, type TaState } from "../../src/reference/index.ts";
import type { Crypto, Key } from "../world/crypto.ts";
import { MAKES } from "../world/makes.ts";
import type { Random } from "../world/random.ts";
import { TrustedOs, type Entropy } from "../world/trusted-os.ts";

export interface TwinAnswer {
  readonly status: Status;
  readonly output: Uint8Array;
}

/**
 * One device, run with every TA there is: each in a trusted OS of its own, with the same randomness and the same key.
 * Signatures are shared (world/crypto.ts), so that everything can be compared byte for byte.
 */
export class Twin {
  readonly #tape: Tape;
  readonly #systems: readonly (readonly [name: string, os: TrustedOs])[];

  constructor(crypto: Crypto, random: Random) {
    this.#tape = new Tape(crypto, random);
    const device = crypto.newKey(random);
    this.#systems = Object.entries(MAKES).map(([name, make]) => [
      name,
      new TrustedOs(crypto, this.#tape, device, make),
    ]);
  }

  get committed(): Uint8Array {
    return this.#systems[0]![1].committed;
  }

  /** The state before `Init` is none. */
  get state(): TaState | undefined {
    return this.committed.length === 0 ? undefined : decodeState(this.committed);
  }

  get id(): TaId | undefined {
    return this.state?.id;
  }

  /** Runs a command in all of them; with `cut` the power fails before the commit. */
  invoke(command: number, input: Uint8Array, cut = false): TwinAnswer {
    this.#tape.record();
    const runs = this.#systems.map(([name, os]) => {
      this.#tape.rewind();
      const { status, output } = os.invoke(command, input, cut);
      const used = this.#tape.used();
      return { name, status, output, used, staged: os.staged, state: os.committed };
    });
    const [first, ...others] = runs;
    assert.ok(first !== undefined && others.length > 0, "there are at least two TAs");
    for (const other of others) {
      if (!isAlike(first, other)) explain(first, other, `${commandOf(command)} ${toHex(input)}`);
    }
    const status = statusOf(first.status);
    assert.ok(status !== undefined, `status ${first.status}`);
    return { status, output: first.output };
  }

  /** Ends every instance; the next command begins from the last commit. */
  kill(): void {
    for (const [, os] of this.#systems) os.kill();
  }

  /** Puts a state in place that would take very long to reach. */
  install(state: Uint8Array): void {
    this.kill();
    for (const [, os] of this.#systems) os.committed = state;
  }
}

/** Randomness that the first TA draws and the others are given again. */
class Tape implements Entropy {
  readonly #crypto: Crypto;
  readonly #random: Random;
  #drawn: (Uint8Array | Key)[] = [];
  #at = 0;
  #log = "";

  constructor(crypto: Crypto, random: Random) {
    this.#crypto = crypto;
    this.#random = random;
  }

  record(): void {
    this.#drawn = [];
  }

  rewind(): void {
    this.#at = 0;
    this.#log = "";
  }

  used(): string {
    return this.#log;
  }

  random(length: number): Uint8Array {
    this.#log += ` random ${length}`;
    return this.#next(() => this.#random.bytes(length)) as Uint8Array;
  }

  newKey(): Key {
    this.#log += " key";
    return this.#next(() => this.#crypto.newKey(this.#random)) as Key;
  }

  #next(draw: () => Uint8Array | Key): Uint8Array | Key {
    const drawn = this.#drawn[this.#at] ?? draw();
    this.#drawn[this.#at] = drawn;
    this.#at += 1;
    return drawn;
  }
}

interface Run {
  readonly name: string;
  readonly status: number;
  readonly output: Uint8Array;
  /** Randomness and keys that it asked for, in order. */
  readonly used: string;
  readonly staged: boolean;
  readonly state: Uint8Array;
}

function isAlike(a: Run, b: Run): boolean {
  return (
    a.status === b.status &&
    a.used === b.used &&
    a.staged === b.staged &&
    Buffer.compare(a.output, b.output) === 0 &&
    Buffer.compare(a.state, b.state) === 0
  );
}

/** Says what two TAs do not agree on. */
function explain(a: Run, b: Run, command: string): never {
  const both = `of ${a.name} and ${b.name}, ${command}`;
  assert.equal(statusOf(b.status), statusOf(a.status), `status ${both}`);
  assert.equal(toHex(b.output), toHex(a.output), `output ${both}`);
  assert.equal(b.used, a.used, `randomness and keys ${both}`);
  assert.equal(b.staged, a.staged, `staging ${both}`);
  assert.deepEqual(decodeState(b.state), decodeState(a.state), `state ${both}`);
  assert.fail(`unused bytes of the state ${both}`);
}
