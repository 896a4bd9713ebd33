import type { Refusal } from "@bezant/protocol";
import { EXIT, type ExitCode } from "./exit-codes.ts";

/** Ends a command with a sentence and an exit code. Thrown by option parsers and commands, caught once, in `main`. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = EXIT.refused) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Ends a command with a refusal of the protocol. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.code);
    this.refusal = refusal;
  }
}
