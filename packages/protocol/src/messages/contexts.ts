import type { Currency, DeviceId, InstitutionId, ProviderId, TaId, WalletId } from "../ids.ts";
import type { Context } from "./message.ts";
import type { PayeeId } from "./payment.ts";

type Holder = TaId | WalletId;

// The columns "signer" and "audience" of the table in §3.

/** A TA or wallet to its own provider: orders, reservations, withdrawals, sync requests, balances, retirements. */
export function holderToHome(parties: {
  readonly currency: Currency;
  readonly home: ProviderId;
  readonly signer: Holder;
}): Context {
  return { ...parties, audience: parties.home };
}

/** A provider to one TA: confirmations, acknowledgements, limits, sync responses. */
export function homeToTa(parties: {
  readonly currency: Currency;
  readonly home: ProviderId;
  readonly ta: TaId;
}): Context {
  return { currency: parties.currency, home: "", signer: parties.home, audience: parties.ta };
}

/** P: the sender's TA to the receiver alone. */
export function paymentContext(parties: {
  readonly currency: Currency;
  readonly home: ProviderId;
  readonly sender: TaId;
  readonly receiver: PayeeId;
}): Context {
  const { currency, home, sender, receiver } = parties;
  return { currency, home, signer: sender, audience: receiver };
}

/** A payee to anybody: requests, and the outcomes that it signs itself. */
export function payeeToAnybody(parties: {
  readonly currency: Currency;
  readonly home: ProviderId;
  readonly payee: PayeeId;
}): Context {
  return { currency: parties.currency, home: parties.home, signer: parties.payee, audience: "" };
}

/** A provider to anybody: the outcomes that it signs. */
export function providerToAnybody(parties: {
  readonly currency: Currency;
  readonly provider: ProviderId;
}): Context {
  return { currency: parties.currency, home: "", signer: parties.provider, audience: "" };
}

/** One institution to another: a provider to the central bank or another provider, the central bank to any, its operator to it. */
export function betweenInstitutions(parties: {
  readonly currency: Currency;
  readonly signer: InstitutionId;
  readonly audience: InstitutionId;
}): Context {
  const { currency, signer, audience } = parties;
  return { currency, home: "", signer, audience };
}

/** A root or an intermediary to anybody: its status lists. */
export function institutionToAnybody(parties: {
  readonly currency: Currency;
  readonly institution: InstitutionId;
}): Context {
  return { currency: parties.currency, home: "", signer: parties.institution, audience: "" };
}

/** A device to the relying party that asked for evidence. */
export function deviceToRelyingParty(parties: {
  readonly device: DeviceId;
  readonly relyingParty: InstitutionId;
}): Context {
  return { currency: "", home: "", signer: parties.device, audience: parties.relyingParty };
}

/** An institution to anybody, outside of any currency: appointments, manifests, endorsements. */
export function makerToAnybody(signer: InstitutionId): Context {
  return { currency: "", home: "", signer, audience: "" };
}

/** A manufacturer to the relying party that asked for its word on evidence. */
export function makerToRelyingParty(parties: {
  readonly manufacturer: InstitutionId;
  readonly relyingParty: InstitutionId;
}): Context {
  const { manufacturer, relyingParty } = parties;
  return { currency: "", home: "", signer: manufacturer, audience: relyingParty };
}
