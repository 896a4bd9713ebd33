import { explanation, type WalletRefusal } from "@bezant/wallet";
import { Refused } from "../failure.ts";

/** A refusal of a wallet or its device, with what became of the money. */
export function refusedByWallet(refusal: WalletRefusal): Refused {
  const { code, detail } = refusal;
  return new Refused({
    code,
    ...(detail === undefined ? {} : { detail }),
    ...explanation(refusal),
  });
}
