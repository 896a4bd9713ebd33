import {
  attach,
  err,
  ok,
  outcome,
  payeeToAnybody,
  paymentRequest,
  refusal,
  unwrap,
  type Amount,
  type Counter,
  type PayeeClass,
  type PayeeId,
  type Result,
  type Seconds,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needRegistration, needTa, type Equipped } from "../core/identity.ts";
import { begin, end, unfinished } from "../core/journal.ts";
import { nextNumber } from "../core/sequence.ts";
import { pending, type WalletRefusal } from "../refusals.ts";
import { TRUSTED_APP } from "../registration/records.ts";
import type { Change } from "../store/store.ts";
import {
  endRequest,
  findRequest,
  openRequest,
  openRequests,
  type RequestRecord,
} from "./records.ts";

export type RequestTerms = {
  readonly amount: Amount;
  /** Last second at which it may be paid; absent: no end. */
  readonly expires?: Seconds | undefined;
  /** Who is to be paid: the device's TA (by default, if there is one), or the wallet, which needs no device. */
  readonly as?: PayeeClass | undefined;
  /** An open request of the TA that this one takes the place of. */
  readonly replaces?: Counter | undefined;
  /** Attach the own provider's chain, for a payer of another provider that has not met it. */
  readonly withChain?: boolean | undefined;
};

export type Requested = {
  readonly payee: PayeeId;
  readonly payeeClass: PayeeClass;
  /** The request's number. */
  readonly r: Counter;
  readonly amount: Amount;
  /** What the payer is to be given. */
  readonly message: Uint8Array;
};

/** Figure 7 `RequestPayment`: asks for x, once. */
export async function requestPayment(
  core: Core,
  terms: RequestTerms,
): Promise<Result<Requested, WalletRefusal>> {
  return core.exclusive("receive", async () => {
    const payeeClass = terms.as ?? (await defaultClass(core));
    return payeeClass === "ta" ? asTa(core, terms) : asWallet(core, terms);
  });
}

/** A request that the TA has made, or replaced, and the wallet has not stored: the TA tells. */
export async function resumeRequests(core: Core): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("receive", async () => {
    if ((await unfinished(core, "request")).length === 0) return ok(undefined);
    const equipped = await needTa(core);
    if (!equipped.ok) return err(pending(equipped.error));
    const adopted = await adoptInTurn(core, equipped.value);
    return adopted.ok ? adopted : err(pending(adopted.error));
  });
}

/** Open requests of the TA that the wallet has not got, and those that have ended since. */
export async function adoptRequests(
  core: Core,
  equipped: Equipped,
): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("receive", () => adoptInTurn(core, equipped));
}

async function defaultClass({ records, device }: Core): Promise<PayeeClass> {
  if (device === undefined) return "wallet";
  return (await records.get(TRUSTED_APP, "active")) === undefined ? "wallet" : "ta";
}

/** A wallet numbers its requests itself; nothing has happened until the message is shown. */
async function asWallet(
  core: Core,
  { amount, expires, replaces, withChain }: RequestTerms,
): Promise<Result<Requested, WalletRefusal>> {
  const registered = await needRegistration(core);
  if (!registered.ok) return registered;
  const { wallet, provider, certificate, chain } = registered.value;
  const replaced =
    replaces === undefined
      ? undefined
      : await findRequest(core.records, { payee: wallet, r: replaces });
  if (replaces !== undefined && (replaced === undefined || replaced.ended !== undefined)) {
    return err(refusal("unknown-request"));
  }
  const { number: r, change } = await nextNumber(core, "request");
  const context = payeeToAnybody({ currency: core.currency, home: provider, payee: wallet });
  const terms = {
    amount,
    r,
    challenge: core.random(8),
    ...(expires === undefined ? {} : { expires }),
  };
  const message = await paymentRequest.signAsync(terms, context, core.signer, { certificate });
  const payee = { payee: wallet, payeeClass: "wallet" } as const;
  const opened = openRequest(message, payee, core.now());
  const ended = replaced === undefined ? [] : endRequest(replaced, "cancelled");
  await core.records.commit(change, opened.change, ...ended);
  return ok(toRequested(opened.record, withChain === true ? { certificate, chain } : undefined));
}

async function asTa(
  core: Core,
  { amount, expires, replaces, withChain }: RequestTerms,
): Promise<Result<Requested, WalletRefusal>> {
  const equipped = await needTa(core);
  if (!equipped.ok) return equipped;
  const { device, ta, certificate, chain } = equipped.value;
  if ((await unfinished(core, "request")).length > 0) {
    const adopted = await adoptInTurn(core, equipped.value);
    if (!adopted.ok) return adopted;
  }
  await core.records.commit(begin("request", "", core.now()));
  const made = await device.requestPayment({
    amount,
    expires: expires ?? NEVER,
    replaces: replaces ?? NONE,
  });
  if (!made.ok) {
    if (made.error.code === "device-interrupted") return err(pending(made.error));
    await core.records.commit(end("request", ""));
    return made;
  }
  const opened = openRequest(made.value, { payee: ta, payeeClass: "ta" }, core.now());
  const requested = toRequested(
    opened.record,
    withChain === true ? { certificate, chain } : undefined,
  );
  if (replaces === undefined) {
    await core.records.commit(opened.change, end("request", ""));
    return ok(requested);
  }
  // What it replaced is void in the TA, which has the signed outcome for a payer who may have paid it.
  await core.records.commit(opened.change);
  const adopted = await adoptInTurn(core, equipped.value);
  return adopted.ok ? ok(requested) : err(pending(adopted.error));
}

const NEVER = 0 as Seconds;
const NONE = 0 as Counter;

/** Makes the wallet's list of open requests that of the TA. */
async function adoptInTurn(
  core: Core,
  { device, ta }: Equipped,
): Promise<Result<void, WalletRefusal>> {
  const info = await device.getInfo();
  if (!info.ok) return info;
  const known = await openRequests(core.records, ta);
  const changes: Change[] = [];
  for (const r of info.value.open) {
    if (known.some((one) => one.r === r)) continue;
    const message = await device.resend({ kind: "request", n: r });
    if (!message.ok) return message;
    changes.push(openRequest(message.value, { payee: ta, payeeClass: "ta" }, core.now()).change);
  }
  for (const record of known) {
    if (info.value.open.includes(record.r)) continue;
    const ended = await device.resend({ kind: "outcome", n: record.r });
    if (ended.ok) changes.push(...endRequest(record, endOf(ended.value), ended.value));
    else if (ended.error.code === "unknown-request") changes.push(...endRequest(record, "void"));
    else return ended;
  }
  await core.records.commit(...changes, end("request", ""));
  return ok(undefined);
}

export function endOf(message: Uint8Array): "collected" | "void" {
  return unwrap(outcome.parse(message)).payload.kind === "collected" ? "collected" : "void";
}

function toRequested(
  { payee, payeeClass, r, amount, message }: RequestRecord,
  attachments: Parameters<typeof attach>[1] | undefined,
): Requested {
  const sent = attachments === undefined ? message : unwrap(attach(message, attachments));
  return { payee, payeeClass, r, amount, message: sent };
}
