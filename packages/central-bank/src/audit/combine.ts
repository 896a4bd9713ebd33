import type { ProviderId } from "@bezant/protocol";
import { isBalanced, type ProviderSupply, type Supply } from "./audit.ts";

/** A provider's own ledger, as it says itself (its supply audit). */
export interface ProviderLedger {
  readonly provider: ProviderId;
  readonly online: bigint;
  readonly suspense: bigint;
  /** Deposited less returned, whoever holds it now. */
  readonly offline: bigint;
  /** Booked as paid to other providers' clients, less booked as received. */
  readonly interbank: bigint;
  /** What its reserves and losses have paid in for its clients. */
  readonly funded: bigint;
  /** Its own audit found nothing. */
  readonly balanced: boolean;
  /** The last report that the central bank has accepted, as far as it knows, and the last that is complete. */
  readonly accepted: bigint;
  readonly cut: bigint;
  /** What its reports through `cut` have moved into circulation, less out of it. */
  readonly reported: bigint;
  /** What was reported and its ledger has forgotten with a restore from a backup, until syncs bring it back. */
  readonly forgottenOutward: bigint;
  readonly forgottenInward: bigint;
  /** Of what it has forgotten, written off: its own loss, which its free reserves lack already. */
  readonly writtenOff: bigint;
  /** The last advice that it has booked. */
  readonly advices: bigint;
  /** Debited to its clients, and neither settled nor refused by the central bank yet. */
  readonly sending: bigint;
}

/** One provider in the audit of everybody together. */
export interface ProviderAudit extends ProviderLedger {
  /** What is its own of the money at the central bank, once all that has moved is posted. */
  readonly free: bigint;
  /** Moved into offline circulation by its ledger and not accepted in a report yet; negative: out of it. */
  readonly unreported: bigint;
  /** Accepted in a report and not posted yet, likewise. */
  readonly unposted: bigint;
  /** Paid between providers, and not booked at both ends yet, as this provider's share. */
  readonly inFlight: bigint;
  /** Deposits beyond its allowances: the provider's loss. */
  readonly loss: bigint;
}

/** Something that does not add up, in words for the operator. */
export interface Finding {
  /** A provider, or empty for the central bank. */
  readonly holder: string;
  readonly what: string;
  readonly off: bigint;
}

/** issuance + losses = online + suspense + free reserves + offline circulation + between providers. */
export interface CombinedAudit {
  readonly issuance: bigint;
  readonly online: bigint;
  readonly suspense: bigint;
  readonly free: bigint;
  /** All of it: posted, accepted, and not reported yet. */
  readonly offline: bigint;
  readonly inFlight: bigint;
  /** The providers' and the central bank's together. */
  readonly losses: bigint;
  readonly ownLoss: bigint;
  /** What providers have written off after restores; in their free reserves already. */
  readonly writtenOff: bigint;
  readonly providers: readonly ProviderAudit[];
  readonly findings: readonly Finding[];
  /** Providers with accounts whose ledger was not asked. */
  readonly missing: readonly ProviderId[];
}

/**
 * Puts the ledgers of the central bank and of all providers together. Exact where nothing moves meanwhile; what is on its way is
 * pending, by name, and what cannot be on its way is a finding.
 */
export function combine(supply: Supply, ledgers: readonly ProviderLedger[]): CombinedAudit {
  const asked = ledgers.flatMap((ledger) => {
    const account = supply.providers.find(({ provider }) => provider === ledger.provider);
    return account === undefined ? [] : [[account, ledger] as const];
  });
  const providers = asked.map(([account, ledger]) => auditOf(account, ledger));
  const total = (of: (one: ProviderAudit) => bigint): bigint =>
    providers.reduce((sum, one) => sum + of(one), 0n);
  const ownLoss = supply.loss;
  const combined = {
    issuance: supply.issuance,
    online: total(({ online }) => online),
    suspense: total(({ suspense }) => suspense),
    free: total(({ free }) => free),
    offline: total(({ offline }) => offline),
    inFlight: total(({ inFlight }) => inFlight),
    losses: total(({ loss }) => loss),
    ownLoss,
    writtenOff: total(({ writtenOff }) => writtenOff),
    providers,
    missing: supply.providers
      .filter(({ provider }) => !ledgers.some((ledger) => ledger.provider === provider))
      .map(({ provider }) => provider),
  };
  const strangers = ledgers.filter((one) => !asked.some(([, known]) => known === one));
  return {
    ...combined,
    findings: [
      ...(isBalanced(supply) ? [] : [finding("", "the central bank's own ledger is off", 0n)]),
      ...strangers.map(({ provider }) => finding(provider, "has no account here", 0n)),
      ...asked.flatMap(([account, ledger]) => findingsOf(account, ledger)),
      ...whole(combined),
    ],
  };
}

function auditOf(account: ProviderSupply, ledger: ProviderLedger): ProviderAudit {
  const { issued, received, loss } = account;
  return {
    ...ledger,
    // What was issued to it is its own, but for what its clients were funded with.
    free: issued + loss - ledger.funded,
    unreported: ledger.offline - (account.outward - account.inward),
    unposted: account.pendingOutward - account.pendingInward,
    inFlight: ledger.interbank + received,
    loss,
  };
}

function findingsOf(account: ProviderSupply, ledger: ProviderLedger): Finding[] {
  const { provider, accepted, cut, reported } = ledger;
  const found: Finding[] = [];
  const { free, inFlight } = auditOf(account, ledger);
  if (!ledger.balanced) found.push(finding(provider, "its own ledger is off", 0n));
  if (free < 0n) {
    found.push(finding(provider, "has funded clients with more than it has", -free));
  }
  if (accepted > account.report) {
    const lost = accepted - account.report;
    found.push(finding(provider, "reports that were accepted are not at the central bank", lost));
  }
  const forgotten = ledger.forgottenOutward - ledger.forgottenInward;
  const off = reported + forgotten - (account.outward - account.inward);
  if (accepted === account.report && cut === accepted && off !== 0n) {
    found.push(finding(provider, "its reports do not say what its ledger says", off));
  }
  if (ledger.advices === account.advice && ledger.sending === 0n && inFlight !== 0n) {
    found.push(
      finding(provider, "payments between providers are not booked as they were paid", inFlight),
    );
  }
  return found;
}

function whole(all: Omit<CombinedAudit, "findings">): Finding[] {
  const { issuance, losses, online, suspense, free, offline, inFlight, missing } = all;
  // Without everybody's ledger nothing can be said of the sum. The providers' losses are what their free reserves lack no longer.
  if (missing.length > 0) return [];
  const off = online + suspense + free + offline + inFlight - losses - issuance;
  return off === 0n ? [] : [finding("", "issuance is not what everybody has", off)];
}

function finding(holder: string, what: string, off: bigint): Finding {
  return { holder, what, off };
}
