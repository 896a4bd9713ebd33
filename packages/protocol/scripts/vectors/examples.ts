import {
  certificate,
  certificateContext,
  certificationRequest,
  counter,
  declineOrder,
  depositConfirmation,
  depositRequest,
  depositReservation,
  deviceToRelyingParty,
  evidence,
  institutionStatus,
  institutionToAnybody,
  keyId,
  fromHex,
  holderToHome,
  homeToTa,
  limitsProfile,
  MAX_AMOUNT,
  MAX_COUNTER,
  MAX_REVOKED,
  MAX_REVOKED_KEYS,
  MAX_SECONDS,
  amount,
  onlinePaymentOrder,
  outcome,
  payeeToAnybody,
  payment,
  paymentContext,
  paymentRequest,
  providerToAnybody,
  registration,
  retirement,
  revocationOrder,
  signedBalance,
  statusChunk,
  statusChunks,
  syncRequest,
  syncResponse,
  taRegistration,
  tokenRequest,
  withdrawal,
  withdrawalAcknowledgement,
  type Context,
  type Evidence,
  type InstitutionStatus,
  type Limits,
  type Payment,
  type StatusChunk,
  type SyncRequest,
} from "../../src/index.ts";
import type { Actor } from "./actor.ts";
import { at, certificates, chainA, chainB, EUR, ids, names, NOW, people, usual } from "./cast.ts";
import { example, type Example } from "./example.ts";
import { filler } from "./filler.ts";
import { makerExamples } from "./maker-examples.ts";
import { settlementExamples } from "./settlement-examples.ts";

const aliceTa = holder(people.aliceTa, ids.alice);
const aliceWallet = holder(people.aliceWallet, ids.aliceWallet);
const bankToAlice = {
  signer: people.bankA,
  context: homeToTa({ currency: EUR, home: names.bankA, ta: ids.alice }),
};

function holder(
  signer: Actor,
  id: typeof ids.alice | typeof ids.aliceWallet,
): { readonly signer: Actor; readonly context: Context } {
  return { signer, context: holderToHome({ currency: EUR, home: names.bankA, signer: id }) };
}

const byBob = payeeToAnybody({ currency: EUR, home: names.bankB, payee: ids.bob });
const byMerchant = payeeToAnybody({ currency: EUR, home: names.bankB, payee: ids.merchant });
const byBankB = providerToAnybody({ currency: EUR, provider: names.bankB });
const bobCertificate = { certificate: certificates.bobTa, chain: chainB };
const merchantCertificate = { certificate: certificates.merchant, chain: chainB };

/** A payment of alice's TA to bob's, which has another provider. */
export const toBob: Payment = {
  amount: amount(1250n),
  receiver: ids.bob,
  receiverClass: "ta",
  j: counter(7),
  r: counter(3),
  challenge: filler("bob's challenge", 8),
  time: at(-60),
  type: "basic",
};
/** And one to the merchant's wallet. */
export const toMerchant: Payment = {
  ...toBob,
  receiver: ids.merchant,
  receiverClass: "wallet",
  j: counter(8),
  r: counter(41),
  challenge: filler("the merchant's challenge", 8),
};

export const byAlice = (receiver: Payment["receiver"]): Context =>
  paymentContext({ currency: EUR, home: names.bankA, sender: ids.alice, receiver });

const limits: Limits = {
  profile: 1,
  version: 1,
  maxHolding: amount(500_00n),
  maxPayment: amount(150_00n),
  maxCount: 30,
  maxValue: amount(1000_00n),
  noPinCap: amount(50_00n),
  uncheckedCap: amount(25_00n),
};
const largestLimits: Limits = {
  profile: 0xffff,
  version: MAX_COUNTER,
  maxHolding: MAX_AMOUNT,
  maxPayment: MAX_AMOUNT,
  maxCount: MAX_COUNTER,
  maxValue: MAX_AMOUNT,
  noPinCap: MAX_AMOUNT,
  uncheckedCap: MAX_AMOUNT,
};

export const aliceEvidence: Evidence = {
  key: people.aliceTa.publicKey.compressed,
  nonce: filler("attestation nonce", 16),
  device: people.device.deviceId,
  debug: 4,
  measurements: {
    taMeasurement: filler("ta", 32),
    taVersion: 1,
    tosMeasurement: filler("tos", 32),
    tosVersion: 1,
    securityLevel: 1,
    anchor: fromHex(people.root.thumbprint),
  },
};
export const deviceToBankA = {
  signer: people.device,
  context: deviceToRelyingParty({ device: people.device.deviceId, relyingParty: names.bankA }),
  attached: { certificate: certificates.device },
};
const evidenceExample = example("evidence", evidence, aliceEvidence, deviceToBankA);

const zeros = new Uint8Array(32);
const sync: SyncRequest = {
  nonce: filler("sync nonce", 16),
  balance: amount(4200n),
  d: counter(2),
  depositDigest: filler("confirmation 2", 32),
  w: counter(1),
  j: counter(8),
  nextR: counter(4),
  windowCount: 8,
  windowValue: amount(9999n),
  totals: [amount(20_000n), amount(5_000n), amount(12_000n), amount(1_200n)],
  head: filler("head", 32),
  time: at(-60),
  reserved: amount(100n),
  openRequests: 1,
};

const reservationExample = example(
  "deposit-reservation",
  depositReservation,
  { amount: amount(10_000n), d: counter(3) },
  aliceTa,
);

/** A list of bank-a in three parts. The second one covers 1000 to 3998 and names three of them. */
export const listOfBankA = statusChunks(
  [7, 20, 900, 1000, 1001, 2048, 3999, 4000, 70_000, 4_294_967_295],
  { epoch: 9, issuedAt: at(-3600), perChunk: 4 },
);
const [emptyList] = statusChunks([], { epoch: 1, issuedAt: NOW }) as [StatusChunk];
const largestChunk: StatusChunk = {
  epoch: MAX_COUNTER,
  issuedAt: MAX_SECONDS,
  first: 65_536,
  last: MAX_COUNTER,
  revoked: Array.from({ length: MAX_REVOKED }, (_, i) => 131_072 + i * 65_537),
};
export const byBankA = {
  signer: people.bankA,
  context: providerToAnybody({ currency: EUR, provider: names.bankA }),
  attached: { chain: chainA },
};

/** Two keys that are taken back, one of them bank-b's. */
export const revokedInstitutions: InstitutionStatus = {
  sequence: 5,
  issuedAt: at(-60),
  revoked: [
    [people.bankB.keyId, at(-86_400)] as const,
    [people.mallory.keyId, at(-120)] as const,
  ].toSorted(([a], [b]) => (a < b ? -1 : 1)),
};
const largestInstitutionStatus: InstitutionStatus = {
  sequence: MAX_COUNTER,
  issuedAt: MAX_SECONDS,
  revoked: Array.from(
    { length: MAX_REVOKED_KEYS },
    (_, i) => [keyId(i.toString(16).padStart(16, "f")), MAX_SECONDS] as const,
  ).toSorted(([a], [b]) => (a < b ? -1 : 1)),
};
export const byRoot = {
  signer: people.root,
  context: institutionToAnybody({ currency: EUR, institution: names.root }),
};
export const byIntermediary = {
  signer: people.intermediary,
  context: institutionToAnybody({ currency: EUR, institution: names.intermediary }),
  attached: { certificate: certificates.intermediary },
};

/** At least one of every kind of message; more where a payload has several shapes or bounds. */
export const examples: readonly Example[] = [
  ...(["root", "intermediary", "bankA", "aliceWallet", "aliceTa", "oem", "device"] as const).map(
    (who) => {
      const issuer = {
        root: people.root,
        intermediary: people.root,
        bankA: people.intermediary,
        aliceWallet: people.bankA,
        aliceTa: people.bankA,
        oem: people.oem,
        device: people.oem,
      }[who];
      const by = { signer: issuer, context: certificateContext(usual[who]) };
      return example(`certificate of role ${usual[who].role}`, certificate, usual[who], by);
    },
  ),
  example(
    "registration",
    registration,
    { key: people.aliceWallet.publicKey.compressed },
    aliceWallet,
  ),
  example("ta-registration", taRegistration, { evidence: evidenceExample.bytes }, aliceWallet),
  reservationExample,
  example(
    "deposit-request",
    depositRequest,
    { reservation: reservationExample.bytes },
    aliceWallet,
  ),
  example(
    "deposit-confirmation of a deposit",
    depositConfirmation,
    { amount: amount(10_000n), d: counter(3), kind: "deposit" },
    bankToAlice,
  ),
  example(
    "deposit-confirmation of a refund, chain attached",
    depositConfirmation,
    { amount: amount(1250n), d: counter(4), kind: "refund", j: counter(7) },
    { ...bankToAlice, attached: { chain: chainA } },
  ),
  example("withdrawal", withdrawal, { amount: amount(5000n), w: counter(2) }, aliceTa),
  example("withdrawal, smallest", withdrawal, { amount: amount(1n), w: counter(0) }, aliceTa),
  example("withdrawal, largest", withdrawal, { amount: MAX_AMOUNT, w: MAX_COUNTER }, aliceTa),
  example("withdrawal-acknowledgement", withdrawalAcknowledgement, { w: counter(2) }, bankToAlice),
  example(
    "payment-request of a TA, which expires",
    paymentRequest,
    { amount: toBob.amount, r: toBob.r, challenge: toBob.challenge, expires: at(600) },
    { signer: people.bobTa, context: byBob, attached: bobCertificate },
  ),
  example(
    "payment-request of a wallet, which does not expire",
    paymentRequest,
    { amount: toMerchant.amount, r: toMerchant.r, challenge: toMerchant.challenge },
    { signer: people.merchant, context: byMerchant, attached: merchantCertificate },
  ),
  example("payment to a TA of another provider", payment, toBob, {
    signer: people.aliceTa,
    context: byAlice(ids.bob),
    attached: { certificate: certificates.aliceTa, chain: chainA },
  }),
  example("payment to a wallet, no chain attached", payment, toMerchant, {
    signer: people.aliceTa,
    context: byAlice(ids.merchant),
    attached: { certificate: certificates.aliceTa },
  }),
  example(
    "payment, largest",
    payment,
    { ...toBob, amount: MAX_AMOUNT, j: MAX_COUNTER, r: MAX_COUNTER, time: MAX_SECONDS },
    { signer: people.aliceTa, context: byAlice(ids.bob) },
  ),
  example(
    "outcome collected",
    outcome,
    { kind: "collected", r: toBob.r, sender: ids.alice, j: toBob.j, amount: toBob.amount },
    { signer: people.bobTa, context: byBob, attached: { certificate: certificates.bobTa } },
  ),
  example(
    "outcome void",
    outcome,
    { kind: "void", r: toBob.r, amount: toBob.amount },
    { signer: people.bobTa, context: byBob, attached: { certificate: certificates.bobTa } },
  ),
  ...(["claimed", "never-settled"] as const).map((kind) =>
    example(
      `outcome ${kind}`,
      outcome,
      {
        kind,
        sender: ids.alice,
        j: toMerchant.j,
        amount: toMerchant.amount,
        receiver: ids.merchant,
      },
      { signer: people.bankB, context: byBankB, attached: merchantCertificate },
    ),
  ),
  example(
    "outcome received",
    outcome,
    {
      kind: "received",
      r: toMerchant.r,
      sender: ids.alice,
      j: toMerchant.j,
      amount: toMerchant.amount,
    },
    {
      signer: people.merchant,
      context: byMerchant,
      attached: { certificate: certificates.merchant },
    },
  ),
  example("sync-request", syncRequest, sync, aliceTa),
  example(
    "sync-request of a new TA",
    syncRequest,
    {
      ...sync,
      balance: amount(0n),
      d: counter(0),
      depositDigest: zeros,
      w: counter(0),
      j: counter(0),
      nextR: counter(1),
      windowCount: 0,
      windowValue: amount(0n),
      totals: [amount(0n), amount(0n), amount(0n), amount(0n)],
      head: zeros,
      reserved: amount(0n),
      openRequests: 0,
    },
    aliceTa,
  ),
  example(
    "sync-response",
    syncResponse,
    {
      nonce: sync.nonce,
      limits,
      time: NOW,
      w: counter(1),
      stored: counter(8),
      unlockPin: false,
      epochs: [
        [names.bankA, 9],
        [names.bankB, 4],
      ],
      revokedKeys: [[people.mallory.keyId, at(-86_400)]],
    },
    bankToAlice,
  ),
  example(
    "sync-response of a provider without status lists",
    syncResponse,
    {
      nonce: sync.nonce,
      limits,
      time: NOW,
      w: counter(0),
      stored: counter(0),
      unlockPin: true,
      epochs: [],
      revokedKeys: [],
    },
    bankToAlice,
  ),
  example(
    "signed-balance",
    signedBalance,
    {
      nonce: filler("balance nonce", 16),
      balance: amount(4200n),
      d: counter(2),
      w: counter(1),
      j: counter(8),
    },
    aliceTa,
  ),
  evidenceExample,
  example("limits-profile", limitsProfile, limits, bankToAlice),
  example("limits-profile, largest", limitsProfile, largestLimits, bankToAlice),
  example(
    "online-payment-order",
    onlinePaymentOrder,
    { amount: amount(999n), receiver: ids.merchant, orderId: filler("order", 16) },
    aliceWallet,
  ),
  example(
    "online-payment-order, to another provider",
    onlinePaymentOrder,
    {
      amount: amount(999n),
      receiver: ids.merchant,
      orderId: filler("order", 16),
      provider: names.bankB,
    },
    aliceWallet,
  ),
  example("token-request", tokenRequest, { nonce: filler("token nonce", 16) }, aliceWallet),
  example(
    "decline-order",
    declineOrder,
    { sender: ids.alice, j: toMerchant.j, amount: toMerchant.amount },
    {
      signer: people.merchant,
      context: holderToHome({ currency: EUR, home: names.bankB, signer: ids.merchant }),
    },
  ),
  example(
    "retirement",
    retirement,
    { d: counter(4), w: counter(2), j: counter(8), head: filler("head", 32) },
    aliceTa,
  ),
  example(
    "certification-request",
    certificationRequest,
    {
      role: "provider",
      sub: names.bankA,
      currency: EUR,
      key: people.bankA.publicKey.compressed,
    },
    {
      signer: people.bankA,
      context: {
        currency: EUR,
        home: "",
        signer: names.bankA,
        audience: names.intermediary,
      },
    },
  ),
  example("institution-status", institutionStatus, revokedInstitutions, byRoot),
  example(
    "institution-status of an intermediary, that names nobody",
    institutionStatus,
    { sequence: 1, issuedAt: NOW, revoked: [] },
    byIntermediary,
  ),
  example(
    "institution-status, largest",
    institutionStatus,
    largestInstitutionStatus,
    byIntermediary,
  ),
  example("revocation-order", revocationOrder, { ta: ids.alice }, aliceWallet),
  example("status-chunk", statusChunk, listOfBankA[1] as StatusChunk, byBankA),
  example("status-chunk of a list that names nobody", statusChunk, emptyList, {
    ...byBankA,
    attached: {},
  }),
  example("status-chunk, largest", statusChunk, largestChunk, byBankA),
  ...makerExamples(aliceEvidence),
  ...settlementExamples,
];

/** Every kind of message there is, by its number. */
export const kinds = [
  ...new Map(examples.map(({ message }) => [message.typ, message])).entries(),
].toSorted(([a], [b]) => a - b);
