import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "@bezant/trusted-app/commands";
import { expect, it } from "vitest";
import { INSTANCES } from "../src/instances.ts";

const folder = join(import.meta.dirname, "..");
const root = join(folder, "..");
const readme = readFileSync(join(folder, "README.md"), "utf8");
const table = readme.slice(
  readme.indexOf("## Model and code"),
  readme.indexOf("## What is abstracted"),
);
const cells = (line: string): string[] => line.split("|").map((cell) => cell.trim());
const rows = table
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map(cells);
const quoted = (cell = ""): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);

it("names steps that the model has", () => {
  const model = readFileSync(join(folder, "bezant.pml"), "utf8");
  const steps = rows.flatMap(([, step]) => quoted(step));
  expect(steps.length).toBeGreaterThan(15);
  for (const step of steps) expect(model).toContain(step.replace("…", ""));
});

it("names commands that the trusted application has, and folders that there are", () => {
  for (const name of rows.flatMap(([, , code]) => quoted(code))) {
    if (name.includes("/")) expect(existsSync(join(root, name))).toBe(true);
    else expect(Object.keys(COMMANDS)).toContain(name);
  }
});

it("counts the faults and attacks that there are", () => {
  const begins = (start: string): number =>
    INSTANCES.filter(({ name, counterexample }) => name.startsWith(start) && counterexample).length;
  expect([begins("fault: "), begins("Figure 4: ")]).toEqual([13, 10]);
});
