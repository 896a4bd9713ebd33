// npm run model: checks every instance of the model with spin.
import process from "node:process";
import { INSTANCES } from "./src/instances.ts";
import { complaintAbout } from "./src/judge.ts";
import { check } from "./src/spin.ts";
import { prepareTools } from "./src/tools.ts";

const HELP = `Checks the model, instance by instance, with spin.

  npm run model -- [NAME]... [--quick] [--trace] [--json]

  NAME     only instances with this in their name
  --quick  only those that the tests check
  --trace  prints every counterexample
  --json   one line of JSON each
`;
const FLAGS = ["--quick", "--trace", "--json", "--help"];

const args = process.argv.slice(2);
const unknown = args.filter((arg) => arg.startsWith("--") && !FLAGS.includes(arg));
const has = (flag: string): boolean => args.includes(flag);
const words = args.filter((arg) => !arg.startsWith("--"));
const chosen = INSTANCES.filter(
  ({ name, isLong }) =>
    (words.length === 0 || words.some((word) => name.includes(word))) &&
    !(has("--quick") && isLong === true),
);

if (has("--help")) process.stdout.write(HELP);
else if (unknown.length > 0 || chosen.length === 0) {
  const why = chosen.length === 0 ? "No instance has such a name." : `There is no ${unknown[0]}.`;
  process.stderr.write(`${why}\n\n${HELP}`);
  process.exitCode = 2;
} else main();

function main(): void {
  const tools = prepareTools();
  if (!tools.ok) {
    process.stderr.write(`The model was not checked: ${tools.why}.\n`);
    process.exitCode = 1;
    return;
  }
  for (const instance of chosen) {
    const { unreached: _, ...verdict } = check(instance);
    const complaint = complaintAbout(instance, { ...verdict, unreached: [] });
    if (complaint !== undefined) process.exitCode = 1;
    const { name } = instance;
    if (has("--json")) {
      process.stdout.write(
        `${JSON.stringify({ name, ok: complaint === undefined, ...verdict })}\n`,
      );
      continue;
    }
    const expected = instance.counterexample === undefined ? "holds" : "counterexample as expected";
    const { states, transitions, depth, seconds } = verdict;
    process.stdout.write(
      `${complaint === undefined ? "ok    " : "FAILED"} ${name}: ${complaint ?? expected}; ` +
        `${states} states, ${transitions} transitions, depth ${depth}, ${seconds} s\n`,
    );
    if (has("--trace"))
      for (const line of verdict.trace ?? []) process.stdout.write(`         ${line}\n`);
  }
}
