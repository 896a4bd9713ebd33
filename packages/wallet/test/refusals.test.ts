import { readFileSync } from "node:fs";
import { REFUSALS, type RefusalCode } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { explainRefusal, explanation, WALLET_REFUSALS, type WalletCode } from "../src/index.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const codes = Object.keys(WALLET_REFUSALS) as WalletCode[];

describe("the wallet's own refusals", () => {
  it.each(codes)("%s is in the README, in the words that people are shown", (code) => {
    const { title, next } = WALLET_REFUSALS[code];
    expect(readme).toContain(`| \`${code}\` | ${title}. | ${next} |`);
  });

  it("are all that the README has", () => {
    const rows = [...readme.matchAll(/^\| `([a-z-]+)` \| .* \| .* \|$/gm)].map(([, code]) => code);
    expect(rows).toEqual(codes);
  });

  it.each([...codes, ...(Object.keys(REFUSALS) as RefusalCode[])])(
    "%s says what happened, what became of the money, and how to go on, in whole sentences",
    (code) => {
      for (const refusal of [{ code }, { code, pending: true } as const]) {
        const { title, state, money, next } = explanation(refusal);
        expect(title).toMatch(/^[A-Z].*[^.]$/);
        expect(money).toMatch(/^[A-Z].*\.$/);
        expect(next).toMatch(/^[A-Z].*\.$/);
        expect(explainRefusal(refusal)).toBe(`${title}. ${money} ${next}`);
        if (refusal.pending === true) expect(state).toBe("pending");
      }
    },
  );
});
