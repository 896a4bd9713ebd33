import { styleText } from "node:util";
import { formatAmount, type Amount, type Currency } from "@bezant/protocol";
import type { Explained } from "../failure.ts";
import type { Json, Output } from "../output.ts";
import { table } from "../table.ts";

/** One step, while it is told. */
export type Step = {
  /** Something worth knowing. */
  readonly fact: (label: string, text: string) => void;
  /** Money; where it was something else before, that too. */
  readonly amount: (label: string, value: Amount, before?: Amount) => void;
  /** A message, by its size. */
  readonly message: (label: string, message: Uint8Array, note: string) => void;
  /** What must hold; the story fails if it does not. */
  readonly expect: (sentence: string, held: boolean) => void;
  /** Something that was tried, and how it was refused; it must have been, for just this reason. */
  readonly refused: (what: string, code: string, refusal: Explained | undefined) => void;
  /** Measures this instead of the whole step. */
  readonly timed: <T>(work: () => Promise<T>) => Promise<T>;
};

/** A step could not be played to its end; it has been told. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
}

/** Tells the story step by step: aligned lines for people, one line of JSON a step for programs. */
export class Teller {
  readonly #output: Output;
  readonly #currency: Currency;
  #steps = 0;
  #failures = 0;
  #muted = false;

  constructor(output: Output, currency: Currency) {
    this.#output = output;
    this.#currency = currency;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Whether every expectation has held so far. */
  get ok(): boolean {
    return this.#failures === 0;
  }

  act(title: string): void {
    if (!this.#output.json && !this.#muted) this.#output.result(`\n${bold(title)}\n`, {});
  }

  /** Tells nothing more. */
  mute(): void {
    this.#muted = true;
  }

  /** Runs one step and tells it. One that cannot be played to its end ends the story: those after it stand on it. */
  async step<T>(id: string, title: string, work: (step: Step) => Promise<T>): Promise<T> {
    this.#steps += 1;
    const record = new StepRecord(this.#currency);
    const begun = performance.now();
    const tell = (error?: unknown): void => {
      const ms = record.ms ?? performance.now() - begun;
      if (!record.held) this.#failures += 1;
      if (this.#muted) return;
      this.#output.result(record.text(`${String(this.#steps).padStart(2)}  ${title}`, ms), {
        step: this.#steps,
        id,
        title,
        ok: record.held,
        ms: Math.round(ms * 10) / 10,
        ...record.fields,
        ...(error instanceof Error ? { error: error.stack ?? error.message } : {}),
      });
    };
    try {
      const value = await work(record);
      tell();
      return value;
    } catch (error) {
      record.expect(error instanceof Error ? error.message : String(error), false);
      tell(error);
      throw new StepFailed(id, { cause: error });
    }
  }
}

/** So that the amounts of this story stand in line. */
const AMOUNT = "00.00 EUR".length;

class StepRecord implements Step {
  readonly #currency: Currency;
  readonly #rows: [string, string][] = [];
  readonly #checks: { readonly sentence: string; readonly held: boolean }[] = [];
  readonly #facts: Record<string, string> = {};
  readonly #amounts: Record<string, string> = {};
  readonly #bytes: Record<string, number> = {};
  readonly #refusals: { readonly [key: string]: Json }[] = [];
  ms: number | undefined;

  constructor(currency: Currency) {
    this.#currency = currency;
  }

  get held(): boolean {
    return this.#checks.every(({ held }) => held);
  }

  fact(label: string, text: string): void {
    this.#rows.push([label, text]);
    this.#facts[label] = text;
  }

  amount(label: string, value: Amount, before?: Amount): void {
    const now = formatAmount(value, this.#currency).padStart(AMOUNT);
    const then =
      before === undefined ? "" : `${formatAmount(before, this.#currency).padStart(AMOUNT)} → `;
    this.#rows.push([label, then + now]);
    this.#amounts[label] = `${value}`;
  }

  message(label: string, message: Uint8Array, note: string): void {
    this.#rows.push([label, `${String(message.length).padStart(3)} bytes  ${note}`]);
    this.#bytes[label] = message.length;
  }

  expect(sentence: string, held: boolean): void {
    this.#checks.push({ sentence, held });
  }

  refused(what: string, code: string, refusal: Explained | undefined): void {
    const reason =
      refusal === undefined ? "it was not refused" : `${refusal.title} [${refusal.code}]`;
    this.#rows.push([what, `refused: ${reason}`]);
    this.expect(`${what}: refused`, refusal?.code === code);
    const { title = null, state = null, money = null } = refusal ?? {};
    this.#refusals.push({ what, code: refusal?.code ?? null, title, state, money });
  }

  async timed<T>(work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const value = await work();
    this.ms = performance.now() - begun;
    return value;
  }

  get fields(): { readonly [key: string]: Json } {
    return {
      facts: this.#facts,
      amounts: this.#amounts,
      bytes: this.#bytes,
      refused: this.#refusals,
      expected: this.#checks,
    };
  }

  text(heading: string, ms: number): string {
    const rows = [...this.#rows, ["took", `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`]];
    const lines = table(rows)
      .split("\n")
      .map((line) => `      ${line}`);
    const checks = this.#checks.map(
      ({ sentence, held }) => `    ${held ? green("ok") : red("FAILED")}  ${sentence}`,
    );
    return [bold(heading), ...lines, ...checks].join("\n");
  }
}

// No colour where standard output is no terminal, or NO_COLOR is set: styleText sees to that.
const bold = (text: string): string => styleText("bold", text, { stream: process.stdout });
const green = (text: string): string => styleText("green", text, { stream: process.stdout });
const red = (text: string): string => styleText("red", text, { stream: process.stdout });
