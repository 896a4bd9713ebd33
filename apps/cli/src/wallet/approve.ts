import type { Amount } from "@bezant/protocol";
import type { Asked } from "@bezant/wallet";
import { EXIT } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { confirm, isInteractive } from "../terminal.ts";
import type { Session } from "./command.ts";

export type ApproveOptions = { readonly amount?: Amount; readonly yes?: true };

/** Where nobody can be asked, the command line has to say what may be paid. */
export function needApproval({ amount, yes }: ApproveOptions): void {
  if (amount !== undefined || yes === true || isInteractive()) return;
  throw new Failure(
    "Nobody can be asked here: say --amount with what you expect to pay, or --yes. No money has moved.",
    EXIT.usage,
  );
}

/** Whether this may be paid. */
export async function approve(
  { format }: Session,
  { amount, yes }: ApproveOptions,
  asked: Asked,
): Promise<boolean> {
  if (amount !== undefined) return asked.amount === amount;
  if (yes === true) return true;
  const kind = asked.payeeClass === "ta" ? "device" : "wallet";
  return confirm(
    `Pay ${format(asked.amount)} to the ${kind} ${short(asked.payee)}, a client of ${asked.provider}?`,
  );
}

/** Enough of an id to compare it by eye. */
export function short(id: string): string {
  return `${id.slice(0, 8)}…${id.slice(-4)}`;
}
