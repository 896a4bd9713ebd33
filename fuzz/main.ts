// `npm run fuzz -- --seed S --inputs N [--target NAME] [--from INDEX] [--json]`: N inputs to each target, or to one.
import process from "node:process";
import { parseArgs } from "node:util";
import { fuzz } from "./src/run.ts";
import { TARGETS } from "./src/targets/index.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    inputs: { type: "string", default: "10000" },
    target: { type: "string", multiple: true },
    from: { type: "string", default: "0" },
    json: { type: "boolean", default: false },
  },
});
const [seed, inputs, from] = [values.seed, values.inputs, values.from].map(Number) as [
  number,
  number,
  number,
];
const names = values.target ?? TARGETS.map(({ name }) => name);
const unknown = names.filter((name) => !TARGETS.some((target) => target.name === name));
if (unknown.length > 0 || ![seed, inputs, from].every(Number.isSafeInteger)) {
  process.stderr.write(
    `Targets: ${TARGETS.map(({ name }) => name).join(", ")}. --seed, --inputs and --from are whole numbers.\n`,
  );
  process.exitCode = 2;
} else {
  for (const target of TARGETS.filter(({ name }) => names.includes(name))) {
    const started = performance.now();
    const report = await fuzz(target, seed, inputs, from);
    const seconds = (performance.now() - started) / 1000;
    const rate = Math.round(report.inputs / seconds);
    if (report.failure !== undefined) process.exitCode = 1;
    const line = { ...report, failures: report.failure === undefined ? 0 : 1, seconds, rate };
    if (values.json) process.stdout.write(`${JSON.stringify(line)}\n`);
    else
      process.stdout.write(
        `${target.name}: ${report.inputs} inputs, ${rate} a second${told(report)}\n`,
      );
  }
}

function told({ failure }: Awaited<ReturnType<typeof fuzz>>): string {
  if (failure === undefined) return "";
  const { message, index, input } = failure;
  return `\n  FAILED ${message}\n  again: --seed ${seed} --from ${index} --target ${failure.target}\n  ${input.join("\n  ")}`;
}
