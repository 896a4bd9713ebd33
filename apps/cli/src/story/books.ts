import { amount, type Amount } from "@bezant/protocol";
import { auditAll } from "../central-bank/audit.ts";
import { PROVIDERS } from "../network/layout.ts";
import { ISSUED } from "./amounts.ts";
import type { Stage } from "./stage.ts";
import type { Step } from "./teller.ts";

/** The supply audit over every ledger, as `bezant audit` does it: what was issued is what everybody has, to the cent. */
export async function showBooks(
  { network, now }: Stage,
  step: Step,
  { offline, posted }: { readonly offline: Amount; readonly posted: Amount },
): Promise<void> {
  const bank = await network.bankOperator();
  const operators = await Promise.all(PROVIDERS.map((id) => network.operator(id)));
  const { combined, supply } = await auditAll(bank, operators, now);
  const { issuance, online, free, findings, missing } = combined;
  step.amount("issued", amount(issuance));
  step.amount("online", amount(online));
  step.amount("offline", amount(combined.offline));
  step.amount("providers' own", amount(free));
  for (const { provider, unreported, unposted } of combined.providers) {
    const sum = unreported + unposted;
    step.fact(provider, sum === 0n ? "has settled all" : `${cents(sum)} not settled yet`);
  }
  step.expect("every ledger adds up, and all of them together", findings.length === 0);
  step.expect("every provider was asked, and no row was changed", missing.length === 0);
  step.expect("what was issued is what everybody has", issuance === ISSUED);
  step.expect("what is offline is what was taken offline", combined.offline === offline);
  const circulation = amount(BigInt(supply.circulation));
  step.expect("the central bank has posted what was settled", circulation === posted);
}

function cents(value: bigint): string {
  const sign = value < 0n ? "-" : "";
  const digits = `${value < 0n ? -value : value}`.padStart(3, "0");
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)} EUR`;
}
