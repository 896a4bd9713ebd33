import type { Property } from "../oracle/property.ts";

/** One place of the source that is another: `find` stands there exactly once. */
export type Edit = { readonly file: string; readonly find: string; readonly replace: string };

/** A fault that is put into the code, and that a simulation has to find. */
export type Plant = {
  readonly name: string;
  /** The row of the design's table of what goes wrong in the paper's figures, where it is one of them. */
  readonly paper?: string;
  readonly edits: readonly Edit[];
  /** Some faults need the real curve, or a second provider. */
  readonly signatures?: "real";
  readonly providers?: number;
  /** If one of these is violated the fault is found by its cause, not by an accident; any property unless given. */
  readonly violates?: readonly Property[];
};

const TA = "packages/trusted-app/assembly/";
const TEE = "packages/tee/src/";
const PROVIDER = "packages/provider/src/";
const WALLET = "packages/wallet/src/";

function plant(
  name: string,
  file: string,
  find: string,
  replace: string,
  more: Omit<Plant, "name" | "edits"> = {},
): Plant {
  return { name, edits: [{ file, find, replace }], ...more };
}

/** Faults of the trusted application. */
const TA_PLANTS: readonly Plant[] = [
  plant(
    "Init begins anew while there is money",
    `${TA}commands/lifecycle.ts`,
    "if (T.phase == Phase.Active) return Status.WrongPhase;",
    "",
    { paper: "Init repeatable" },
  ),
  plant(
    "Pay does not look at the balance",
    `${TA}commands/pay.ts`,
    "if (x > T.balance) return Status.InsufficientBalance;",
    "",
    { paper: "amounts unconstrained" },
  ),
  plant(
    "Withdraw does not look at the balance",
    `${TA}commands/withdraw.ts`,
    "if (x > T.balance) return Status.InsufficientBalance;",
    "",
    { paper: "amounts unconstrained" },
  ),
  plant(
    "Withdraw leaves the balance as it is",
    `${TA}commands/withdraw.ts`,
    "T.balance -= x;",
    "",
    { paper: "a withheld Withdraw, while the balance stays" },
  ),
  plant(
    "Collect leaves the request open",
    `${TA}commands/collect.ts`,
    "  removeRequest(index);\n",
    "",
    { paper: "collect again" },
  ),
  plant(
    "Collect credits twice what was paid",
    `${TA}commands/collect.ts`,
    "T.balance += payment.amount;",
    "T.balance += 2 * payment.amount;",
    { paper: "amounts unconstrained" },
  ),
  plant(
    "Collect does not verify the payment",
    `${TA}commands/collect.ts`,
    "return isSignedBy(message, leaf.key) ? Status.Ok : Status.BadSignature;",
    "return Status.Ok;",
    { paper: "offline verifiability" },
  ),
  plant(
    "Collect takes no payment of a TA whose certificate was renewed",
    `${TA}commands/collect.ts`,
    "if (trusted != Status.Ok) return trusted;",
    "if (trusted != Status.Ok || leaf.serial > 1) return Status.UnknownIssuer;",
    { violates: ["offline verifiability"] },
  ),
  plant(
    "Deposit takes a confirmation again",
    `${TA}commands/deposit.ts`,
    "if (d == T.d) {",
    "if (false) {",
    { paper: "one counter for both directions" },
  ),
  plant(
    "Deposit takes money from any provider",
    `${TA}certificate/provider-signed.ts`,
    "  if (!isHome(provider.subject, provider.subjectLength)) return Status.NotHome;\n  return verify(T.home, T.homeLength, provider.key, T.id, ID_SIZE);",
    "  return verify(provider.subject, provider.subjectLength, provider.key, T.id, ID_SIZE);",
    { paper: "Deposit from any server" },
  ),
  plant(
    "Pay pays a request again",
    `${TA}commands/pay.ts`,
    "  if (earlier >= 0) {",
    "  if (earlier >= 1000) {",
    { paper: "Pay emits P once" },
  ),
  plant(
    "Pay numbers two payments alike",
    `${TA}commands/pay.ts`,
    "  T.j += 1;",
    "  T.j += T.j == 2 ? 0 : 1;",
    { paper: "no double spending" },
  ),
  plant(
    "Pay does not verify who asks",
    `${TA}commands/pay.ts`,
    "return isSignedBy(message, leaf.key) ? Status.Ok : Status.BadSignature;",
    "return Status.Ok;",
    { paper: "Pay ignores who the receiver is" },
  ),
  plant(
    "a payment is forgotten as soon as its request is void",
    `${TA}commands/settle.ts`,
    "if (!settled) return Status.RefundDue;",
    "",
    { paper: "Pay emits P once" },
  ),
  plant(
    "a payment is released although there is room",
    `${TA}commands/settle.ts`,
    "if (!paymentsFull()) return Status.OutboxNotFull;",
    "",
    { paper: "Pay emits P once" },
  ),
  plant(
    "a payment is released on anybody's word",
    `${TA}commands/settle.ts`,
    "  if (!isSignedBy(message, leaf.key)) return Status.BadSignature;\n\n  removePayment(index);",
    "  removePayment(index);",
    { paper: "Pay emits P once", violates: ["exactly once", "wallet security"] },
  ),
  plant(
    "a request that was cancelled can be paid and collected",
    `${TA}commands/request.ts`,
    "  const outcome = addVoid(requestAt(index));\n  removeRequest(index);",
    "  const outcome = addVoid(requestAt(index));",
    { violates: ["absolute finality", "exactly once", "supply conservation"] },
  ),
  plant(
    "money that was collected cannot be paid on before a sync",
    `${TA}commands/pay.ts`,
    "if (x > T.balance) return Status.InsufficientBalance;",
    "if (x > T.balance - T.collected) return Status.InsufficientBalance;",
    { violates: ["offline transitivity", "supply conservation"] },
  ),
  plant(
    "any provider ends payments to any client",
    `${TA}commands/settle.ts`,
    "return equal(outcome.receiver, CLIENT, ID_SIZE) ? Status.Ok : Status.NotHome;",
    "return Status.Ok;",
    { paper: "one server key" },
  ),
];

/** Faults of the trusted OS. */
const TEE_PLANTS: readonly Plant[] = [
  plant(
    "an answer leaves before its commit",
    `${TEE}os/trusted-os.ts`,
    'return err(storageError(committed.error, "unknown"));',
    "return ok(invocation);",
    { paper: "commit after release" },
  ),
  plant(
    "a TA goes on from a state that was not committed",
    `${TEE}os/internal-api.ts`,
    "    this.#committed = object;\n    this.#state = object.state;",
    "    this.#state = object.state;",
  ),
  plant(
    "an older flash is at work again",
    `${TEE}storage/anchor.ts`,
    "return image?.commit === anchor.commit && equalBytes(image.digest, anchor.digest);",
    "return image !== undefined || equalBytes(new Uint8Array(0), anchor.digest);",
    { paper: "rollback" },
  ),
];

/** Faults of the provider. */
const PROVIDER_PLANTS: readonly Plant[] = [
  plant(
    "a deposit is credited to the online balance",
    `${PROVIDER}deposit/deposit.ts`,
    'return { operation: "deposit", ...key, debit: "online", credit: "offline", amount };',
    'return { operation: "deposit", ...key, debit: "offline", credit: "online", amount };',
    { paper: "a wrong sign in the ledger" },
  ),
  plant(
    "a deposit is made again for the same number",
    `${PROVIDER}deposit/deposit.ts`,
    "  if (d <= ta.d) {",
    "  if (d < ta.d) {",
    { paper: "a missing idempotency key" },
  ),
  plant(
    "a withdrawal counts out of its turn",
    `${PROVIDER}withdrawal/withdraw.ts`,
    'if (w > ta.w + 1) return refuse("withdrawal-gap", `${ta.w + 1} is the next`);',
    "",
    { paper: "one counter for both directions" },
  ),
  plant(
    "a withdrawal is acknowledged before it is credited",
    `${PROVIDER}withdrawal/withdraw.ts`,
    'return { operation: "withdrawal", ...key, debit: "offline", credit: credited, amount };',
    'return { operation: "withdrawal", ...key, debit: "offline", credit: "clearing", amount };',
    { paper: "a lost acknowledgement" },
  ),
  plant(
    "a repeated withdrawal is refused",
    `${PROVIDER}withdrawal/withdraw.ts`,
    "if (isGap || known.amount === amount) return done(ta.w);",
    "if (isGap) return done(ta.w);",
    { paper: "a lost acknowledgement" },
  ),
  plant(
    "a claim is confirmed although its COMMIT is unknown",
    `${PROVIDER}claim/claim.ts`,
    "    if (!committed.ok) return committed;\n    const ending = committed.value;",
    '    const fallback = { ok: true, value: { kind: "claimed", amount: claim.amount } } as const;\n    const ending = committed.ok ? committed.value : fallback;',
    { paper: "commit after release" },
  ),
  plant(
    "a payment that was declined is called claimed",
    `${PROVIDER}claim/settle.ts`,
    'if (row.status === "never-settled") return ok({ kind: row.status, amount: claim.amount });',
    'if (row.status === "never-settled") return ok({ kind: "claimed", amount: claim.amount });',
    { violates: ["absolute finality"] },
  ),
  plant(
    "a wallet's payment is claimed with any signature",
    "packages/protocol/src/verify/pay-verify.ts",
    "andThen(sender.value, [check],",
    "andThen(sender.value, [],",
    { paper: "S signs client-chosen bytes" },
  ),
  plant(
    "a COMMIT without an answer is called nothing",
    "packages/service/src/transact.ts",
    'refusal(code === "commit-unknown" ? "commit-unknown" : "unavailable", detail)',
    'refusal(code === "commit-unknown" ? "unavailable" : "unavailable", detail)',
    { paper: "an unknown COMMIT answers unknown" },
  ),
  plant(
    "an online payment is carried out again",
    `${PROVIDER}online-payment/pay.ts`,
    "  if (known !== undefined) {",
    "  if (known !== undefined && known.amount !== amount) {",
    { paper: "a missing idempotency key" },
  ),
  plant(
    "an online payment credits the payer",
    `${PROVIDER}online-payment/pay.ts`,
    '{ ...keyOf("payment-sent", order), debit: "online", credit: "clearing" }',
    '{ ...keyOf("payment-sent", order), debit: "clearing", credit: "online" }',
    { paper: "a wrong sign in the ledger" },
  ),
  plant(
    "a payment that was settled is refunded",
    `${PROVIDER}refund/refund.ts`,
    'verified.value.verdict !== "refund-due"',
    'verified.value.verdict === "received"',
    { paper: "Σ one end for one payment" },
  ),
  plant(
    "a payment is refunded twice",
    `${PROVIDER}refund/refund.ts`,
    "  if (known !== undefined) return done(known);",
    "",
    { paper: "a missing idempotency key" },
  ),
  plant(
    "a sync acknowledges withdrawals that were not credited",
    `${PROVIDER}sync/sync.ts`,
    "    w: counter(ta.w),",
    "    w: counter(ta.w + 1),",
    { paper: "a lost acknowledgement" },
  ),
  plant(
    "a sync calls payments stored over a hole",
    `${PROVIDER}sync/store.ts`,
    "WHERE island = $3`",
    "WHERE island >= $3 - 1000`",
  ),
];

/** Faults of the wallet. */
const WALLET_PLANTS: readonly Plant[] = [
  plant(
    "a wallet tells nobody of a withdrawal that was interrupted",
    `${WALLET}withdrawal/withdraw.ts`,
    "  for (const w of info.value.unacknowledged) {",
    "  for (const w of info.value.unacknowledged.slice(99)) {",
    { paper: "a lost acknowledgement" },
  ),
  plant(
    "a wallet calls a refund settled",
    `${WALLET}payment/settle.ts`,
    '  const isDue = verdict === "refund-due";',
    "  const isDue = false;",
  ),
  plant(
    "a wallet forgets the confirmations that come before",
    `${WALLET}deposit/confirmations.ts`,
    '    if (!taken.ok && taken.error.code !== "deposit-stale") return taken;',
    "    if (!taken.ok) continue;",
  ),
  plant(
    "a wallet with an older store is stopped by what its device has taken since",
    `${WALLET}deposit/confirmations.ts`,
    '    if (!taken.ok && taken.error.code !== "deposit-stale") return taken;',
    "    if (!taken.ok) return taken;",
    { violates: ["wallet security"] },
  ),
  plant(
    "a wallet does not learn what another copy has paid",
    `${WALLET}sync/sync.ts`,
    "const adopted = await adopt(core, ready.value);",
    "const adopted = ok(undefined);",
  ),
  plant(
    "a payee hands on its provider's outcome in the envelope in which it came",
    `${WALLET}receipt/claim.ts`,
    "outcome: forPayer(online, record.payment, message, bytesOf(chain))",
    "outcome: message",
    { violates: ["wallet security"] },
  ),
  plant(
    "a device is set up anew over a last word that its provider has not heard",
    `${WALLET}registration/register-ta.ts`,
    '  if (phase === "retired") {',
    "  if (phase === undefined) {",
    { violates: ["online redeemability"] },
  ),
  plant(
    "a wallet takes a payment that it cannot verify",
    `${WALLET}receipt/accept.ts`,
    "  if (!verified.ok && !late) return verified;",
    "",
    { paper: "offline verifiability" },
  ),
];

export const PLANTS: readonly Plant[] = [
  ...TA_PLANTS,
  ...TEE_PLANTS,
  ...PROVIDER_PLANTS,
  ...WALLET_PLANTS,
];

/** Those that small worlds are known to find soon; the others are for `npm run simulate -- --plants`, which need not find them. */
export const QUICK: ReadonlySet<string> = new Set([
  "Init begins anew while there is money",
  "Pay does not look at the balance",
  "Withdraw leaves the balance as it is",
  "Collect leaves the request open",
  "Collect credits twice what was paid",
  "Collect takes no payment of a TA whose certificate was renewed",
  "Deposit takes a confirmation again",
  "Deposit takes money from any provider",
  "Pay numbers two payments alike",
  "money that was collected cannot be paid on before a sync",
  "a request that was cancelled can be paid and collected",
  "any provider ends payments to any client",
  "an answer leaves before its commit",
  "a TA goes on from a state that was not committed",
  "an older flash is at work again",
  "a deposit is credited to the online balance",
  "a deposit is made again for the same number",
  "a withdrawal is acknowledged before it is credited",
  "a repeated withdrawal is refused",
  "an online payment credits the payer",
  "a payment is forgotten as soon as its request is void",
  "a payment is released although there is room",
  "a sync acknowledges withdrawals that were not credited",
  "a wallet calls a refund settled",
  "a wallet with an older store is stopped by what its device has taken since",
]);
