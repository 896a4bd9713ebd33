import {
  attach,
  claimAnswer,
  concatBytes,
  decodeSequence,
  doubtsAbout,
  encode,
  err,
  MAX_BATCH,
  MAX_BATCH_BYTES,
  MAX_MESSAGE,
  ok,
  payment,
  payVerify,
  refusal,
  runChecksAsync,
  sha256,
  toHex,
  unwrap,
  walletId,
  type Refusal,
  type Result,
  type VerifiedPayment,
  type WalletId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { mapLimited } from "@bezant/service";
import { sequenceRefusal } from "../core/sequence.ts";
import type { Confirmation } from "../reported/judge.ts";
import { RevokedView } from "../status/view.ts";
import { GroupCommitter } from "./group-committer.ts";
import { outcomeAttachments, signOutcome } from "./outcome.ts";
import { settle, type Ending } from "./settle.ts";
import type { Claim } from "./store.ts";

/**
 * Payments of one batch under way at once: enough to fill a group and keep all cores busy, few enough that a sender's
 * certificate, once verified, is known to the rest of the batch, and that other requests get their turn.
 */
const AT_ONCE = 256;

/** Claims of one provider's wallets, singly and in batches; all of them share the group commit. */
export interface Claims {
  /** Figure 9, for one client: answers the signed outcome. */
  readonly claim: (client: WalletId, body: Uint8Array) => Promise<Result<Uint8Array, Refusal>>;
  /** A CBOR sequence of payments to any clients: answers a sequence of claim answers, in the same order. */
  readonly claimBatch: (body: Uint8Array) => Promise<Result<Uint8Array, Refusal>>;
  /** Claims that wait for a group, for metrics. */
  readonly waiting: () => number;
  /** Answers when no claim is under way. */
  readonly drained: () => Promise<void>;
}

export function createClaims(core: Core): Claims {
  const view = new RevokedView();
  const committer = new GroupCommitter<Claim, Result<Ending, Refusal>>(
    core.policy.claims,
    (claims) => settle(core, view, claims),
  );
  const one = async (
    bytes: Uint8Array,
    client?: WalletId,
  ): Promise<Result<Uint8Array, Refusal>> => {
    const verified = await verify(core, bytes);
    if (!verified.ok) return verified;
    const { payment: content, home } = verified.value;
    // A payment to a TA is only ever collected, by that TA.
    const own = client === undefined || content.receiver === client;
    if (content.receiverClass !== "wallet" || !own) return err(refusal("wrong-audience"));
    const issued = await wasReported(core, verified.value);
    if (!issued.ok) return issued;
    const claim = claimOf(verified.value, issued.value);
    const attachments = await outcomeAttachments(core, claim.receiver, home);
    if (!attachments.ok) return attachments;
    const committed = await committer.submit(claim);
    if (!committed.ok) return committed;
    const ending = committed.value;
    return ending.ok ? ok(await signOutcome(core, claim, ending.value, attachments.value)) : ending;
  };
  return {
    claim: (client, body) => one(body, client),
    claimBatch: async (body) => {
      if (body.length > MAX_BATCH_BYTES) return err(refusal("too-large"));
      const split = decodeSequence(body, { maxItems: MAX_BATCH, maxItemSize: MAX_MESSAGE });
      if (!split.ok) return err(sequenceRefusal(split.error));
      const answers = await mapLimited(split.value, AT_ONCE, (item) => one(item));
      return ok(concatBytes(...answers.map(toClaimAnswer)));
    },
    waiting: () => committer.waiting,
    drained: () => committer.drained(),
  };
}

/** PayVerify, with the certificates verified lately at hand. */
async function verify(core: Core, bytes: Uint8Array): Promise<Result<VerifiedPayment, Refusal>> {
  const { trust, leaves, clock, verifier } = core;
  const pending = payVerify(bytes, { trust, leaves, now: clock.now() });
  return pending.ok ? runChecksAsync(pending.value, verifier) : pending;
}

/** Asked outside the ledger's transaction, and only where a key above the sender was revoked. */
function wasReported(
  { reported, trust }: Core,
  { senderCertificate: { chain, certificate } }: VerifiedPayment,
): Promise<Result<Confirmation, Refusal>> {
  const doubts = chain === undefined ? [] : doubtsAbout(chain, certificate, trust.revoked);
  return reported.confirm(doubts);
}

function claimOf(
  { payment: content, sender, senderCertificate, bytes }: VerifiedPayment,
  issued: Confirmation,
): Claim {
  const { receiver, j, amount } = content;
  const digest = toHex(sha256(encode(payment.payload, content)));
  // The chain is known, and the same for very many payments.
  const kept = unwrap(attach(bytes, { certificate: senderCertificate.bytes }));
  const { claims: of, certificate } = senderCertificate;
  const { iss: issuer, nbf, statusIndex: index } = of;
  return {
    receiver: walletId(receiver),
    sender,
    j,
    amount,
    digest,
    payment: kept,
    certificate: { issuer, index, kid: certificate.kid, nbf },
    issued,
  };
}

function toClaimAnswer(answer: Result<Uint8Array, Refusal>): Uint8Array {
  return encode(
    claimAnswer,
    answer.ok
      ? { kind: "outcome", value: answer.value }
      : { kind: "refused", value: answer.error.code },
  );
}
