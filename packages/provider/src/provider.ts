import type {
  Chain,
  Currency,
  KeyId,
  ProviderId,
  Refusal,
  Result,
  TaId,
  WalletId,
} from "@bezant/protocol";
import type { InstitutionName } from "@bezant/pki/x509";
import { keyIdOf, ok } from "@bezant/protocol";
import { auditSupply, type Supply } from "./audit/supply.ts";
import { balance, type ClientBalance } from "./balance/balance.ts";
import { history, type HistoryPage, type HistoryQuery } from "./balance/history.ts";
import { createClaims } from "./claim/claim.ts";
import { createCore } from "./core/core.ts";
import type { ProviderParts } from "./core/parts.ts";
import type { Purpose } from "./core/seal.ts";
import { decline } from "./decline/decline.ts";
import { deposit, type DepositRefusal } from "./deposit/deposit.ts";
import { answerOutcome } from "./elsewhere/answer.ts";
import { loadLists } from "@bezant/service/institutions";
import { acceptAndTell } from "./institutions/accept.ts";
import { payOnline, type PaymentReceipt } from "./online-payment/pay.ts";
import { carryOut } from "./operator/carry-out.ts";
import type { OperatorOrder } from "./operator/order.ts";
import { declareRestored, markRestored } from "./operator/restored.ts";
import { writeOff, type WriteOffOrder } from "./operator/write-off.ts";
import { settleNow } from "./operator/settle.ts";
import { askSupply } from "./operator/supply.ts";
import { findOutcome } from "./outcome/find-outcome.ts";
import { refund } from "./refund/refund.ts";
import { register } from "./registration/register.ts";
import { retire, type RetirementReceipt } from "./retirement/retire.ts";
import { settleOnce, type Settlement } from "./settlement/settle.ts";
import { acceptStatus } from "./status/accept.ts";
import { carryOutStatus, reportLost, type StatusReceipt } from "./status/carry-out.ts";
import { publishStatus } from "./status/publish.ts";
import { statusChunkAt, statusList } from "./status/serve.ts";
import { sync } from "./sync/sync.ts";
import { registerTa } from "./ta-registration/register-ta.ts";
import { challenge, type Challenge } from "./token/challenge.ts";
import { checkToken, issueToken, type Token } from "./token/token.ts";
import { withdraw } from "./withdrawal/withdraw.ts";
import { fromDatabase } from "@bezant/service";

type Answer<T = Uint8Array> = Promise<Result<T, Refusal>>;

export interface ProviderInfo {
  readonly id: ProviderId;
  readonly currency: Currency;
  readonly chain: Chain;
  readonly rootKeyId: KeyId;
}

/**
 * The operations of a provider, one for each route of the protocol document's §14. Bodies and answers are the bytes of
 * that section. Each moves money in one atomic transaction, signs only after its COMMIT, and may be repeated: the same
 * message counts once. After `commit-unknown` the repetition tells what happened.
 */
export interface Provider {
  readonly info: ProviderInfo;

  /** Figure 2. `registration` → `registrationAnswer`. */
  readonly register: (body: Uint8Array) => Answer;
  /** A nonce for `registerTa` or `issueToken`. */
  readonly challenge: (client: WalletId, purpose: Purpose) => Answer<Challenge>;
  /** Figure 3. `taRegistration` → `taRegistrationAnswer`. */
  readonly registerTa: (client: WalletId, body: Uint8Array) => Answer;

  /** Figure 5. `depositRequest` → CBOR sequence of `depositConfirmation`s from the reservation's d on. */
  readonly deposit: (
    client: WalletId,
    body: Uint8Array,
  ) => Promise<Result<Uint8Array, DepositRefusal>>;
  /** Figure 6. `withdrawal` → `withdrawalAcknowledgement`. */
  readonly withdraw: (client: WalletId, body: Uint8Array) => Answer;
  /** CBOR sequence of a `payment` and an `outcome` → `depositConfirmation` of kind refund. */
  readonly refund: (client: WalletId, body: Uint8Array) => Answer;

  /** Figure 9. `payment` → `outcome`. */
  readonly claim: (client: WalletId, body: Uint8Array) => Answer;
  /** CBOR sequence of `payment`s → CBOR sequence of `claimAnswer`s. */
  readonly claimBatch: (body: Uint8Array) => Answer;
  /** `declineOrder` → `outcome`. */
  readonly decline: (client: WalletId, body: Uint8Array) => Answer;

  /** `onlinePaymentOrder` → receipt. */
  readonly payOnline: (client: WalletId, body: Uint8Array) => Answer<PaymentReceipt>;
  /** CBOR sequence of a `syncRequest`, `payment`s and `outcome`s → `syncResponse`. */
  readonly sync: (client: WalletId, body: Uint8Array) => Answer;
  /** `retirement` → receipt. */
  readonly retire: (client: WalletId, body: Uint8Array) => Answer<RetirementReceipt>;

  /** CBOR sequence of `institutionStatus`es → the newest one of each issuer, likewise. */
  readonly exchangeLists: (body: Uint8Array) => Answer;
  /** Lists that another server of this provider was given. */
  readonly loadLists: () => Answer<void>;

  /** `tokenRequest` → token. */
  readonly issueToken: (client: WalletId, body: Uint8Array) => Answer<Token>;
  /** For the reads below: the caller checks the token first. */
  readonly checkToken: (client: WalletId, token: string) => Result<void, Refusal>;
  readonly balance: (client: WalletId) => Answer<ClientBalance>;
  readonly history: (client: WalletId, query: HistoryQuery) => Answer<HistoryPage>;
  /** The signed outcome of payment (sender, index), for its payee or its payer; asked of the payee's provider if it is said. */
  readonly outcome: (client: WalletId, sender: TaId, j: number, elsewhere?: ProviderId) => Answer;
  /** `outcomeQuery` of another provider → outcome. */
  readonly answerOutcome: (body: Uint8Array, from?: InstitutionName) => Answer;

  /** `operatorOrder`: funding, status of an account, unlocking of a PIN. */
  readonly carryOut: (body: Uint8Array) => Answer<OperatorOrder>;
  /** `settleOrder` → what a settling has done. */
  readonly settleNow: (body: Uint8Array) => Answer<Settlement>;
  /** `supplyQuery` → the supply audit. */
  readonly askSupply: (body: Uint8Array) => Answer<Supply>;
  /** Settles with the central bank, as far as it can be reached; what could not be done is done the next time. */
  readonly settle: () => Answer<Settlement>;
  /** After a restore from a backup: every client reads only, until it has synchronised. */
  readonly markRestored: () => Answer<number>;
  /** `restoredOrder` of the operator: the same. */
  readonly declareRestored: (body: Uint8Array) => Answer<number>;
  /** `writeOffOrder` of the operator: what a restore has lost becomes the provider's own loss. */
  readonly writeOff: (body: Uint8Array) => Answer<WriteOffOrder>;
  /** The supply audit of this ledger, from its own rows alone. */
  readonly audit: () => Answer<Supply>;

  /** `statusOrder` of the operator: revocations, and what waits for a decision. */
  readonly carryOutStatus: (body: Uint8Array) => Answer<StatusReceipt>;
  /** `revocationOrder`: a wallet reports a device lost. */
  readonly reportLost: (client: WalletId, body: Uint8Array) => Answer<StatusReceipt>;
  /** CBOR sequence of `statusChunk`s of other providers → how many were new. */
  readonly acceptStatus: (body: Uint8Array) => Answer<number>;
  /** A provider's whole status list, as a CBOR sequence of `statusChunk`s: its own, or what is known of another's. */
  readonly statusList: (issuer?: ProviderId) => Answer;
  /** The `statusChunk` that covers an index. */
  readonly statusChunkAt: (index: number, issuer?: ProviderId) => Answer;
  /** Publishes the own list if it has to be, and answers its epoch. To be called at the start and now and then. */
  readonly publishStatus: () => Answer<number>;

  /** Claims that wait for their group. */
  readonly waitingClaims: () => number;
  /** Whether the database answers. */
  readonly ready: () => Answer<void>;
  /** Answers when no claim is under way any more. */
  readonly drained: () => Promise<void>;
}

/** Fails where the provider's own chain does not lead to the root that it is to serve. */
export async function createProvider(parts: ProviderParts): Promise<Result<Provider, Refusal>> {
  const created = await createCore(parts);
  if (!created.ok) return created;
  const core = created.value;
  const claims = createClaims(core);
  const { id, currency, chain, root } = parts.identity;
  return ok({
    info: { id, currency, chain, rootKeyId: keyIdOf(root.key) },
    register: (body) => register(core, body),
    challenge: (client, purpose) => challenge(core, client, purpose),
    registerTa: (client, body) => registerTa(core, client, body),
    deposit: (client, body) => deposit(core, client, body),
    withdraw: (client, body) => withdraw(core, client, body),
    refund: (client, body) => refund(core, client, body),
    claim: claims.claim,
    claimBatch: claims.claimBatch,
    decline: (client, body) => decline(core, client, body),
    payOnline: (client, body) => payOnline(core, client, body),
    sync: (client, body) => sync(core, client, body),
    retire: (client, body) => retire(core, client, body),
    exchangeLists: (body) => acceptAndTell(core, body),
    loadLists: () => loadLists(core),
    issueToken: (client, body) => issueToken(core, client, body),
    checkToken: (client, token) => checkToken(core, client, token),
    balance: (client) => balance(core, client),
    history: (client, query) => history(core, client, query),
    outcome: (client, sender, j, elsewhere) => findOutcome(core, client, sender, j, elsewhere),
    answerOutcome: (body, from) => answerOutcome(core, body, from),
    carryOut: (body) => carryOut(core, body),
    settle: () => settleOnce(core),
    markRestored: () => markRestored(core),
    declareRestored: (body) => declareRestored(core, body),
    writeOff: (body) => writeOff(core, body),
    settleNow: (body) => settleNow(core, body),
    askSupply: (body) => askSupply(core, body),
    audit: () => auditSupply(core),
    carryOutStatus: (body) => carryOutStatus(core, body),
    reportLost: (client, body) => reportLost(core, client, body),
    acceptStatus: (body) => acceptStatus(core, body),
    statusList: (issuer = id) => statusList(core, issuer),
    statusChunkAt: (index, issuer = id) => statusChunkAt(core, issuer, index),
    publishStatus: () => publishStatus(core),
    waitingClaims: claims.waiting,
    ready: async () => {
      const answered = await parts.db.query("SELECT 1");
      return answered.ok ? ok(undefined) : { ok: false, error: fromDatabase(answered.error) };
    },
    drained: claims.drained,
  });
}
