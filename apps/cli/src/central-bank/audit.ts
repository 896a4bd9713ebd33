import {
  combine,
  type CombinedAudit,
  type ProviderLedger,
  type Supply as Bank,
} from "@bezant/central-bank";
import type { Seconds } from "@bezant/protocol";
import { Failure } from "../failure.ts";
import type { Operator, Supply } from "../provider/operator.ts";
import type { BankOperator, BankSupply } from "./operator.ts";

// What the two services answer in decimal strings, as the audit's figures.

/** Every ledger together: those of these providers, and the central bank's. */
export async function auditAll(
  bank: BankOperator,
  providers: readonly Operator[],
  now: () => Seconds,
): Promise<{
  readonly combined: CombinedAudit;
  readonly supply: BankSupply;
  readonly ledgers: readonly AskedLedger[];
}> {
  const asked: AskedLedger[] = [];
  const ledgers = [];
  for (const operator of providers) {
    if (operator.currency !== bank.currency) {
      throw new Failure(`${operator.provider} has another currency: ${operator.currency}.`);
    }
    const supply = (await operator.supply(now())) as SettledSupply;
    asked.push({ provider: operator.provider, supply });
    ledgers.push(providerFigures(operator.provider, supply));
  }
  // The central bank last: what it has accepted meanwhile is in the ledgers already.
  const supply = await bank.supply(now());
  return { combined: combine(bankFigures(supply), ledgers), supply, ledgers: asked };
}

/** What a provider says of its own ledger. */
export type AskedLedger = {
  readonly provider: ProviderLedger["provider"];
  readonly supply: Supply;
};

function bankFigures(supply: BankSupply): Bank {
  return {
    issuance: BigInt(supply.issuance),
    circulation: BigInt(supply.circulation),
    loss: BigInt(supply.loss),
    window: BigInt(supply.window),
    providers: supply.providers.map(figures) as unknown as Bank["providers"],
    tampered: supply.tampered.map(figures) as unknown as Bank["tampered"],
    mismatches: supply.mismatches.map(figures) as unknown as Bank["mismatches"],
  };
}

/** A provider's supply, with what it says about settlement. */
type SettledSupply = Supply & {
  readonly settlement: Supply["settlement"] & {
    readonly accepted: string;
    readonly cut: string;
    readonly reported: readonly {
      readonly debit: string;
      readonly credit: string;
      readonly amount: string;
    }[];
    readonly forgotten: { readonly outward: string; readonly inward: string };
    readonly sending: string;
    readonly advices: string;
  };
};

function providerFigures(provider: ProviderLedger["provider"], supply: SettledSupply) {
  const { settlement } = supply;
  const ledger: ProviderLedger = {
    provider,
    online: BigInt(supply.online),
    suspense: BigInt(supply.suspense),
    offline: BigInt(supply.offline),
    interbank: BigInt(supply.interbank),
    funded: BigInt(supply.funded),
    balanced: supply.balanced,
    accepted: BigInt(settlement.accepted),
    cut: BigInt(settlement.cut),
    reported: settlement.reported.reduce((sum, flow) => sum + outward(flow), 0n),
    forgottenOutward: BigInt(settlement.forgotten.outward),
    forgottenInward: BigInt(settlement.forgotten.inward),
    writtenOff: BigInt(settlement.lost.writtenOff),
    advices: BigInt(settlement.advices),
    sending: BigInt(settlement.sending),
  };
  return ledger;
}

/** What a flow moves into offline circulation; negative: out of it. */
function outward(flow: { debit: string; credit: string; amount: string }): bigint {
  if (flow.debit === flow.credit) return 0n;
  if (flow.credit === "offline") return BigInt(flow.amount);
  return flow.debit === "offline" ? -BigInt(flow.amount) : 0n;
}

/** Every member that is a whole number as one. */
function figures(row: Readonly<Record<string, string>>): object {
  return Object.fromEntries(
    Object.entries(row).map(([name, text]) => [name, NUMBERS.has(name) ? BigInt(text) : text]),
  );
}

const NUMBERS = new Set(
  "reserves prefund loss issued received report outward inward pendingOutward pendingInward advice off".split(
    " ",
  ),
);
