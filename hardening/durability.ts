// npm run durability: kills servers under load and looks for what is missing.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { reservePort } from "@bezant/cli/network";
import { orHelp, ROUNDS } from "./src/command-line.ts";
import { foreign, separate, type Database } from "./src/durability/databases.ts";
import { debianPostgres, findDebianPostgres } from "./src/durability/debian-postgres.ts";
import { summary } from "./src/durability/report.ts";
import { runDurability } from "./src/durability/run.ts";
import { bundledPostgres } from "./src/durability/separate-server.ts";

const HELP = `Kills the provider and its PostgreSQL under load, and looks for what is missing.

  npm run durability -- [--rounds N] [--seed S] [--json] [--own-postgres | --database-url URL]

  --rounds N           kills, one a round (20)
  --seed S             what decides whom, when, and what everybody does (1)
  --own-postgres       the provider gets a DATABASE_URL of a separate PostgreSQL, which is killed too:
                       Debian's where it is installed, otherwise the one that npm brought
  --database-url URL   an empty database on a server of yours; only the provider is killed
  --json               one line of JSON a round, and one for all

Without either the provider runs its embedded PostgreSQL.

  npm run durability -- --rounds 100 --seed 7 --own-postgres --json
`;

const { values } = orHelp(HELP, () =>
  parseArgs({
    options: {
      ...ROUNDS,
      "own-postgres": { type: "boolean", default: false },
      "database-url": { type: "string" },
    },
  }),
);

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
  const { name, make } = choose();
  const begun = performance.now();
  const stop = new AbortController();
  // The servers are ended in good order; a second one ends everything at once.
  process.once("SIGINT", () => stop.abort());
  const report = await runDurability({
    rounds,
    seed,
    signal: stop.signal,
    ...(make === undefined ? {} : { database: make }),
    onRound: (round) => {
      const { violations, ...rest } = round;
      if (values.json) console.log(JSON.stringify({ ...rest, violations: violations.length }));
      else console.log(`${round.round}: ${round.victim}, ${round.inFlight} in flight`);
      for (const violation of violations) process.stderr.write(`${violation}\n`);
    },
  });
  const seconds = Math.round((performance.now() - begun) / 1000);
  const sum = { seed, database: name, ...summary(report), seconds };
  console.log(JSON.stringify(sum, undefined, values.json ? undefined : 2));
  process.exitCode = sum.violations === 0 && sum.rounds === rounds ? 0 : 1;
}

type Choice = { readonly name: string; readonly make?: (folder: string) => Promise<Database> };

function choose(): Choice {
  const url = values["database-url"];
  if (url !== undefined) return { name: "DATABASE_URL", make: () => foreign(url) };
  if (!values["own-postgres"]) return { name: "embedded" };
  const bin = findDebianPostgres();
  if (bin === undefined) {
    const make = async (folder: string) => separate(await bundledPostgres(join(folder, "db")));
    return { name: "DATABASE_URL, the PostgreSQL that npm brought as a separate server", make };
  }
  return {
    name: `DATABASE_URL, ${bin}`,
    make: async (folder) => {
      const server = debianPostgres(bin, join(folder, "db"), await reservePort());
      await server.start();
      return separate(server);
    },
  };
}
