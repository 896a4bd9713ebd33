import { err, ok, type Result } from "@bezant/protocol";
import { drop } from "./payments.ts";
import { isU64, type Purse, type Step } from "./purse.ts";

/** A deposit or refund that the home provider has confirmed. */
export interface Confirmation {
  /** Its number in the provider's sequence towards this TA: 1, 2, 3, … */
  readonly d: number;
  readonly amount: bigint;
  /** SHA-256 of its payload in hex: shows a provider that gives one number twice. */
  readonly digest: string;
  /** Index of the payment that it gives back; absent for a deposit. */
  readonly refundOf?: number;
}

/**
 * Credits confirmation d + 1. The last one again changes nothing; what was issued is never refused for limits. A refund
 * is a confirmation like any other, so the sequence that lets nothing in twice covers it too.
 */
export function confirm<S extends Purse>(
  purse: S,
  confirmation: Confirmation,
): Result<Step<S, bigint>, "deposit-conflict" | "deposit-stale" | "deposit-gap" | "overflow"> {
  const { d, amount, digest, refundOf } = confirmation;
  if (d === purse.d) {
    if (digest !== purse.depositDigest) return err("deposit-conflict");
    return ok({ purse, value: purse.balance, events: [] });
  }
  if (d < purse.d) return err("deposit-stale");
  if (d > purse.d + 1) return err("deposit-gap");
  const balance = purse.balance + amount;
  const deposited = purse.deposited + amount;
  if (!isU64(balance) || !isU64(deposited)) return err("overflow");
  const credited: S = { ...purse, balance, deposited, d, depositDigest: digest, reserved: 0n };
  return ok({
    purse: refundOf === undefined ? credited : drop(credited, refundOf),
    value: balance,
    events: [{ event: "deposit", d, amount, digest }],
  });
}
