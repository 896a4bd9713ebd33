import { amount, type Amount } from "@bezant/protocol";
import { FUNDS } from "./amounts.ts";
import type { Stage } from "./stage.ts";
import type { Step } from "./teller.ts";

/** The supply audit, as a step tells it: what is there is what was paid in, to the cent. */
export async function showBooks(
  { network, now }: Stage,
  step: Step,
  { offline }: { readonly offline: Amount },
): Promise<void> {
  const operator = await network.operator();
  const supply = await operator.supply(now());
  const [online, circulating, suspense, funded] = [
    supply.online,
    supply.offline,
    supply.suspense,
    supply.funded,
  ].map((text) => amount(BigInt(text))) as [Amount, Amount, Amount, Amount];
  step.amount("online", online);
  step.amount("offline", circulating);
  step.amount("together", amount(online + circulating + suspense));
  step.amount("paid in", funded);
  step.expect("the supply adds up, to the cent", supply.balanced && funded === FUNDS);
  step.expect("no balance was changed behind the ledger's back", supply.tampered.length === 0);
  step.expect("what is offline is what was taken offline", circulating === offline);
}
