import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { amount, counter, outcome } from "@bezant/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeText } from "../../src/index.ts";
import { readMessageFile, writeMessageFile } from "../../src/node/index.ts";

const message = outcome.assemble(
  { kind: "void", r: counter(7), amount: amount(1250n) },
  new Uint8Array(64).fill(1),
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bezant-file-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("a message in a file", () => {
  it("is its text, for this user alone, and comes back as it was", async () => {
    const path = join(folder, "outcome.txt");
    await writeMessageFile(path, message);
    expect(readFileSync(path, "utf8")).toBe(`${encodeText(message)}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await readMessageFile(path)).toEqual({ ok: true, value: { kind: "outcome", message } });
  });

  it("never overwrites another one", async () => {
    const path = join(folder, "outcome.txt");
    await writeMessageFile(path, message);
    await expect(writeMessageFile(path, message)).rejects.toMatchObject({ code: "EEXIST" });
  });

  it("is refused by name when it is not there, too large, or something else", async () => {
    const path = join(folder, "x");
    const codeOf = async (): Promise<string> => {
      const read = await readMessageFile(path);
      return read.ok ? "ok" : read.error.code;
    };
    expect(await codeOf()).toBe("no-channel");
    writeFileSync(path, new Uint8Array(1_000_000));
    expect(await codeOf()).toBe("too-large");
    writeFileSync(path, Uint8Array.of(0xff, 0xfe, 0));
    expect(await codeOf()).toBe("malformed");
    expect(await readMessageFile(folder)).toMatchObject({ error: { code: "no-channel" } });
  });
});
