import {
  allowance,
  allowanceRequest,
  amount,
  certificate,
  certificateContext,
  certificateDigest,
  confirmationDigest,
  counter,
  digestOfDigests,
  encode,
  interbankAnswer,
  interbankPayment,
  MAX_AMOUNT,
  netPosition,
  paymentAdvice,
  paymentReturn,
  reportDigest,
  outcomeQuery,
  providerEntry,
  MAX_COUNTER,
  MAX_ENTRY_SECONDS,
  MAX_SECONDS,
  seconds,
  reported,
  reserveOrder,
  settledPayment,
  settlementQuery,
  settlementReport,
  settlementStatement,
  betweenInstitutions,
  type Flows,
  type InstitutionId,
  type SettlementReport,
} from "../../src/index.ts";
import { at, certificates, chainA, chainB, EUR, ids, names, NOW, people, usual } from "./cast.ts";
import { example, type Example } from "./example.ts";
import { filler } from "./filler.ts";

const zeros = new Uint8Array(32);

const fromBankA = {
  signer: people.bankA,
  context: betweenInstitutions({ currency: EUR, signer: names.bankA, audience: names.root }),
  attached: { chain: chainA },
};
const fromBankB = {
  signer: people.bankB,
  context: betweenInstitutions({ currency: EUR, signer: names.bankB, audience: names.root }),
  attached: { chain: chainB },
};
const toBank = (institution: InstitutionId) => ({
  signer: people.centralBank,
  context: betweenInstitutions({ currency: EUR, signer: names.root, audience: institution }),
  attached: { certificate: certificates.centralBank },
});
const toBankA = toBank(names.bankA);
const toBankB = toBank(names.bankB);
const fromOperator = {
  signer: people.centralBankOperator,
  context: betweenInstitutions({ currency: EUR, signer: names.root, audience: names.root }),
};

function flow(
  deposits: bigint,
  withdrawals: bigint,
  claims: bigint,
  rest: readonly [bigint, bigint, bigint, bigint] = [0n, 0n, 0n, 0n],
): Flows {
  return {
    deposits: amount(deposits),
    withdrawals: amount(withdrawals),
    claims: amount(claims),
    returns: amount(rest[0]),
    reconciledOut: amount(rest[1]),
    reconciledIn: amount(rest[2]),
    refunds: amount(rest[3]),
  };
}

const report: SettlementReport = {
  n: counter(1),
  flows: flow(500_00n, 20_00n, 0n),
  totals: flow(500_00n, 20_00n, 0n),
  certificates: 1,
  certificatesDigest: digestOfDigests([certificateDigest(certificates.aliceTa)]),
  confirmations: 0,
  confirmationsDigest: digestOfDigests([]),
  previous: zeros,
};
const second: SettlementReport = {
  ...report,
  n: counter(2),
  flows: flow(1n, 2n, 3n, [4n, 5n, 6n, 7n]),
  totals: flow(500_01n, 20_02n, 3n, [4n, 5n, 6n, 7n]),
  previous: reportDigest(encode(settlementReport.payload, report)),
};

const instruction = {
  payerProvider: names.bankA,
  instruction: filler("instruction", 16),
  amount: amount(12_50n),
};
const advised = {
  n: counter(7),
  ...instruction,
  payer: ids.aliceWallet,
  payeeProvider: names.bankB,
  payee: ids.merchant,
};
const order = { orderId: filler("reserve order", 16), provider: names.bankA };
const aboutAlice = {
  provider: names.bankA,
  digest: certificateDigest(certificates.aliceTa),
};

const orders: readonly Example[] = [
  example(
    "reserve-order, issue",
    reserveOrder,
    { kind: "issue", ...order, amount: MAX_AMOUNT },
    fromOperator,
  ),
  example(
    "reserve-order, redeem",
    reserveOrder,
    { kind: "redeem", ...order, amount: amount(5n) },
    fromOperator,
  ),
  example(
    "reserve-order, open",
    reserveOrder,
    { kind: "open", ...order, limit: amount(1_000_00n) },
    fromOperator,
  ),
  example("reserve-order, suspend", reserveOrder, { kind: "suspend", ...order }, fromOperator),
  example(
    "reserve-order, close-window",
    reserveOrder,
    { kind: "close-window", orderId: order.orderId, window: counter(3) },
    fromOperator,
  ),
  example(
    "reserve-order, allow",
    reserveOrder,
    { kind: "allow", ...order, amount: amount(800_00n) },
    fromOperator,
  ),
];

const reports: readonly Example[] = [
  example("allowance", allowance, { n: counter(2), amount: amount(800_00n) }, toBankA),
  example("settlement-report", settlementReport, report, fromBankA),
  example("settlement-report, second", settlementReport, second, fromBankA),
  example(
    "settlement-statement",
    settlementStatement,
    {
      report: counter(1),
      digest: second.previous,
      window: counter(3),
      closed: counter(2),
      reserves: amount(100_00n),
      prefund: amount(300_00n),
      advices: counter(7),
    },
    toBankA,
  ),
  example(
    "net-position",
    netPosition,
    {
      window: counter(3),
      report: counter(1),
      outward: amount(500_00n),
      inward: amount(20_00n),
      uncovered: amount(0n),
      reserves: amount(120_00n),
      prefund: amount(300_00n),
    },
    toBankA,
  ),
  example("allowance-request", allowanceRequest, { amount: amount(800_00n) }, fromBankA),
];

const payments: readonly Example[] = [
  example(
    "interbank-payment",
    interbankPayment,
    {
      instruction: instruction.instruction,
      payer: ids.aliceWallet,
      payeeProvider: names.bankB,
      payee: ids.merchant,
      amount: instruction.amount,
    },
    fromBankA,
  ),
  example(
    "interbank-answer, settled",
    interbankAnswer,
    { kind: "settled", ...instruction },
    toBankA,
  ),
  example(
    "interbank-answer, refused",
    interbankAnswer,
    { kind: "refused", ...instruction, reason: "insufficient-reserves" },
    toBankA,
  ),
  example(
    "interbank-answer, returned",
    interbankAnswer,
    { kind: "returned", ...instruction, reason: "unknown-client" },
    toBankB,
  ),
  example("payment-advice, payment", paymentAdvice, { kind: "payment", ...advised }, toBankB),
  example(
    "payment-advice, return",
    paymentAdvice,
    { kind: "return", ...advised, reason: "unknown-client" },
    toBankA,
  ),
  example(
    "settled-payment",
    settledPayment,
    {
      instruction: instruction.instruction,
      payer: ids.aliceWallet,
      payeeProvider: names.bankB,
      payee: ids.merchant,
      amount: instruction.amount,
    },
    toBankA,
  ),
  example(
    "payment-return",
    paymentReturn,
    { ...instruction, n: counter(7), reason: "unknown-client" },
    fromBankB,
  ),
];

const queries: readonly Example[] = [
  example("settlement-query, status", settlementQuery, { kind: "status", at: NOW }, fromBankA),
  example("settlement-query, report", settlementQuery, { kind: "report", at: NOW }, fromBankA),
  example(
    "settlement-query, payments",
    settlementQuery,
    { kind: "payments", at: NOW, after: filler("instruction", 16) },
    fromBankA,
  ),
  example(
    "settlement-query, advices",
    settlementQuery,
    { kind: "advices", at: NOW, after: counter(6) },
    fromBankA,
  ),
  example(
    "settlement-query, position",
    settlementQuery,
    { kind: "position", at: NOW, window: counter(3) },
    fromBankA,
  ),
  example(
    "settlement-query, certificate",
    settlementQuery,
    { kind: "certificate", at: NOW, ...aboutAlice },
    fromBankB,
  ),
  example(
    "settlement-query, confirmation",
    settlementQuery,
    {
      kind: "confirmation",
      at: NOW,
      provider: names.bankA,
      digest: confirmationDigest(ids.alice, filler("confirmation", 20)),
    },
    fromBankB,
  ),
  example(
    "settlement-query, certificates",
    settlementQuery,
    {
      kind: "certificates",
      at: NOW,
      asked: [
        [aboutAlice.provider, aboutAlice.digest],
        [names.bankB, filler("unknown", 32)],
      ],
    },
    fromBankB,
  ),
  example(
    "reported",
    reported,
    { kind: "certificate", ...aboutAlice, in: { report: counter(1), window: counter(3), at: NOW } },
    toBankB,
  ),
  example(
    "reported, nowhere",
    reported,
    { kind: "confirmation", provider: names.bankA, digest: filler("unknown", 32) },
    toBankB,
  ),
];

/** Settlement (§15). */
export const settlementExamples: readonly Example[] = [
  example("certificate of role central-bank", certificate, usual.centralBank, {
    signer: people.root,
    context: certificateContext(usual.centralBank),
  }),
  ...orders,
  ...reports,
  ...payments,
  ...queries,
  example(
    "outcome-query",
    outcomeQuery,
    { at: NOW, sender: ids.alice, j: counter(8), receiver: ids.merchant },
    {
      ...fromBankA,
      context: betweenInstitutions({
        currency: EUR,
        signer: names.bankA,
        audience: names.bankB,
      }),
    },
  ),
  example(
    "provider-entry",
    providerEntry,
    {
      sequence: 3,
      at: at(-60),
      end: at(MAX_ENTRY_SECONDS - 60),
      address: "https://bank-a.example:8082",
    },
    fromBankA,
  ),
  example(
    "provider-entry, largest",
    providerEntry,
    {
      sequence: MAX_COUNTER,
      at: seconds(MAX_SECONDS - MAX_ENTRY_SECONDS),
      end: MAX_SECONDS,
      address: `https://${"a.".repeat(126)}a:65535`,
    },
    fromBankA,
  ),
  example(
    "provider-entry, shortest",
    providerEntry,
    { sequence: 1, at: NOW, end: at(1), address: "https://b" },
    fromBankB,
  ),
];
