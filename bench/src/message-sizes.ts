import { counter, MAX_AMOUNT, seconds, unwrap } from "@bezant/protocol";
import { call as callTa } from "@bezant/trusted-app/commands";
import { inMemoryTa } from "./in-memory-ta.ts";
import { enrol, fund, requestOf, X, type Party } from "./party.ts";
import type { Report } from "./report.ts";
import { createWorld } from "./world.ts";

const HOPS = [1, 10, 100];
/** Certificates of sender and payee are attached, as they travel. */
const BARS = { payment: 350, request: 300 };

/** How long messages are, and that they stay so however many hands the money has passed through. */
export async function messageSizes(report: Report): Promise<void> {
  const world = await createWorld();
  const parties: Party[] = [];
  for (let i = 0; i < 4; i++) {
    const { ta } = inMemoryTa();
    parties.push(await enrol(world, (name, input) => Promise.resolve(callTa(ta, name, input))));
  }
  const [first] = parties as [Party];
  await fund(world, first, 1, MAX_AMOUNT / 1024n);
  for (let hop = 1; hop <= Math.max(...HOPS); hop++) {
    const from = parties[(hop - 1) % parties.length] as Party;
    const to = parties[hop % parties.length] as Party;
    const request = unwrap(await requestOf(to, X));
    const payment = unwrap(await from.call("Pay", { request, hint: seconds(0) }));
    const outcome = unwrap(await to.call("Collect", { payment }));
    unwrap(await from.call("Settle", { outcome }));
    if (HOPS.includes(hop)) {
      const after = `after ${hop} ${hop === 1 ? "hop" : "hops"}`;
      size(report, `request, ${after}`, request, BARS.request);
      size(report, `payment with certificate, ${after}`, payment, BARS.payment);
      size(report, `outcome with certificate, ${after}`, outcome);
    }
  }
  await otherMessages(report, first);
}

async function otherMessages(report: Report, party: Party): Promise<void> {
  const nonce = new Uint8Array(16);
  const reservation = await party.call("ReserveDeposit", { amount: X });
  size(report, "deposit reservation", unwrap(reservation));
  size(report, "balance", unwrap(await party.call("GetBalance", { nonce })));
  size(report, "sync request", unwrap(await party.call("SyncRequest", {})));
  const request = unwrap(await requestOf(party));
  const info = unwrap(await party.call("GetInfo", {}));
  size(report, "request, its own TA's", request, BARS.request);
  size(report, "void", unwrap(await party.call("CancelRequest", { r: counter(info.r) })));
}

function size(report: Report, name: string, message: Uint8Array, bar?: number): void {
  const value = message.length;
  const judged = bar === undefined ? {} : { bar: `at most ${bar}`, held: value <= bar };
  report({ name, value, unit: "bytes", ...judged });
}
