import { err, ok, type ProviderId, type Refusal, type Result } from "@bezant/protocol";
import { fromDatabase } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { checkMessages, type Mismatch } from "./messages.ts";
import { EXPECTED_OFF, PROVIDERS, TAMPERED, TOTALS } from "./statements.ts";

/** A provider's money at the central bank. */
export interface ProviderSupply {
  readonly provider: ProviderId;
  readonly status: "open" | "suspended";
  readonly reserves: bigint;
  readonly prefund: bigint;
  /** What its deposits exceeded its allowances by: above zero. */
  readonly loss: bigint;
  /** Issued to it less redeemed from it. */
  readonly issued: bigint;
  /** Received from other providers less paid to them, returns included. */
  readonly received: bigint;
  /** The last report, and the sums of all of them. */
  readonly report: bigint;
  readonly outward: bigint;
  readonly inward: bigint;
  /** Of these, what the open window holds and is not posted yet. */
  readonly pendingOutward: bigint;
  readonly pendingInward: bigint;
  /** The last advice there is for it. */
  readonly advice: bigint;
}

/** A balance that its entries do not come to, or a posting that is not what it stands for. */
export interface Tampered {
  readonly account: string;
  /** The provider that holds it; empty for the central bank. */
  readonly holder: string;
  /** `operation reference` of the posting; empty where the balance is off. */
  readonly posting: string;
  /** What is there less what should be. */
  readonly off: bigint;
}

/** The supply of one currency, from the ledger alone. */
export interface Supply {
  readonly issuance: bigint;
  /** Posted offline circulation. */
  readonly circulation: bigint;
  /** Of the central bank itself: circulation that nobody had put there. */
  readonly loss: bigint;
  readonly window: bigint;
  readonly providers: readonly ProviderSupply[];
  readonly tampered: readonly Tampered[];
  /** Rows that do not say what the message says that they were made from. */
  readonly mismatches: readonly Mismatch[];
}

type Totals = Pick<Supply, "issuance" | "circulation" | "loss" | "window">;

/** The supply audit of the central bank's ledger. Nothing is wrong exactly where `isBalanced` says so. */
export async function audit({ db }: Pick<Core, "db">): Promise<Result<Supply, Refusal>> {
  const [totals, providers, tampered, expected, mismatches] = [
    await db.query<Totals>(TOTALS),
    await db.query<ProviderSupply>(PROVIDERS),
    await db.query<Tampered>(TAMPERED),
    await db.query<Tampered>(EXPECTED_OFF),
    await checkMessages(db),
  ];
  if (!totals.ok) return err(fromDatabase(totals.error));
  if (!providers.ok) return err(fromDatabase(providers.error));
  if (!tampered.ok) return err(fromDatabase(tampered.error));
  if (!expected.ok) return err(fromDatabase(expected.error));
  if (!mismatches.ok) return mismatches;
  const [row] = totals.value.rows;
  if (row === undefined) throw new Error("an aggregate without a row");
  return ok({
    ...row,
    providers: providers.value.rows,
    tampered: [...tampered.value.rows, ...expected.value.rows],
    mismatches: mismatches.value,
  });
}

/** issuance + Σ losses = Σ reserves + Σ prefund + circulation, and no row is off. */
export function isBalanced({
  issuance,
  circulation,
  loss,
  providers,
  tampered,
  mismatches,
}: Supply): boolean {
  const sum = (of: (one: ProviderSupply) => bigint): bigint =>
    providers.reduce((total, one) => total + of(one), 0n);
  const paidIn = issuance + loss + sum((one) => one.loss);
  const owed = circulation + sum(({ reserves, prefund }) => reserves + prefund);
  return paidIn === owed && tampered.length === 0 && mismatches.length === 0;
}
