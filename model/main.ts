// `npm run model`: every instance; `-- --quick` those of the tests; `-- NAME` those whose names contain it; `-- --trace`
// prints every counterexample; `-- --json` one line of JSON each.
import process from "node:process";
import { INSTANCES } from "./src/instances.ts";
import { complaintAbout } from "./src/judge.ts";
import { check } from "./src/spin.ts";
import { prepareTools } from "./src/tools.ts";

const args = process.argv.slice(2);
const has = (flag: string): boolean => args.includes(flag);
const words = args.filter((arg) => !arg.startsWith("--"));
const chosen = INSTANCES.filter(
  ({ name, isLong }) =>
    (words.length === 0 || words.some((word) => name.includes(word))) &&
    !(has("--quick") && isLong === true),
);

const tools = prepareTools();
if (!tools.ok) {
  process.stderr.write(`The model was not checked: ${tools.why}.\n`);
  process.exitCode = 1;
} else if (chosen.length === 0) {
  process.stderr.write("No instance has such a name.\n");
  process.exitCode = 2;
} else {
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
