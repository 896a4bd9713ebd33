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

const options = readOptions();
if (options === undefined) {
  process.stderr.write(HELP);
  process.exitCode = 2;
} else if (options.help) process.stdout.write(HELP);
else await main(options);

type Options = NonNullable<ReturnType<typeof readOptions>>;

/** Undefined for a command line that is wrong. */
function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: "string", default: "1" },
        inputs: { type: "string", default: "10000" },
        target: { type: "string", multiple: true },
        from: { type: "string", default: "0" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const [seed, inputs, from] = [values.seed, values.inputs, values.from].map(Number) as [
      number,
      number,
      number,
    ];
    const names = values.target ?? TARGETS.map(({ name }) => name);
    const targets = TARGETS.filter(({ name }) => names.includes(name));
    const isRight = names.every((name) => targets.some((target) => target.name === name));
    if (!isRight || ![seed, inputs, from].every(Number.isSafeInteger)) return undefined;
    return { seed, inputs, from, targets, json: values.json, help: values.help };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n`);
    return undefined;
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
