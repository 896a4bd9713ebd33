import { amount, type Amount } from "@bezant/protocol";
import { PROVIDERS } from "../network/layout.ts";
import { FUNDS } from "./amounts.ts";
import type { Stage } from "./stage.ts";
import type { Step } from "./teller.ts";

/** The supply audit, as a step tells it: what is there is what was paid in, to the cent, over both providers. */
export async function showBooks(
  { network, now }: Stage,
  step: Step,
  { offline }: { readonly offline: Amount },
): Promise<void> {
  const total = { online: 0n, offline: 0n, suspense: 0n, funded: 0n };
  for (const id of PROVIDERS) {
    const operator = await network.operator(id);
    const supply = await operator.supply(now());
    for (const key of ["online", "offline", "suspense", "funded"] as const) {
      total[key] += BigInt(supply[key]);
    }
    step.expect(`${id}'s books add up, to the cent`, supply.balanced);
    step.expect(`no balance of ${id} was changed`, supply.tampered.length === 0);
  }
  step.amount("online", amount(total.online));
  step.amount("offline", amount(total.offline));
  step.amount("together", amount(total.online + total.offline + total.suspense));
  step.amount("paid in", amount(total.funded));
  step.expect("what is there is what was paid in", total.funded === FUNDS);
  step.expect("what is offline is what was taken offline", total.offline === offline);
}
