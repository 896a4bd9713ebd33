import {
  amount as toAmount,
  bytesOf,
  err,
  MAX_BATCH,
  MAX_BATCH_BYTES,
  ok,
  outcomeVerify,
  payment,
  unwrap,
  type Amount,
  type Counter,
  type Result,
  type TaId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { forPayer, withChainOf, withSignersChain } from "../core/envelope.ts";
import { needProvider, type Online } from "../core/identity.ts";
import { begin, end, unfinished } from "../core/journal.ts";
import { isUnsettled } from "../core/stop.ts";
import type { ClaimAnswer } from "../provider-client/provider.ts";
import { pending, walletRefusal, type WalletRefusal } from "../refusals.ts";
import { put, remove, type Entry } from "../store/records.ts";
import type { Change } from "../store/store.ts";
import {
  CLAIMABLE,
  INCOMING,
  incomingOf,
  parseIncomingKey,
  type IncomingRecord,
} from "./records.ts";

export type PaymentId = { readonly sender: TaId; readonly j: Counter };

export type Claims = {
  /** Credited to the online balance: how many, and how much together. */
  readonly count: number;
  readonly amount: Amount;
  /** Refused by the provider for good, or declined before. */
  readonly refused: readonly (PaymentId & { readonly refusal: WalletRefusal })[];
};

/**
 * Figure 9: hands received payments to the wallet's provider, which credits each once.
 *
 * @param only these payments, also such as answered no request; absent: all that were received
 */
export async function claim(
  core: Core,
  only?: readonly PaymentId[],
): Promise<Result<Claims, WalletRefusal>> {
  return core.exclusive("claim", async () => {
    const keys = only === undefined ? await allClaimable(core) : await keysOf(core, only);
    return keys === undefined ? err(walletRefusal("unknown-receipt")) : claimAll(core, keys);
  });
}

export async function resumeClaims(core: Core): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("claim", async () => {
    const claimed = await claimAll(core, await unfinished(core, "claim"));
    return claimed.ok ? ok(undefined) : err(pending(claimed.error));
  });
}

async function allClaimable({ records }: Core): Promise<string[]> {
  return (await records.list(CLAIMABLE)).map(({ key }) => key);
}

async function keysOf(
  core: Core,
  only: readonly PaymentId[],
): Promise<readonly string[] | undefined> {
  const found = await Promise.all(only.map((id) => findIncoming(core, id)));
  return found.every((one) => one !== undefined) ? found.map(({ key }) => key) : undefined;
}

/** A payment to this wallet. */
export async function findIncoming(
  { records }: Core,
  { sender, j }: PaymentId,
): Promise<Entry<IncomingRecord> | undefined> {
  const found = await records.list(INCOMING, incomingOf(sender, j));
  return found.find(({ value }) => value.receiverClass === "wallet");
}

async function claimAll(
  core: Core,
  keys: readonly string[],
): Promise<Result<Claims, WalletRefusal>> {
  const sum = { count: 0, amount: 0n, refused: [] as Claims["refused"][number][] };
  if (keys.length > 0) {
    const online = await needProvider(core);
    if (!online.ok) return online;
    for (const batch of await batches(core, online.value, keys)) {
      const claimed = await claimBatch(core, online.value, batch, sum);
      if (!claimed.ok) return claimed;
    }
  }
  return ok({ ...sum, amount: toAmount(sum.amount) });
}

type Claim = {
  readonly key: string;
  readonly record: IncomingRecord;
  readonly message: Uint8Array;
};

/** What fits into one request each, of those that are not claimed yet. */
async function batches(core: Core, online: Online, keys: readonly string[]): Promise<Claim[][]> {
  const all: Claim[][] = [];
  let bytes = MAX_BATCH_BYTES;
  for (const key of keys) {
    const record = await core.records.get(INCOMING, key);
    if (record === undefined) throw new Error(`no payment ${key}`);
    if (record.state === "claimed" || record.state === "never-settled") {
      await core.records.commit(remove(CLAIMABLE, key), end("claim", key));
      continue;
    }
    const message = withSignersChain(core, online, record.payment);
    bytes += message.length;
    if (bytes > MAX_BATCH_BYTES || all.at(-1)?.length === MAX_BATCH) {
      all.push([]);
      bytes = message.length;
    }
    all.at(-1)?.push({ key, record, message });
  }
  return all;
}

async function claimBatch(
  core: Core,
  online: Online,
  batch: readonly Claim[],
  sum: { count: number; amount: bigint; refused: Claims["refused"][number][] },
): Promise<Result<void, WalletRefusal>> {
  const at = core.now();
  await core.records.commit(...batch.map(({ key }) => begin("claim", key, at)));
  const answers = await submit(online, batch);
  if (!answers.ok) {
    if (isUnsettled(answers.error)) return err(pending(answers.error));
    await core.records.commit(...batch.map(({ key }) => end("claim", key)));
    return answers;
  }
  const changes: Change[] = [];
  let waiting: WalletRefusal | undefined;
  for (const [i, one] of batch.entries()) {
    const ended = await endOf(core, online, one, await retry(core, online, one, answers.value[i]));
    if (!ended.ok) {
      waiting = ended.error;
      continue;
    }
    const { key, record } = one;
    const { state, code } = ended.value;
    changes.push(put(INCOMING, key, { ...record, ...ended.value }), remove(CLAIMABLE, key));
    changes.push(end("claim", key));
    if (state === "claimed") [sum.count, sum.amount] = [sum.count + 1, sum.amount + record.amount];
    else
      sum.refused.push({ ...parseIncomingKey(key), refusal: { code: code ?? "already-declined" } });
  }
  await core.records.commit(...changes);
  return waiting === undefined ? ok(undefined) : err(pending(waiting));
}

/** One by itself, several in a batch. */
async function submit(
  { client }: Online,
  batch: readonly Claim[],
): Promise<Result<readonly ClaimAnswer[], WalletRefusal>> {
  const [only] = batch;
  if (only === undefined || batch.length > 1) {
    return client.claimMany(batch.map(({ message }) => message));
  }
  const answer = await client.claim(only.message);
  return !answer.ok && isUnsettled(answer.error) ? answer : ok([answer]);
}

/** A provider that has a new key may have forgotten the chain of the old one, under which the payer's device was certified. */
async function retry(
  core: Core,
  { client }: Online,
  { message }: Claim,
  answer: ClaimAnswer | undefined,
): Promise<ClaimAnswer | undefined> {
  if (answer?.ok !== false || answer.error.code !== "unknown-issuer") return answer;
  const complete = withChainOf(core, message);
  return complete === message ? answer : client.claim(complete);
}

type Ended = Pick<IncomingRecord, "state" | "outcome"> & { readonly code?: WalletRefusal["code"] };

/** How the claim ended; an error: it has not yet, and is to be made again. */
async function endOf(
  core: Core,
  online: Online,
  { key, record }: Claim,
  answer: ClaimAnswer | undefined,
): Promise<Result<Ended, WalletRefusal>> {
  if (answer === undefined) return err(walletRefusal("provider-unreadable"));
  if (!answer.ok) {
    const { code } = answer.error;
    return isUnsettled(answer.error) ? answer : ok({ state: "refused", code });
  }
  return providersOutcome(core, online, parseIncomingKey(key).sender, record, answer.value);
}

/** The provider's word on a payment to this wallet, verified. */
export async function providersOutcome(
  core: Core,
  online: Online,
  sender: TaId,
  record: IncomingRecord,
  message: Uint8Array,
): Promise<Result<Ended, WalletRefusal>> {
  const subject = { payment: unwrap(payment.parse(record.payment)).payload, sender };
  const at = { ...core.trust.at(core.now()), subject, home: online.provider };
  const verified = await core.trust.verify(outcomeVerify(message, at));
  if (!verified.ok) return err(walletRefusal("untrusted-answer", verified.error.code));
  const { chain, outcome } = verified.value;
  const { kind } = outcome;
  const isProviders = kind === "claimed" || kind === "never-settled";
  if (!isProviders || chain === undefined) return err(walletRefusal("untrusted-answer"));
  return ok({ state: kind, outcome: forPayer(online, record.payment, message, bytesOf(chain)) });
}
