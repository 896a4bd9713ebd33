// npm run tiers: kills the central bank and its providers under load, and looks whether money is missing.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { orHelp, ROUNDS } from "./src/command-line.ts";
import { bundledPostgres } from "./src/durability/separate-server.ts";
import { asSuperuser, makeDatabases } from "./src/tiers/databases.ts";
import { summary } from "./src/tiers/report.ts";
import { runTiers } from "./src/tiers/run.ts";

const HELP = `Kills the central bank and two providers under load, and looks for what is lost or counted twice.

  npm run tiers -- [--rounds N] [--seed S] [--json]

  --rounds N   kills, one a round (20)
  --seed S     what decides whom, when, and what everybody does (1)
  --json       one line of JSON a round, and one for all
`;

const { values } = orHelp(HELP, () => parseArgs({ options: ROUNDS }));

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const rounds = Number(values.rounds);
  const seed = Number(values.seed);
  if (!Number.isSafeInteger(rounds) || rounds < 1 || !Number.isSafeInteger(seed)) {
    process.stderr.write(`--rounds and --seed are whole numbers.\n\n${HELP}`);
    process.exitCode = 2;
    return;
  }
  const begun = performance.now();
  const stop = new AbortController();
  // The servers are ended in good order; a second one ends everything at once.
  process.once("SIGINT", () => stop.abort());
  const folder = mkdtempSync(join(tmpdir(), "bezant-tiers-db-"));
  const server = await bundledPostgres(folder);
  try {
    const report = await runTiers({
      rounds,
      seed,
      databases: await makeDatabases(asSuperuser(server.url)),
      postgres: server,
      signal: stop.signal,
      restEvery: 5,
      onRound: ({ violations, ...round }) => {
        if (values.json) console.log(JSON.stringify({ ...round, violations: violations.length }));
        else console.log(`${round.round}: ${round.victim}, ${round.inFlight} in flight`);
        for (const violation of violations) process.stderr.write(`${violation}\n`);
      },
    });
    const seconds = Math.round((performance.now() - begun) / 1000);
    const sum = { seed, ...summary(report), seconds };
    console.log(JSON.stringify(sum, undefined, values.json ? undefined : 2));
    process.exitCode = sum.violations === 0 && sum.rounds === rounds ? 0 : 1;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
