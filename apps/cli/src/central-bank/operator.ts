import { supplyQuery } from "@bezant/central-bank";
import {
  isCurrency,
  isInstitutionId,
  reserveOrder,
  betweenInstitutions,
  type Currency,
  type InstitutionId,
  type ReserveOrder,
  type Seconds,
  type Signer,
} from "@bezant/protocol";
import { Failure } from "../failure.ts";
import type { Json } from "../output.ts";
import { postOrder, postSigned, readInfo, type Fetch } from "../service/signed-post.ts";

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

/** @param fetch with a TLS certificate of the central bank's own, where it speaks TLS */
export async function bankOperatorAt(
  url: string,
  signer: Signer,
  fetch: Fetch = globalThis.fetch,
): Promise<BankOperator> {
  const { centralBank, currency } = await readInfo(fetch, url, "/v1/central-bank", "central bank");
  if (!isInstitutionId(centralBank) || !isCurrency(currency)) {
    throw new Failure(`What answers at ${url} is no central bank. No money has moved.`);
  }
  const context = betweenInstitutions({ currency, signer: centralBank, audience: centralBank });
  const to = { url, fetch, context, signer };
  return {
    centralBank,
    currency,
    order: (order) => postOrder(to, reserveOrder, order),
    supply: async (at) =>
      (await postSigned(to, "/operator/v1/supply", supplyQuery, { at })) as BankSupply,
  };
}
