import { plant, WALLET, type Plant } from "./plant.ts";

/** Faults of the wallet. */
export const WALLET_PLANTS: readonly Plant[] = [
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
    { violates: ["wallet security"], providers: 2 },
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
  ),
];
