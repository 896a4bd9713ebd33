import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const page = readFileSync(join(ROOT, "docs/threat-model.md"), "utf8");

/** `file` "part of a test's name": what shows a claim. */
const shown = [...page.matchAll(/`((?:\w[\w-]*\/)+[\w.-]+)`(?: "([^"]+)")?/g)].map(
  ([, file = "", name]) => ({ file, name }),
);

describe("the threat model", () => {
  it("names only files that there are", () => {
    expect(shown.length).toBeGreaterThan(20);
    expect(shown.filter(({ file }) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it("names only tests that there are", () => {
    const named = shown.filter(({ name }) => name !== undefined);
    expect(named.length).toBeGreaterThan(20);
    const missing = named.filter(({ file, name }) => {
      const text = readFileSync(join(ROOT, file), "utf8");
      return name === undefined || !text.includes(name);
    });
    expect(missing).toEqual([]);
  });

  it("names only fuzz targets and properties of the model that there are", () => {
    const model = readFileSync(join(ROOT, "model/bezant.pml"), "utf8");
    for (const [, property = ""] of page.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)) {
      expect(model).toContain(property);
    }
    const targets = readFileSync(join(ROOT, "fuzz/README.md"), "utf8");
    for (const target of ["pay-verify", "cert-verify", "messages"]) {
      expect(page).toContain(`\`${target}\``);
      expect(targets).toContain(`| \`${target}\` |`);
    }
  });

  it("has every claim of the paper", () => {
    const claims = readFileSync(join(ROOT, "docs/paper.md"), "utf8");
    const names = [
      ...claims
        .slice(claims.indexOf("## Properties"))
        .matchAll(/^\| ([A-Z][a-z]+ ?[a-z]* ?[a-z]*) \|/gm),
    ];
    expect(names.length).toBe(7);
    for (const [, name = ""] of names) expect(page).toContain(`**${name}**`);
  });
});
