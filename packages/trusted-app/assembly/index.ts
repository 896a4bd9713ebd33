import { zero } from "./bytes";
import { startReading } from "./cbor/reader";
import { collect } from "./commands/collect";
import { deposit, reserveDeposit } from "./commands/deposit";
import { certInit, renew } from "./commands/enrolment";
import { getBalance, getInfo } from "./commands/info";
import { attestKey, init, retire } from "./commands/lifecycle";
import { Command } from "./commands/number";
import { pay } from "./commands/pay";
import { pinBegin, pinVerify, setPin } from "./commands/pin";
import { cancelRequest, requestPayment } from "./commands/request";
import { resend } from "./commands/resend";
import { release, settle } from "./commands/settle";
import { sync, syncRequest } from "./commands/sync";
import { ackWithdraw, withdraw } from "./commands/withdraw";
import { OUTPUT, outputLength as lengthOfOutput, setOutputLength } from "./output";
import { loadState, stageChanges } from "./state/commit";
import { Status } from "./status";

const VERSION: i32 = 1;
const INPUT_CAPACITY: u32 = 4096;
const INPUT = memory.data(4096);

/** The version of this application, as its evidence and its state name it. */
export function version(): i32 {
  return VERSION;
}

/** Where the caller writes a command's input. */
export function input(): usize {
  return INPUT;
}

export function inputCapacity(): u32 {
  return INPUT_CAPACITY;
}

/** Where the caller finds the output. */
export function output(): usize {
  return OUTPUT;
}

export function outputLength(): u32 {
  return lengthOfOutput();
}

/**
 * One command (docs/protocol.md §13.2), from the state that was committed last. It "either is refused, with a status, no
 * output and no change of state, or stages a new state and an output".
 */
export function invoke(command: i32, length: u32): i32 {
  setOutputLength(0);
  // "First the number is known (unknown-command); then the input decodes (malformed)."
  if (command < Command.Init || command > Command.GetInfo) return Status.UnknownCommand;
  if (length > INPUT_CAPACITY) return Status.Malformed;

  loadState();
  startReading(INPUT, length);
  const status = dispatch(command);
  // An input may hold a PIN.
  zero(INPUT, length);
  // "pin-wrong: the one status that comes with a new state."
  if (status == Status.Ok || status == Status.PinWrong) {
    stageChanges();
  } else {
    setOutputLength(0);
  }
  return status;
}

function dispatch(command: i32): Status {
  switch (command) {
    case Command.Init: return init();
    case Command.Attest: return attestKey();
    case Command.CertInit: return certInit();
    case Command.Renew: return renew();
    case Command.ReserveDeposit: return reserveDeposit();
    case Command.Deposit: return deposit();
    case Command.Withdraw: return withdraw();
    case Command.AckWithdraw: return ackWithdraw();
    case Command.RequestPayment: return requestPayment();
    case Command.CancelRequest: return cancelRequest();
    case Command.Pay: return pay();
    case Command.Collect: return collect();
    case Command.Settle: return settle();
    case Command.Release: return release();
    case Command.Resend: return resend();
    case Command.GetBalance: return getBalance();
    case Command.SyncRequest: return syncRequest();
    case Command.Sync: return sync();
    case Command.PinBegin: return pinBegin();
    case Command.PinVerify: return pinVerify();
    case Command.SetPin: return setPin();
    case Command.Retire: return retire();
    default: return getInfo();
  }
}
