import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@bezant/service/testing";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { bezant } from "./support/bezant.ts";
import { helpOfAll } from "./support/help.ts";

/** What these start goes on until somebody stops it. */
const LASTING = new Set(["up", "serve", "run", "--listen", "--connect"]);
const USUAL = new Set([0, 1, 2, 3]);

let cwd: string;
let examples: readonly (readonly string[])[];

beforeAll(async () => {
  cwd = temporaryFolder();
  const env = { BEZANT_PASSPHRASE: "x" };
  await bezant(["ca", "root", "--dir", "cb", "--id", "cb", "--currency", "EUR"], { cwd, env });
  const terms = ["--root", "cb/certificate.hex", "--provider", "http://127.0.0.1:1"];
  await bezant(["wallet", "create", "--wallet", "w", ...terms], { cwd });
  await mkdir(join(cwd, "folder"));
  await writeFile(join(cwd, "text"), "hello\n");
  examples = (await helpOfAll(cwd)).flatMap(({ help }) =>
    [...help.stdout.matchAll(/^ {2}\.\/bezant (.*)$/gm)].map(([, line = ""]) => line.split(/\s+/)),
  );
});

/** Words that are of another kind than what a command expects, and files that are there. */
const odd = fc.constantFrom(
  "",
  " ",
  "-",
  "--",
  "-1",
  "0",
  "1.00",
  "0.001",
  "9".repeat(40),
  "EUR",
  "eur",
  "x".repeat(300),
  "a".repeat(64),
  "02".repeat(33),
  "é",
  "../..",
  "/",
  "/dev/null",
  "/dev/null/x",
  "w",
  "cb",
  "text",
  "folder",
  "cb/certificate.hex",
  "cb/key.json",
  "nowhere",
  "http://127.0.0.1:1",
  "https://[",
  "file:///x",
  "2026-01-01T00:00:00Z",
  "now",
  "--json",
  "--help",
  "--wallet",
  "--dir",
  "--out",
  "--in",
  "--yes",
  "--passphrase-file",
);

const change = fc.record({
  at: fc.nat(),
  how: fc.constantFrom("put", "insert", "drop", "double", "swap"),
  word: odd,
});
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;

function changed(words: readonly string[], { at, how, word }: Change): readonly string[] {
  const place = at % (words.length + 1);
  const here = words[place] ?? word;
  if (how === "insert") return words.toSpliced(place, 0, word);
  if (how === "drop") return words.toSpliced(place, 1);
  if (how === "double") return words.toSpliced(place, 0, here);
  if (how === "swap") return words.toSpliced(place, 2, words[place + 1] ?? word, here);
  return words.toSpliced(place, 1, word);
}

it("whatever stands in a command line, it is carried out or refused, and is no bug of the program", async () => {
  expect(examples.length).toBeGreaterThan(60);
  const line = fc.tuple(fc.nat(), fc.array(change, { minLength: 1, maxLength: 3 }));
  await fc.assert(
    fc.asyncProperty(line, async ([number, changes]) => {
      const example = examples[number % examples.length] ?? [];
      const args = changes.reduce(changed, example);
      if (args.some((word) => LASTING.has(word))) return;
      const { code, stderr } = await bezant(args, { cwd, env: { BEZANT_PASSPHRASE: "x" } });
      expect([args, stderr, USUAL.has(code ?? -1)]).toEqual([args, stderr, true]);
      expect(stderr).not.toContain("This is a bug");
    }),
    { numRuns: Number(process.env["BEZANT_COMMAND_LINES"] ?? 200) },
  );
});
