import type { RefusalCode } from "../../src/index.ts";

/** One thing that an implementation is given, and what it has to answer. */
export type Case<I> = {
  readonly name: string;
  /** Where docs/protocol.md says so. */
  readonly section: string;
  readonly input: I;
  readonly expected: Expected;
};

/** Some of what is known once every check has passed, or the code of the refusal. */
export type Expected =
  | { readonly accepted: Readonly<Record<string, string>> }
  | { readonly refused: RefusalCode };

export function accepts<I>(
  section: string,
  name: string,
  input: I,
  accepted: Readonly<Record<string, string>>,
): Case<I> {
  return { name, section, input, expected: { accepted } };
}

export function refuses<I>(section: string, refused: RefusalCode, name: string, input: I): Case<I> {
  return { name, section, input, expected: { refused } };
}
