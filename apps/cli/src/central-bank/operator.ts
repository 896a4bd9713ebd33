import { supplyQuery } from "@bezant/central-bank";
import {
  isCurrency,
  isInstitutionId,
  isRefusalCode,
  refusal,
  reserveOrder,
  toCentralBank,
  toHex,
  type Currency,
  type InstitutionId,
  type Message,
  type ReserveOrder,
  type Seconds,
  type Signer,
} from "@bezant/protocol";
import { EXIT } from "../exit-codes.ts";
import { Failure, Refused } from "../failure.ts";
import type { Json } from "../output.ts";

/** A central bank's operator, over the network. */
export type BankOperator = {
  readonly centralBank: InstitutionId;
  readonly currency: Currency;
  /** Carries out an order; the same order again changes nothing. */
  readonly order: (order: ReserveOrder) => Promise<void>;
  readonly supply: (now: Seconds) => Promise<BankSupply>;
};

/** As the central bank answers: decimal strings, in minor units. */
export type BankSupply = {
  readonly [name: string]: Json;
  readonly issuance: string;
  readonly circulation: string;
  readonly loss: string;
  readonly window: string;
  readonly balanced: boolean;
  readonly providers: readonly { readonly [name: string]: string }[];
  readonly tampered: readonly { readonly [name: string]: string }[];
  readonly mismatches: readonly { readonly [name: string]: string }[];
};

const TIMEOUT_MS = 30_000;

export async function bankOperatorAt(url: string, signer: Signer): Promise<BankOperator> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const info = await fetch(`${url}/v1/central-bank`, { signal }).catch((error: unknown) => {
    throw new Failure(`No central bank answers at ${url} (${reason(error)}). No money has moved.`);
  });
  const { centralBank, currency } = (await json(info)) as Partial<Record<string, unknown>>;
  if (!isInstitutionId(centralBank) || !isCurrency(currency)) {
    throw new Failure(`What answers at ${url} is no central bank. No money has moved.`);
  }
  const context = toCentralBank({ currency, signer: centralBank, centralBank });
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
    centralBank,
    currency,
    order: async (order) => {
      try {
        await post("/operator/v1/orders", reserveOrder, order);
      } catch (error) {
        if (error instanceof Refused) throw error;
        throw new Failure(
          `The central bank's answer was lost (${reason(error)}): the order was carried out or not. ` +
            `Repeat it with --order-id ${toHex(order.orderId)}; it counts once.`,
          EXIT.pending,
        );
      }
    },
    supply: async (at) => (await post("/operator/v1/supply", supplyQuery, { at })) as BankSupply,
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
