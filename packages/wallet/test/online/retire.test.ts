import { unwrap } from "@bezant/protocol";
import { createNetwork, type Fault, type Network, type Party } from "@bezant/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alive, interruptions, recover } from "../support/interruption.ts";

let network: Network;
let party: Party;
beforeAll(async () => {
  network = await createNetwork();
  party = await network.party({ device: true });
});
afterAll(() => network.close());

/** What the provider knows of a TA. */
async function statusOf(ta: string): Promise<string | undefined> {
  const { tas } = unwrap(await party.wallet.onlineBalance());
  return tas.find((one) => one.ta === ta)?.status;
}

async function phase(): Promise<string> {
  return unwrap(unwrap(await party.wallet.status()).device!).phase;
}

/** Interrupts it there. Afterwards the TA is at work, or the provider has its statement. */
async function attempt(at: number, fault: Fault): Promise<string> {
  // Of a client's many TAs a provider tries the keys of the latest ones.
  network.clock.pass(1);
  unwrap(await party.wallet.registerTa());
  const ta = await party.ta();
  party.faults.plan(at, fault);
  await alive(party, () => party.wallet.retire());
  expect(await recover(party)).toEqual([]);
  const after = await phase();
  expect(await statusOf(ta)).toBe(after);
  if (after === "active") unwrap(await party.wallet.retire());
  expect(await statusOf(ta)).toBe("retired");
  return after;
}

describe("retire", () => {
  it("brings the provider the TA's statement, wherever it is interrupted", async () => {
    party.faults.plan(Infinity, "full");
    unwrap(await party.wallet.retire());
    const all = interruptions(party.faults.passed);
    const phases = new Set<string>();
    for (const { at, place, fault } of all) {
      const after = await attempt(at, fault).catch((error: unknown) => {
        throw new Error(`${fault} at ${place} ${at}`, { cause: error });
      });
      phases.add(`${place}: ${after}`);
    }
    expect(phases).toContain("device: retired");
    expect(phases).toContain("device: active");
  });

  it("does not let the device be set up anew over a statement that nobody has", async () => {
    unwrap(await party.wallet.registerTa());
    const ta = await party.ta();
    party.faults.plan(1, "lost-after"); // after the journal's entry the device is called
    expect(await party.wallet.retire()).toMatchObject({
      error: { code: "device-interrupted", pending: true },
    });
    expect(await phase()).toBe("retired");
    expect(await party.wallet.registerTa()).toMatchObject({ error: { code: "unfinished" } });
    expect(await statusOf(ta)).toBe("active");
    expect(unwrap(await party.wallet.resume())).toEqual([]);
    expect(await statusOf(ta)).toBe("retired");
    unwrap(await party.wallet.registerTa());
    expect(await phase()).toBe("active");
  });
});
