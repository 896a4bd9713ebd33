import {
  isCurrency,
  isInstitutionId,
  isRefusalCode,
  refusal,
  toHex,
  type Currency,
  type Message,
  type ProviderId,
  type Seconds,
  type Signer,
} from "@bezant/protocol";
import {
  operatorContext,
  operatorOrder,
  settleOrder,
  supplyQuery,
  type OperatorOrder,
  statusOrder,
  type StatusOrder,
} from "@bezant/provider";
import { EXIT } from "../exit-codes.ts";
import { Failure, Refused } from "../failure.ts";

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
};

export type Settlement = {
  readonly reports: number;
  readonly settled: number;
  readonly returned: number;
  readonly advices: number;
  readonly givenBack: number;
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
};

const TIMEOUT_MS = 30_000;

export async function operatorAt(url: string, signer: Signer): Promise<Operator> {
  const info = await fetch(`${url}/v1/provider`, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    (error: unknown) => {
      throw new Failure(`No provider answers at ${url} (${reason(error)}). No money has moved.`);
    },
  );
  const { provider, currency } = (await json(info)) as Partial<Record<string, unknown>>;
  if (!isInstitutionId(provider) || !isCurrency(currency)) {
    throw new Failure(`What answers at ${url} is no provider. No money has moved.`);
  }
  const context = operatorContext({ id: provider, currency });
  const post = async <P>(path: string, message: Message<P>, payload: P): Promise<unknown> => {
    const body = await message.signAsync(payload, context, signer);
    const answer = await fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/cose" },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (answer.ok) return json(answer);
    const { code, detail } = (await json(answer)) as { code?: unknown; detail?: string };
    throw isRefusalCode(code)
      ? new Refused(refusal(code, detail))
      : new Error(`status ${answer.status}`);
  };
  return {
    provider,
    currency,
    order: async (order) => {
      try {
        await post("/operator/v1/orders", operatorOrder, order);
      } catch (error) {
        if (error instanceof Refused) throw error;
        throw new Failure(
          `The provider's answer was lost (${reason(error)}): the order was carried out or not. ` +
            `Repeat it with --order-id ${toHex(order.orderId)}; it counts once.`,
          EXIT.pending,
        );
      }
    },
    status: async (order) => {
      try {
        const answer = await post("/operator/v1/status", statusOrder, order);
        return answer as { readonly epoch: string };
      } catch (error) {
        if (error instanceof Refused) throw error;
        throw new Failure(
          `The provider's answer was lost (${reason(error)}): the order was carried out or not. Give it again; it counts once.`,
          EXIT.pending,
        );
      }
    },
    supply: async (at) => (await post("/operator/v1/supply", supplyQuery, { at })) as Supply,
    settle: async (at) =>
      (await post("/operator/v1/settlements", settleOrder, { at })) as Settlement,
  };
}

async function json(answer: Response): Promise<object> {
  const value: unknown = await answer.json().catch(() => undefined);
  return typeof value === "object" && value !== null ? value : {};
}

/** Node puts what happened into the cause. */
function reason(error: unknown): string {
  const { cause = error } = error as { cause?: unknown };
  const { code, message } = cause as { code?: string; message?: string };
  return code ?? message ?? String(error);
}
