import { REFUSALS, type MoneyState, type Refusal } from "@bezant/protocol";
import { EXIT, type ExitCode } from "./exit-codes.ts";

/** Ends a command with a sentence and an exit code. Thrown by option parsers and commands, caught once, in `run`. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: ExitCode;
  /** What it means for the money. */
  readonly state: MoneyState;

  constructor(message: string, exitCode: ExitCode = EXIT.refused, state?: MoneyState) {
    super(message);
    this.exitCode = exitCode;
    this.state = state ?? (exitCode === EXIT.pending ? "pending" : "nothing-moved");
  }
}

/** What was refused, what became of the money, and how to go on. */
export type Explained = {
  readonly code: string;
  readonly detail?: string;
  readonly title: string;
  readonly state: MoneyState;
  readonly money: string;
  readonly next: string;
};

/** Ends a command with a refusal. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly explained: Explained;

  constructor(refusal: Refusal | Explained) {
    super(refusal.code);
    this.explained = "title" in refusal ? refusal : { ...REFUSALS[refusal.code], ...refusal };
  }
}
