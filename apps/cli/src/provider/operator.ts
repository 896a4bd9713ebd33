import {
  isCurrency,
  isInstitutionId,
  toHex,
  type Amount,
  type Currency,
  type ProviderId,
  type Seconds,
  type Signer,
} from "@bezant/protocol";
import {
  operatorContext,
  operatorOrder,
  restoredOrder,
  settleOrder,
  supplyQuery,
  type OperatorOrder,
  statusOrder,
  type StatusOrder,
  writeOffOrder,
} from "@bezant/provider";
import { Failure } from "../failure.ts";
import { giveOrder, postOrder, postSigned, readInfo } from "../service/signed-post.ts";

/** A provider's operator, over the network. */
export type Operator = {
  readonly provider: ProviderId;
  readonly currency: Currency;
  /** Carries out an order; the same order again changes nothing. */
  readonly order: (order: OperatorOrder) => Promise<void>;
  /** Carries out an order about revocation, which says what shall be so: it may be repeated. */
  readonly status: (order: StatusOrder) => Promise<{ readonly epoch: string }>;
  readonly supply: (now: Seconds) => Promise<Supply>;
  /** Has the provider settle with the central bank. */
  readonly settle: (now: Seconds) => Promise<Settlement>;
  /** The ledger was restored from a backup. */
  readonly restored: (
    now: Seconds,
    areRevocationsKnown: boolean,
  ) => Promise<{ readonly tas: string }>;
  /** Deposits that a restore has lost become the provider's own loss, once for the order's id. */
  readonly writeOff: (order: {
    readonly orderId: Uint8Array;
    readonly amount: Amount;
  }) => Promise<void>;
};

export type Settlement = {
  readonly reports: number;
  readonly settled: number;
  readonly returned: number;
  readonly advices: number;
  readonly givenBack: number;
  /** Payments of before a restore, booked on the central bank's word. */
  readonly forgotten: number;
  readonly failed: readonly { readonly step: string; readonly code: string }[];
};

/** As the provider answers: decimal strings, in minor units. */
export type Supply = {
  readonly online: string;
  readonly suspense: string;
  readonly offline: string;
  readonly clearing: string;
  readonly interbank: string;
  readonly reserves: string;
  readonly loss: string;
  readonly funded: string;
  readonly balanced: boolean;
  readonly tampered: readonly {
    readonly client: string;
    readonly account: string;
    readonly off: string;
  }[];
  /** Transfers and operations that do not say the same. */
  readonly mismatches: readonly {
    readonly client: string;
    readonly operation: string;
    readonly reference: string;
    readonly off: string;
  }[];
  readonly settlement: {
    /** Deposits that a restore has lost: neither back nor written off, and written off. */
    readonly lost: { readonly missing: string; readonly writtenOff: string };
  };
};

export async function operatorAt(url: string, signer: Signer): Promise<Operator> {
  const { provider, currency } = await readInfo(fetch, url, "/v1/provider", "provider");
  if (!isInstitutionId(provider) || !isCurrency(currency)) {
    throw new Failure(`What answers at ${url} is no provider. No money has moved.`);
  }
  const to = { url, fetch, context: operatorContext({ id: provider, currency }), signer };
  return {
    provider,
    currency,
    order: (order) => postOrder(to, operatorOrder, order),
    status: async (order) =>
      (await giveOrder(
        () => postSigned(to, "/operator/v1/status", statusOrder, order),
        "Give it again",
      )) as { readonly epoch: string },
    supply: async (at) =>
      (await postSigned(to, "/operator/v1/supply", supplyQuery, { at })) as Supply,
    restored: async (at, areKnown) => {
      const order = { at, revocations: areKnown ? "known" : "unknown" } as const;
      return (await giveOrder(
        () => postSigned(to, "/operator/v1/restores", restoredOrder, order),
        "Give it again",
      )) as { readonly tas: string };
    },
    writeOff: async (order) => {
      await giveOrder(
        () => postSigned(to, "/operator/v1/write-offs", writeOffOrder, order),
        `Repeat it with ${toHex(order.orderId)} as --order-id, and the same amount`,
      );
    },
    settle: async (at) =>
      (await postSigned(to, "/operator/v1/settlements", settleOrder, { at })) as Settlement,
  };
}
