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
  "a payment of somebody whom a list vouches for",
  "a payment of somebody whom nothing vouches for",
  "a payment with a list that does not count",
  "a message of home after the end of the known key's certificate",
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
  if (command === "Deposit" && status === "ok") {
    const isOver = before.time > before.providerExp;
    return isOver ? "a message of home after the end of the known key's certificate" : undefined;
  }
  return undefined;
}

/** What a status list has decided about a payment that was collected is seen in the state. */
export function pathOfStanding(
  before: TaState,
  after: TaState,
  input: Uint8Array,
): (typeof PATHS)[number] | undefined {
  if (after.collected <= before.collected || after.id !== before.id) return undefined;
  if (after.uncheckedValue === before.uncheckedValue)
    return "a payment of somebody whom a list vouches for";
  const decoded = decodeInput("Collect", input);
  return decoded.ok && decoded.value.status !== undefined
    ? "a payment with a list that does not count"
    : "a payment of somebody whom nothing vouches for";
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
