import type { Amount, Result } from "@bezant/protocol";
import type { Paid, WalletRefusal } from "@bezant/wallet";
import type { Cli } from "../cli.ts";
import type { Session } from "./command.ts";
import { pin, type PinOptions } from "./pin.ts";

/** Pays; where the device wants the PIN first, it is asked for and entered for just this amount. */
export async function payWithPin(
  cli: Cli,
  { wallet }: Session,
  options: PinOptions,
  { request, amount }: { readonly request: Uint8Array; readonly amount: Amount },
): Promise<Result<Paid, WalletRefusal>> {
  const paid = await wallet.pay(request);
  if (paid.ok || paid.error.code !== "pin-required") return paid;
  const digits = await pin(cli, options, { question: "PIN", variable: "BEZANT_PIN" });
  const entered = await wallet.enterPin(digits, amount);
  return entered.ok ? wallet.pay(request) : entered;
}
