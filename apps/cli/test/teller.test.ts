import { amount, currency } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { createOutput } from "../src/output.ts";
import { StepFailed, Teller } from "../src/story/teller.ts";

function tell(json: boolean): { readonly teller: Teller; readonly said: () => string } {
  let said = "";
  const write = (text: string): void => {
    said += text;
  };
  const output = createOutput(json, { stdout: write, stderr: write });
  return { teller: new Teller(output, currency("EUR")), said: () => said };
}

describe("the teller of the story", () => {
  it("shows an expectation that does not hold, and goes on", async () => {
    const { teller, said } = tell(false);
    await teller.step("pay", "A pays", (step) => {
      step.amount("A", amount(500n), amount(700n));
      step.expect("it arrives", true);
      step.expect("it arrives once", false);
      return Promise.resolve();
    });
    expect(said()).toContain("A      7.00 EUR →  5.00 EUR");
    expect(said()).toContain("ok  it arrives\n");
    expect(said()).toContain("FAILED  it arrives once");
    expect(teller.ok).toBe(false);
  });

  it("takes what was not refused, or for another reason, for a failure", async () => {
    for (const refusal of [
      undefined,
      { code: "expired", title: "Expired", state: "nothing-moved", money: "", next: "" } as const,
    ]) {
      const { teller, said } = tell(true);
      await teller.step("replay", "Again", (step) => {
        step.refused("again", "bad-signature", refusal);
        return Promise.resolve();
      });
      expect(teller.ok).toBe(false);
      const code = refusal?.code ?? null;
      expect(JSON.parse(said())).toMatchObject({ ok: false, refused: [{ what: "again", code }] });
    }
  });

  it("tells a step that cannot be played to its end, and ends the story with it", async () => {
    const { teller, said } = tell(true);
    const step = teller.step("fall", "Falls", () => Promise.reject(new Error("no way")));
    await expect(step).rejects.toThrow(StepFailed);
    expect(teller.ok).toBe(false);
    expect(JSON.parse(said())).toMatchObject({
      step: 1,
      id: "fall",
      ok: false,
      expected: [{ sentence: "no way", held: false }],
    });
  });

  it("says nothing once it is muted", async () => {
    const { teller, said } = tell(false);
    teller.mute();
    teller.act("AFTERWARDS");
    await teller.step("late", "Late", () => Promise.resolve());
    expect(said()).toBe("");
  });
});
