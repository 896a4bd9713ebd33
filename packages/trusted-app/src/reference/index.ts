// A TA in plain TypeScript: the reference that the measured one is compared with, command by command.
import { equalBytes } from "@bezant/protocol";
import {
  commandOf,
  decodeInput,
  encodeOutput,
  MAX_INPUT,
  statusNumber,
  type Answer,
  type CommandName,
  type TaRefusal,
} from "../commands.ts";
import type { TaInstance, TeeInternalApi } from "../internal-api.ts";
import { deposit, reserveDeposit } from "./commands/deposit.ts";
import { attest, certInit, init, renew, retire } from "./commands/life.ts";
import { payRequest, releasePayment, settlePayment } from "./commands/pay.ts";
import { beginPin, setPin, verifyPin } from "./commands/pin.ts";
import { cancel, collectPayment, requestPayment } from "./commands/receive.ts";
import { getBalance, getInfo, resend } from "./commands/show.ts";
import { requestSync, sync } from "./commands/sync.ts";
import { ackWithdraw, withdraw } from "./commands/withdrawal.ts";
import { BLANK, decodeState, encodeState } from "./layout.ts";
import type { Handler } from "./reply.ts";
import { PHASES, type Phase, type TaState } from "./state.ts";

export { decodeState, encodeState, STATE_SIZE } from "./layout.ts";
export type { TaState } from "./state.ts";

const HANDLERS: { readonly [N in CommandName]: Handler<N> } = {
  Init: init,
  Attest: attest,
  CertInit: certInit,
  Renew: renew,
  ReserveDeposit: reserveDeposit,
  Deposit: deposit,
  Withdraw: withdraw,
  AckWithdraw: ackWithdraw,
  RequestPayment: requestPayment,
  CancelRequest: cancel,
  Pay: payRequest,
  Collect: collectPayment,
  Settle: settlePayment,
  Release: releasePayment,
  Resend: resend,
  GetBalance: getBalance,
  SyncRequest: requestSync,
  Sync: sync,
  PinBegin: beginPin,
  PinVerify: verifyPin,
  SetPin: setPin,
  Retire: retire,
  GetInfo: getInfo,
};

/** The phases in which a command may be given; `active` where nothing is said. */
const ALLOWED: { readonly [N in CommandName]?: readonly Phase[] } = {
  Init: ["blank", "initialised", "retired"],
  Attest: ["initialised", "active"],
  CertInit: ["initialised"],
  Retire: ["active", "retired"],
  GetInfo: PHASES,
};

/** A TA over a trusted OS. It keeps nothing itself: every command begins with the last committed state. */
export function createReferenceTa(api: TeeInternalApi): TaInstance {
  return {
    invoke(number, input) {
      const name = commandOf(number);
      return name === undefined ? refusal("unknown-command") : run(api, name, input);
    },
  };
}

function run<N extends CommandName>(api: TeeInternalApi, name: N, encoded: Uint8Array): Answer {
  if (encoded.length > MAX_INPUT) return refusal("malformed");
  const input = decodeInput(name, encoded);
  if (!input.ok) return refusal("malformed");
  const committed = api.readState();
  const state: TaState = committed.length === 0 ? BLANK : decodeState(committed);
  const allowed: readonly Phase[] = ALLOWED[name] ?? ["active"];
  if (!allowed.includes(state.phase)) return refusal("wrong-phase");

  const handler: Handler<N> = HANDLERS[name];
  const reply = handler(api, state, input.value);
  if (!reply.ok) return refusal(reply.error);
  const after = reply.value.state === state ? committed : encodeState(reply.value.state);
  if (!equalBytes(after, committed)) api.stageState(after);
  if ("refusal" in reply.value) return refusal(reply.value.refusal);
  return { status: statusNumber("ok"), output: encodeOutput(name, reply.value.output) };
}

function refusal(code: TaRefusal): Answer {
  return { status: statusNumber(code), output: new Uint8Array() };
}
