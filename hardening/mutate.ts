// npm run mutate: plants small faults, one at a time, and looks whether a test fails.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { orHelp } from "./src/command-line.ts";
import { mutate } from "./src/mutation/run.ts";
import { scoreOf } from "./src/mutation/score.ts";
import { PACKAGES } from "./src/mutation/targets.ts";

const HELP = `Plants small faults in a package, one at a time, and looks whether one of its tests fails.

  npm run mutate -- --package NAME [--files TEXT] [--sample N] [--seed S] [--json]

  --package NAME   ${PACKAGES.join(", ")}
  --files TEXT     only in files with this in their path
  --sample N       only so many mutants, chosen by the seed; otherwise all
  --seed S         (1)
  --json           one line of JSON for each mutant that no test has found, and one for all

Results are kept in .bezant/mutation/NAME.jsonl; a run that was interrupted goes on from there.

  npm run mutate -- --package protocol --sample 200
  npm run mutate -- --package tee --files /storage/
`;

const { values } = orHelp(HELP, () =>
  parseArgs({
    options: {
      package: { type: "string" },
      files: { type: "string" },
      sample: { type: "string" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }),
);

const { package: name, files, sample, seed, json } = values;
const numbers = [sample ?? "1", seed].map(Number);
if (values.help) process.stdout.write(HELP);
else if (name === undefined || !PACKAGES.includes(name) || !numbers.every(Number.isSafeInteger)) {
  process.stderr.write(HELP);
  process.exitCode = 2;
} else await main(name);

async function main(chosen: string): Promise<void> {
  const root = join(import.meta.dirname, "..");
  const outcome = await mutate({
    root,
    package: chosen,
    seed: Number(seed),
    files,
    ...(sample === undefined ? {} : { sample: Number(sample) }),
    folder: join(root, ".bezant", "mutation"),
    onTried: (tried, done, all) => {
      if (done % 25 === 0) process.stderr.write(`${done} of ${all}\n`);
      if (tried.status === "killed" || tried.status === "timeout" || json) return;
      const { file, line, original, replacement, status } = tried;
      console.log(`${status} ${file}:${line}  ${short(original)}  →  ${short(replacement)}`);
    },
  });
  for (const broken of outcome.broken) process.stderr.write(`not used: ${broken}\n`);
  if (json) {
    for (const one of outcome.tried) {
      if (one.status !== "killed" && one.status !== "timeout") console.log(JSON.stringify(one));
    }
  }
  console.log(JSON.stringify({ package: chosen, files, seed: Number(seed), ...scoreOf(outcome) }));
}

function short(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
