import { parseCertificate, payment } from "@bezant/protocol";
import { decodeInput, type CommandName, type Status } from "../../src/commands.ts";
import type { TaState } from "../../src/reference/index.ts";

// Rules that the status alone does not show to have been tried.

export const PATHS = [
  "the retirement statement again",
  "a first PIN while there is money",
  "a first PIN while there is none",
  "a new PIN after an unlocking",
  "a payment under a chain in its grace",
  "a payment under a chain after its grace",
] as const;

/** Which of them a command has taken. */
export function pathOf(
  before: TaState,
  command: CommandName | undefined,
  input: Uint8Array,
  status: Status,
): (typeof PATHS)[number] | undefined {
  if (command === "Retire" && status === "ok") {
    return before.phase === "retired" ? "the retirement statement again" : undefined;
  }
  if (command === "SetPin" && !before.pinSet) return pathOfFirstPin(before, status);
  if (command === "Collect") return pathOfPayment(before, input, status);
  return undefined;
}

function pathOfFirstPin({ balance, pinFresh }: TaState, status: Status): ReturnType<typeof pathOf> {
  if (status === "pin-required") return "a first PIN while there is money";
  if (status !== "ok") return undefined;
  if (balance === 0n) return "a first PIN while there is none";
  return pinFresh ? "a new PIN after an unlocking" : undefined;
}

function pathOfPayment(
  { time }: TaState,
  input: Uint8Array,
  status: Status,
): ReturnType<typeof pathOf> {
  const decoded = decodeInput("Collect", input);
  const parsed = decoded.ok ? payment.parse(decoded.value.payment) : undefined;
  const chain = parsed?.ok === true ? parsed.value.chain : undefined;
  const provider = chain === undefined ? undefined : parseCertificate(chain[0]);
  if (provider?.ok !== true || time <= provider.value.claims.exp) return undefined;
  if (status === "ok") return "a payment under a chain in its grace";
  return status === "expired" ? "a payment under a chain after its grace" : undefined;
}
