import { MAX_MESSAGE, ok, toHex, type Refusal, type Result, type WalletId } from "@bezant/protocol";
import { CBOR, CBOR_SEQUENCE, COSE, LIMITS, type MessageRoute } from "@bezant/service/http";
import type { Flow, Position } from "../audit/position.ts";
import { isBalanced, type Supply } from "../audit/supply.ts";
import { ACCOUNT_KINDS } from "../ledger/index.ts";
import { MAX_LISTS } from "@bezant/service/institutions";
import type { Provider } from "../provider.ts";
import { MAX_SYNC_ITEMS } from "../sync/parts.ts";
import { MAX_CHUNKS } from "../status/accept.ts";
import type { StatusReceipt } from "../status/carry-out.ts";
import {
  keptJson,
  orderJson,
  receiptJson,
  retirementJson,
  restoredJson,
  settlementJson,
  statusJson,
  supplyJson,
  tokenJson,
  writeOffJson,
} from "./json.ts";

interface ProviderRoute extends Omit<MessageRoute, "tag" | "params" | "config" | "run"> {
  readonly tag: "registration" | "money" | "offline payments" | "reads" | "operator";
  readonly run: (
    provider: Provider,
    body: Uint8Array,
    client: WalletId,
  ) => Promise<Result<Uint8Array | object, Refusal>>;
}

const one = { accepts: COSE, limit: LIMITS.message } as const;

/** The routes of the protocol document's §14 that take messages, in its order, and the operator's. */
export const MESSAGE_ROUTES: readonly ProviderRoute[] = [
  {
    path: "/v1/clients",
    summary: "Register a wallet (Figure 2)",
    tag: "registration",
    ...one,
    answers: CBOR,
    run: (provider, body) => provider.register(body),
  },
  {
    path: "/v1/clients/:client/tas",
    summary: "Register a TA, or renew its certificate (Figure 3)",
    tag: "registration",
    ...one,
    answers: CBOR,
    run: (provider, body, client) => provider.registerTa(client, body),
  },
  {
    path: "/v1/clients/:client/deposits",
    summary: "Deposit: from the online to the offline balance (Figure 5)",
    tag: "money",
    ...one,
    answers: CBOR_SEQUENCE,
    run: (provider, body, client) => provider.deposit(client, body),
  },
  {
    path: "/v1/clients/:client/withdrawals",
    summary: "Withdraw: from the offline to the online balance (Figure 6)",
    tag: "money",
    ...one,
    answers: COSE,
    run: (provider, body, client) => provider.withdraw(client, body),
  },
  {
    path: "/v1/clients/:client/refunds",
    summary: "Refund a payment whose request ended otherwise",
    tag: "offline payments",
    accepts: CBOR_SEQUENCE,
    limit: LIMITS.pair,
    answers: COSE,
    run: (provider, body, client) => provider.refund(client, body),
  },
  {
    path: "/v1/clients/:client/claims",
    summary: "Claim a payment (Figure 9)",
    tag: "offline payments",
    ...one,
    answers: COSE,
    run: (provider, body, client) => provider.claim(client, body),
  },
  {
    path: "/v1/clients/:client/declines",
    summary: "Decline a payment that was not claimed",
    tag: "offline payments",
    ...one,
    answers: COSE,
    run: (provider, body, client) => provider.decline(client, body),
  },
  {
    path: "/v1/claims",
    summary: "Claim many payments at once",
    tag: "offline payments",
    accepts: CBOR_SEQUENCE,
    limit: LIMITS.batch,
    answers: CBOR_SEQUENCE,
    run: (provider, body) => provider.claimBatch(body),
  },
  {
    path: "/v1/clients/:client/payments",
    summary: "Pay another client online, of this provider or another one",
    tag: "money",
    ...one,
    answers: receiptJson,
    run: async (provider, body, client) => {
      const paid = await provider.payOnline(client, body);
      if (!paid.ok) return paid;
      const { orderId, receiver, amount, provider: other, status, reason } = paid.value;
      return ok({
        orderId: toHex(orderId),
        receiver,
        amount: `${amount}`,
        ...(other === undefined ? {} : { provider: other }),
        status,
        ...(reason === undefined ? {} : { reason }),
        sequence: `${paid.value.sequence}`,
        at: paid.value.at,
      });
    },
  },
  {
    path: "/v1/clients/:client/syncs",
    summary: "Synchronise a TA",
    tag: "offline payments",
    accepts: CBOR_SEQUENCE,
    limit: (1 + MAX_SYNC_ITEMS) * MAX_MESSAGE,
    answers: COSE,
    run: (provider, body, client) => provider.sync(client, body),
  },
  {
    path: "/v1/clients/:client/retirements",
    summary: "Retire a TA",
    tag: "registration",
    ...one,
    answers: retirementJson,
    run: async (provider, body, client) => {
      const retired = await provider.retire(client, body);
      if (!retired.ok) return retired;
      const { ta, d, returned } = retired.value;
      return ok({ ta, d: `${d}`, returned: `${returned}` });
    },
  },
  {
    path: "/v1/institutions",
    summary:
      "Exchange status lists of institutions: bring some or none, get the newest of each issuer",
    tag: "registration",
    accepts: CBOR_SEQUENCE,
    limit: MAX_LISTS * MAX_MESSAGE,
    answers: CBOR_SEQUENCE,
    run: (provider, body) => provider.exchangeLists(body),
  },
  {
    path: "/v1/clients/:client/tokens",
    summary: "Get a token to read with",
    tag: "reads",
    ...one,
    answers: tokenJson,
    run: (provider, body, client) => provider.issueToken(client, body),
  },
  {
    path: "/v1/clients/:client/revocations",
    summary: "Report a device lost: its TA is revoked",
    tag: "registration",
    ...one,
    answers: statusJson,
    run: async (provider, body, client) => statusReceipt(await provider.reportLost(client, body)),
  },
  {
    path: "/v1/status",
    summary: "Hand over chunks of other providers' status lists",
    tag: "reads",
    accepts: CBOR_SEQUENCE,
    limit: MAX_CHUNKS * MAX_MESSAGE,
    answers: keptJson,
    run: async (provider, body) => {
      const kept = await provider.acceptStatus(body);
      return kept.ok ? ok({ kept: `${kept.value}` }) : kept;
    },
  },
  {
    path: "/operator/v1/status",
    summary:
      "Carry out a signed order of the operator about revocation: revoke, release what waits for a decision",
    tag: "operator",
    ...one,
    answers: statusJson,
    run: async (provider, body) => statusReceipt(await provider.carryOutStatus(body)),
  },
  {
    path: "/operator/v1/orders",
    summary:
      "Carry out a signed order of the operator: fund a client, freeze an account, unlock a PIN",
    tag: "operator",
    ...one,
    answers: orderJson,
    run: async (provider, body) => {
      const done = await provider.carryOut(body);
      if (!done.ok) return done;
      const { kind, client, orderId } = done.value;
      return ok({ kind, client, orderId: toHex(orderId) });
    },
  },
  {
    path: "/operator/v1/settlements",
    summary: "Settle with the central bank now, on a signed order of the operator",
    tag: "operator",
    ...one,
    answers: settlementJson,
    run: async (provider, body) => {
      const settled = await provider.settleNow(body);
      if (!settled.ok) return settled;
      const { failed, ...counts } = settled.value;
      const steps = failed.map(({ step, refusal: { code } }) => ({ step, code }));
      return ok({ ...counts, failed: steps });
    },
  },
  {
    path: "/operator/v1/restores",
    summary: "Count the ledger as restored from a backup, on a signed order of the operator",
    tag: "operator",
    ...one,
    answers: restoredJson,
    run: async (provider, body) => {
      const tas = await provider.declareRestored(body);
      return tas.ok ? ok({ tas: `${tas.value}` }) : tas;
    },
  },
  {
    path: "/operator/v1/write-offs",
    summary:
      "Give up deposits that a restore has lost, as the provider's own loss, on a signed order of the operator",
    tag: "operator",
    ...one,
    answers: writeOffJson,
    run: async (provider, body) => {
      const done = await provider.writeOff(body);
      if (!done.ok) return done;
      return ok({ orderId: toHex(done.value.orderId), amount: `${done.value.amount}` });
    },
  },
  {
    path: "/operator/v1/supply",
    summary: "The supply audit, on a signed query of the operator",
    tag: "operator",
    ...one,
    answers: supplyJson,
    run: async (provider, body) => {
      const asked = await provider.askSupply(body);
      if (!asked.ok) return asked;
      return ok({ currency: provider.info.currency, ...supplyToJson(asked.value) });
    },
  },
];

function supplyToJson(supply: Supply): object {
  const { balances, funded, tampered, mismatches, position } = supply;
  const withText = <T extends { readonly off: bigint }>({ off, ...rest }: T) => ({
    ...rest,
    off: `${off}`,
  });
  return {
    ...Object.fromEntries(ACCOUNT_KINDS.map((kind) => [kind, `${balances[kind]}`])),
    funded: `${funded}`,
    balanced: isBalanced(supply),
    tampered: tampered.map(withText),
    mismatches: mismatches.map(withText),
    settlement: {
      accepted: `${position.accepted}`,
      cut: `${position.cut}`,
      reported: position.reported.map(flowToJson),
      unreported: position.unreported.map(flowToJson),
      forgotten: textOf({ ...position.forgotten }),
      lost: textOf({ ...position.lost }),
      ...standingToJson(position),
    },
  };
}

function standingToJson({ obligations, deposits, statement, free }: Position): object {
  const { sending, returning, advices } = obligations;
  const said = statement === undefined ? {} : { statement: textOf({ ...statement, digest: "" }) };
  return {
    ...textOf({ sending, returning, advices }),
    deposits: textOf({ ...deposits }),
    ...said,
    ...(free === undefined ? {} : textOf({ free })),
  };
}

function textOf(values: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

function flowToJson({ transfers, amount, ...flow }: Flow): object {
  return { ...flow, transfers: `${transfers}`, amount: `${amount}` };
}

function statusReceipt(done: Result<StatusReceipt, Refusal>): Result<object, Refusal> {
  return done.ok ? ok({ kind: done.value.kind, epoch: `${done.value.epoch}` }) : done;
}
