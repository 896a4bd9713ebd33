import { EXIT, type ExitCode } from "./exit-codes.ts";
import type { Explained } from "./failure.ts";

/** A value as JSON lines carry it: amounts and counters are strings already, bytes are hexadecimal. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Where results go: plain words, or with `--json` one line of JSON each. Progress is for people and goes to stderr. */
export type Output = {
  readonly json: boolean;
  /** A result: the sentence for people, the fields for programs. */
  readonly result: (sentence: string, fields: { readonly [key: string]: Json }) => void;
  readonly progress: (sentence: string) => void;
  /** Reports a refusal and gives the exit code it means. */
  readonly refused: (refusal: Explained) => ExitCode;
};

type Streams = {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
};

export function createOutput(json: boolean, { stdout, stderr }: Streams): Output {
  return {
    json,
    result: (sentence, fields) => {
      stdout(`${json ? JSON.stringify(fields) : sentence}\n`);
    },
    progress: (sentence) => {
      if (!json) stderr(`${sentence}\n`);
    },
    refused: ({ code, detail, title, state, money, next }) => {
      if (json) {
        const more = detail === undefined ? {} : { detail };
        stdout(`${JSON.stringify({ refused: code, title, state, money, next, ...more })}\n`);
      } else {
        const about = detail === undefined ? code : `${code}: ${detail}`;
        stderr(`${title}. ${money} ${next} [${about}]\n`);
      }
      return state === "pending" || state === "unknown" ? EXIT.pending : EXIT.refused;
    },
  };
}
