// npm run fuzz: inputs to every target, made from the vectors.
import process from "node:process";
import { parseArgs } from "node:util";
import { fuzz } from "./src/run.ts";
import { TARGETS } from "./src/targets/index.ts";

const HELP = `Gives every decoder and entry point inputs that are made from the vectors, and looks whether one of them breaks.

  npm run fuzz -- [--inputs N] [--seed S] [--target NAME]... [--from INDEX] [--json]

  --inputs N     to each target (10000)
  --seed S       what they are made from (1)
  --target NAME  only these: ${TARGETS.map(({ name }) => name).join(", ")}
  --from INDEX   begin with this input (0)
  --json         one line of JSON a target

  npm run fuzz -- --target messages --inputs 100000
`;

const read = readOptions();
if (typeof read === "string") {
  process.stderr.write(`${read}\n\n${HELP}`);
  process.exitCode = 2;
} else if (read.help) process.stdout.write(HELP);
else await main(read);

type Options = Exclude<ReturnType<typeof readOptions>, string>;

/** What the command line asks for, or why it is wrong. */
function readOptions() {
  const values = parse();
  if (typeof values === "string") return values;
  const [seed, inputs, from] = [values.seed, values.inputs, values.from].map(Number) as [
    number,
    number,
    number,
  ];
  if (![seed, inputs, from].every(Number.isSafeInteger)) {
    return "--seed, --inputs and --from are whole numbers.";
  }
  const names = values.target ?? TARGETS.map(({ name }) => name);
  const unknown = names.find((name) => !TARGETS.some((target) => target.name === name));
  if (unknown !== undefined) return `There is no target ${unknown}.`;
  const targets = TARGETS.filter(({ name }) => names.includes(name));
  return { seed, inputs, from, targets, json: values.json, help: values.help };
}

function parse() {
  try {
    return parseArgs({
      options: {
        seed: { type: "string", default: "1" },
        inputs: { type: "string", default: "10000" },
        target: { type: "string", multiple: true },
        from: { type: "string", default: "0" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith("ERR_PARSE_ARGS") === true) return message;
    throw error;
  }
}

async function main({ seed, inputs, from, targets, json }: Options): Promise<void> {
  for (const target of targets) {
    const started = performance.now();
    const report = await fuzz(target, seed, inputs, from);
    const seconds = (performance.now() - started) / 1000;
    const rate = Math.round(report.inputs / seconds);
    if (report.failure !== undefined) process.exitCode = 1;
    const line = { ...report, failures: report.failure === undefined ? 0 : 1, seconds, rate };
    process.stdout.write(
      json
        ? `${JSON.stringify(line)}\n`
        : `${target.name}: ${report.inputs} inputs, ${rate} a second${told(report, seed)}\n`,
    );
  }
}

function told({ failure }: Awaited<ReturnType<typeof fuzz>>, seed: number): string {
  if (failure === undefined) return "";
  const { message, index, input } = failure;
  return `\n  FAILED ${message}\n  again: --seed ${seed} --from ${index} --target ${failure.target}\n  ${input.join("\n  ")}`;
}
