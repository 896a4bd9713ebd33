import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import measurement from "@bezant/trusted-app/measurement.json" with { type: "json" };
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..", "..");

const pages = execFileSync("git", ["ls-files", "*.md"], { cwd: ROOT, encoding: "utf8" })
  .split("\n")
  .filter((page) => page !== "");

/** Targets of relative links, without what comes after `#`. */
function links(page: string): string[] {
  const text = withoutCode(readFileSync(join(ROOT, page), "utf8"));
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? "");
  return targets
    .filter((target) => !/^(?:[a-z]+:|#)/.test(target))
    .map((target) => normalize(join(dirname(page), target.replace(/#.*$/, ""))));
}

/** Paths of files and folders that a page names from the root of the repository, in backticks. */
function paths(page: string): string[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  const named = /`((?:packages|apps|docs|vectors|bench|scripts|examples)\/[\w./-]*)`/g;
  return [...text.matchAll(named)].map(([, path]) => path ?? "");
}

function withoutCode(text: string): string {
  return text.replaceAll(/```[\s\S]*?```/g, "").replaceAll(/`[^`\n]*`/g, "");
}

describe("the documents", () => {
  it.each(pages)("%s links only to what is there", (page) => {
    expect(links(page).filter((target) => !existsSync(join(ROOT, target)))).toEqual([]);
  });

  it.each(["docs/paper.md", "ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"])(
    "%s names only files that are there",
    (page) => {
      expect(paths(page).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    },
  );

  it("show output that `npm start` still prints", () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const shown = [...readme.matchAll(/^ ?\d+ {2}(\S.*)$/gm)].map(([, title]) => title ?? "");
    const story = execFileSync("git", ["grep", "-h", "", "--", "apps/cli/src/story"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    expect(shown.length).toBeGreaterThan(2);
    expect(shown.filter((title) => !story.includes(title))).toEqual([]);
  });

  it("show the size and SHA-256 of the trusted application that is shipped", () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const shown = /(\d+) bytes of WebAssembly, SHA-256 (\w{8})…(\w{4})$/m.exec(readme);
    const { size, sha256 } = measurement;
    expect(shown?.slice(1)).toEqual([String(size), sha256.slice(0, 8), sha256.slice(-4)]);
  });

  it("number the kinds of message in order, each once", () => {
    const protocol = readFileSync(join(ROOT, "docs/protocol.md"), "utf8");
    const typs = [...protocol.matchAll(/^\| (65\d{3}) \|/gm)].map(([, typ]) => Number(typ));
    expect(typs.length).toBeGreaterThan(40);
    expect(typs).toEqual([...new Set(typs)].toSorted((a, b) => a - b));
  });

  it("are mapped from every figure of the paper", () => {
    const map = readFileSync(join(ROOT, "docs/paper.md"), "utf8");
    const figures = Array.from({ length: 9 }, (_, i) => `Figure ${i + 1}`);
    expect(figures.filter((figure) => !map.includes(figure))).toEqual([]);
  });
});
