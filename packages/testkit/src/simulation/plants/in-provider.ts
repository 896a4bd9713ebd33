import { plant, PROVIDER, type Plant } from "./plant.ts";

/** Faults of the provider. */
export const PROVIDER_PLANTS: readonly Plant[] = [
  {
    name: "a provider signs whatever is brought to it as a key",
    paper: "S signs client-chosen bytes",
    violates: ["supply conservation", "offline verifiability"],
    edits: [
      {
        file: `${PROVIDER}registration/register.ts`,
        find: "  registrationVerify,\n",
        replace: "  registrationVerify, bytes, decode, map, parseSign1,\n",
      },
      {
        file: `${PROVIDER}registration/register.ts`,
        find: "  if (!pending.ok) return pending;",
        replace: `  if (!pending.ok) {
    const sent = parseSign1(body, 65_001);
    const key = sent.ok ? decode(map({ key: [1, bytes(0, 2048)] }), sent.value.payload) : sent;
    return key.ok ? ok(await core.signer.sign(key.value.key)) : pending;
  }`,
      },
    ],
  },
  plant(
    "a key is certified for whoever brings it",
    "packages/protocol/src/verify/holder-verify.ts",
    "pending([check], () => ({ wallet, key",
    "pending([], () => ({ wallet, key",
    { paper: "S signs client-chosen bytes", violates: ["offline verifiability"] },
  ),
  plant(
    "evidence counts whatever its nonce is",
    `${PROVIDER}ta-registration/register-ta.ts`,
    'const open = checkChallenge(core, client, "attest", nonce);',
    "const open = ok((core.clock.now() + 600) as Seconds);",
    { paper: "attestation has no nonce, no measurement", violates: ["exactly once"] },
  ),
  plant(
    "evidence counts again",
    `${PROVIDER}ta-registration/register-ta.ts`,
    '  if (spent === "spent") return refuse("unknown-nonce", "answered before");\n',
    "",
    { paper: "attestation has no nonce, no measurement", violates: ["exactly once"] },
  ),
  plant(
    "a TA is certified whatever its measurement is",
    "packages/protocol/src/verify/oem-verify.ts",
    "!allowed(policy.trustedApps, taMeasurement, taVersion) ||",
    "",
    { paper: "attestation has no nonce, no measurement", violates: ["offline verifiability"] },
  ),
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
    { paper: "one counter i for both directions" },
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
  {
    name: "what a TA has collected can be claimed for its wallet",
    paper: "collect-or-claim is prose",
    // A TA is no client, so its payments have nowhere to go: that alone would refuse it, too.
    edits: [
      {
        file: `${PROVIDER}claim/claim.ts`,
        find: '    if (content.receiverClass !== "wallet" || !own) return err(refusal("wrong-audience"));\n',
        replace:
          '    if (content.receiverClass === "wallet" && !own) return err(refusal("wrong-audience"));\n',
      },
      {
        file: `${PROVIDER}claim/claim.ts`,
        find: "const claim = claimOf(verified.value, issued.value);",
        replace:
          "const claim = { ...claimOf(verified.value, issued.value), ...(client && { receiver: client }) };",
      },
    ],
  },
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
  ),
  plant(
    "a COMMIT without an answer is called nothing",
    "packages/service/src/transact.ts",
    'refusal(code === "commit-unknown" ? "commit-unknown" : "unavailable", detail)',
    'refusal(code === "commit-unknown" ? "unavailable" : "unavailable", detail)',
    { paper: "commit after release" },
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
