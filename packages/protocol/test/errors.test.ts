import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { errorsPage } from "../scripts/errors-page.ts";
import {
  explain,
  isRefusalCode,
  REFUSAL_AREAS,
  REFUSALS,
  refusal,
  type RefusalCode,
} from "../src/index.ts";

const docs = join(import.meta.dirname, "../../../docs");
const protocol = readFileSync(join(docs, "protocol.md"), "utf8");

describe("the list of refusals", () => {
  test("is what docs/errors.md says (npm run generate)", () => {
    expect(readFileSync(join(docs, "errors.md"), "utf8")).toBe(errorsPage());
  });

  test("has no code in two areas", () => {
    const codes = Object.values(REFUSAL_AREAS).flatMap((table) => Object.keys(table));
    expect(codes).toEqual([...new Set(codes)]);
    expect(codes.toSorted()).toEqual(Object.keys(REFUSALS).toSorted());
  });

  test("has every status of the trusted application (§13.5)", () => {
    const table = protocol.slice(protocol.indexOf("### 13.5"), protocol.indexOf("## 14."));
    const rows = table.split("\n").filter((line) => /^\| \d/.test(line));
    const cells = rows.flatMap((line) => line.split("|").map((cell) => cell.trim()));
    const statuses = cells.filter((cell) => /^[a-z]/.test(cell) && cell !== "ok");
    expect(statuses).toHaveLength(55);
    expect(statuses.filter((status) => !isRefusalCode(status))).toEqual([]);
  });

  // In the document a code in parentheses is what a rule is refused with.
  test("has every code that the protocol document refuses with", () => {
    const named = [...protocol.matchAll(/\((?:[^()]*?)`([a-z]+(?:-[a-z]+)+)`(?:[^()]*?)\)/g)];
    const codes = named.map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(50);
    expect([...new Set(codes)].filter((code) => !isRefusalCode(code))).toEqual([]);
  });
});

describe("a refusal", () => {
  test.each(Object.keys(REFUSALS) as RefusalCode[])(
    "%s says what happened, what became of the money and how to go on, each in a sentence",
    (code) => {
      const { title, state, money, next } = REFUSALS[code];
      expect(title).toMatch(/^[A-Z].*[^.]$/);
      expect(money).toMatch(/^[A-Z].*\.$/);
      expect(next).toMatch(/^[A-Z].*\.$/);
      expect(explain(refusal(code))).toBe(`${title}. ${money} ${next}`);
      // Nobody is told that nothing moved where something may have.
      expect(money === "No money has moved.").toBe(state === "nothing-moved");
    },
  );
});
