import {
  amount,
  attach,
  counter,
  outcome,
  payeeToAnybody,
  providerToAnybody,
  unwrap,
  type Attachments,
  type Chain,
  type Outcome,
  type ProviderId,
  type Subject,
} from "../../src/index.ts";
import type { Actor } from "./actor.ts";
import { accepts, refuses, type Case } from "./case.ts";
import {
  certificates,
  certify,
  chainA,
  chainB,
  EUR,
  ids,
  names,
  people,
  usual,
  walletOf,
} from "./cast.ts";
import { forged, offCurve, otherKind } from "./certificates.ts";
import { toBob, toMerchant } from "./examples.ts";

/** An outcome, the payment it is said to be about, and the provider of whoever asks. */
export type OutcomeInput = {
  readonly bytes: Uint8Array;
  readonly subject: Subject;
  readonly home: ProviderId;
  /** Other chains that were verified before, beside that of `home`. */
  readonly known?: readonly Chain[];
};

const { alice: sender } = ids;
const paidBob: Subject = { payment: toBob, sender };
const paidMerchant: Subject = { payment: toMerchant, sender };

const named = { sender, r: toBob.r, j: toBob.j, amount: toBob.amount };
const collected: Outcome = { kind: "collected", ...named };
const voided: Outcome = { kind: "void", r: toBob.r, amount: toBob.amount };
const claimed: Outcome = {
  kind: "claimed",
  sender,
  j: toMerchant.j,
  amount: toMerchant.amount,
  receiver: ids.merchant,
};
const neverSettled: Outcome = { ...claimed, kind: "never-settled" };
const receipt: Outcome = {
  kind: "received",
  sender,
  r: toMerchant.r,
  j: toMerchant.j,
  amount: toMerchant.amount,
};

const ofBob = payeeToAnybody({ currency: EUR, home: names.bankB, payee: ids.bob });
const ofMerchant = payeeToAnybody({ currency: EUR, home: names.bankB, payee: ids.merchant });

function byBob(value: Outcome, certificate: Uint8Array = certificates.bobTa): Uint8Array {
  return outcome.sign(value, ofBob, people.bobTa, { certificate });
}

function byMerchant(value: Outcome): Uint8Array {
  return outcome.sign(value, ofMerchant, people.merchant, { certificate: certificates.merchant });
}

function byBank(value: Outcome, bank: Actor, attached: Attachments): Uint8Array {
  const provider = bank === people.bankA ? names.bankA : names.bankB;
  return outcome.sign(value, providerToAnybody({ currency: EUR, provider }), bank, attached);
}

const about = (bytes: Uint8Array, subject = paidBob, home = names.bankA): OutcomeInput => ({
  bytes,
  subject,
  home,
});
const fromB = { certificate: certificates.merchant, chain: chainB };
const ofA = certify(walletOf(names.bankA, people.merchant), people.bankA);

export const outcomeCases: readonly Case<OutcomeInput>[] = [
  accepts("9.1", "collected", about(byBob(collected)), { verdict: "settled" }),
  accepts("6.4", "collected, naming another index", about(byBob({ ...collected, j: counter(9) })), {
    verdict: "refund-due",
  }),
  accepts(
    "6.4",
    "collected, naming another sender",
    about(byBob({ ...collected, sender: ids.bob })),
    { verdict: "refund-due" },
  ),
  accepts("6.4", "void", about(byBob(voided)), { verdict: "refund-due" }),
  accepts("9.3", "received", about(byMerchant(receipt), paidMerchant), { verdict: "received" }),
  accepts(
    "9.2",
    "collected, with a certificate that nobody issued: only its key counts",
    about(byBob(collected, forged(certificates.bobTa))),
    { verdict: "settled" },
  ),
  accepts("9.4", "claimed", about(byBank(claimed, people.bankB, fromB), paidMerchant), {
    verdict: "settled",
  }),
  accepts("9.4", "never-settled", about(byBank(neverSettled, people.bankB, fromB), paidMerchant), {
    verdict: "refund-due",
  }),
  accepts(
    "9.4",
    "claimed, for a verifier with the same provider",
    about(byBank(claimed, people.bankB, {}), paidMerchant, names.bankB),
    { verdict: "settled" },
  ),

  refuses("3.5", "malformed", "cut short", about(byBob(collected).slice(1))),
  refuses("3.5", "wrong-type", "another kind of message", about(otherKind)),
  refuses(
    "9.5",
    "unknown-payment",
    "of another request",
    about(byBob({ ...voided, r: counter(9) })),
  ),
  refuses(
    "9.5",
    "unknown-payment",
    "of a TA, about a payment to a wallet",
    about(byBob({ ...voided, r: toMerchant.r }), paidMerchant),
  ),
  refuses(
    "9.5",
    "unknown-payment",
    "of a provider, about a payment to a TA",
    about(byBank({ ...claimed, j: toBob.j, receiver: ids.bob }, people.bankB, fromB)),
  ),
  refuses(
    "9.5",
    "unknown-payment",
    "naming another receiver",
    about(
      byBank({ ...neverSettled, receiver: ids.aliceWallet }, people.bankB, fromB),
      paidMerchant,
    ),
  ),
  refuses(
    "9.5",
    "unknown-payment",
    "received, naming another index",
    about(byMerchant({ ...receipt, j: counter(9) }), paidMerchant),
  ),
  refuses(
    "9.5",
    "request-mismatch",
    "of another amount",
    about(byBob({ ...voided, amount: amount(1n) })),
  ),
  refuses(
    "9.5",
    "unknown-payment",
    "of another request, and without a certificate",
    about(unwrap(attach(byBob({ ...voided, r: counter(9) }), {}))),
  ),
  refuses(
    "9.5",
    "request-mismatch",
    "of another amount, and of an unknown provider",
    about(byBank({ ...claimed, amount: amount(1n) }, people.bankB, {}), paidMerchant),
  ),
  refuses(
    "9.2",
    "missing-certificate",
    "of a TA, without a certificate",
    about(unwrap(attach(byBob(collected), {}))),
  ),
  refuses(
    "9.2",
    "malformed",
    "with a certificate that is none",
    about(byBob(collected, Uint8Array.of(0))),
  ),
  refuses(
    "9.2",
    "bad-key",
    "with a certificate for no point",
    about(byBob(collected, certify({ ...usual.bobTa, key: offCurve }, people.bankB))),
  ),
  refuses(
    "9.2",
    "unknown-payment",
    "with somebody else's certificate",
    about(byBob(collected, certificates.aliceTa)),
  ),
  refuses(
    "9.2",
    "bad-signature",
    "signed by somebody else",
    about(outcome.sign(collected, ofBob, people.merchant, { certificate: certificates.bobTa })),
  ),
  refuses(
    "9.4",
    "unknown-issuer",
    "of an unknown provider",
    about(byBank(claimed, people.bankB, {}), paidMerchant),
  ),
  refuses("9.4", "unknown-issuer", "of another provider that is known, without its chain", {
    ...about(byBank(claimed, people.bankB, { certificate: certificates.merchant }), paidMerchant),
    known: [chainB],
  }),
  refuses(
    "9.4",
    "missing-certificate",
    "of another provider, without its client's certificate",
    about(byBank(neverSettled, people.bankB, { chain: chainB }), paidMerchant),
  ),
  refuses(
    "9.4",
    "not-home",
    "of another provider, with another client's certificate",
    about(
      byBank(neverSettled, people.bankB, { ...fromB, certificate: certificates.aliceWallet }),
      paidMerchant,
    ),
  ),
  refuses(
    "9.4",
    "not-home",
    "of another provider that has the receiver's key as a client, too",
    about(
      byBank(neverSettled, people.bankA, { certificate: ofA, chain: chainA }),
      paidMerchant,
      names.bankB,
    ),
  ),
  refuses(
    "9.4",
    "unknown-issuer",
    "with another kid than its chain's",
    about(byBank(claimed, people.mallory, fromB), paidMerchant),
  ),
  refuses(
    "9.4",
    "bad-signature",
    "forged",
    about(forged(byBank(claimed, people.bankB, fromB)), paidMerchant),
  ),
];
