import { err, ok, refusal } from "@bezant/protocol";
import { describe, expect, test } from "vitest";
import type { Settlement } from "../src/index.ts";
import { keepSettling } from "../src/server/settling.ts";

const NOTHING = {
  reports: 0,
  settled: 0,
  returned: 0,
  advices: 0,
  forgotten: 0,
  givenBack: 0,
  failed: [],
};
const NEVER = 86_400;

function logged() {
  const lines: object[] = [];
  const keep = (what: object): void => void lines.push(what);
  return { lines, log: { warn: keep, error: keep } };
}

describe("a server that settles by itself", () => {
  test("settles at once, and stops without waiting for the next time", async () => {
    let count = 0;
    const { log, lines } = logged();
    const settle = () => Promise.resolve(ok({ ...NOTHING, reports: (count += 1) }));
    await keepSettling(settle, NEVER, log).stop();
    expect(count).toBe(1);
    expect(lines).toEqual([]);
  });

  test("stops only when what is being settled has ended", async () => {
    const { log } = logged();
    const gate = Promise.withResolvers<void>();
    let isDone = false;
    const settling = keepSettling(
      async () => {
        await gate.promise;
        isDone = true;
        return ok(NOTHING);
      },
      NEVER,
      log,
    );
    const stopped = settling.stop();
    gate.resolve();
    await stopped;
    expect(isDone).toBe(true);
  });

  test("says in the log what could not be done, and survives a bug", async () => {
    const { log, lines } = logged();
    const failed: Settlement["failed"] = [
      { step: "reports", refusal: refusal("settlement-unreachable") },
    ];
    await keepSettling(() => Promise.resolve(ok({ ...NOTHING, failed })), NEVER, log).stop();
    await keepSettling(() => Promise.resolve(err(refusal("no-settlement"))), NEVER, log).stop();
    await keepSettling(() => Promise.reject(new Error("a bug")), NEVER, log).stop();
    expect(lines).toMatchObject([
      { step: "reports", code: "settlement-unreachable" },
      { step: "all", code: "no-settlement" },
      { err: { message: "a bug" } },
    ]);
  });
});
