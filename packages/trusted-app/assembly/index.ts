import { startReading } from "./cbor/reader";
import { zero } from "./bytes";
import { collect } from "./commands/collect";
import { deposit, reserveDeposit } from "./commands/deposit";
import { certInit, renew } from "./commands/enrolment";
import { getBalance, getInfo } from "./commands/info";
import { attestKey, init, retire } from "./commands/lifecycle";
import { pay } from "./commands/pay";
import { pinBegin, pinVerify, setPin } from "./commands/pin";
import { cancelRequest, requestPayment } from "./commands/request";
import { resend } from "./commands/resend";
import { release, settle } from "./commands/settle";
import { sync, syncRequest } from "./commands/sync";
import { ackWithdraw, withdraw } from "./commands/withdraw";
import { OUTPUT, outputLength as lengthOfOutput, setOutputLength } from "./output";
import { loadState, stageChanges } from "./state/state";
import { Status } from "./status";

const VERSION: i32 = 1;
const INPUT_CAPACITY: u32 = 4096;
const INPUT = memory.data(4096);
const LAST_COMMAND: u32 = 23;

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
export function invoke(command: u32, length: u32): i32 {
  setOutputLength(0);
  // "First the number is known (unknown-command); then the input decodes (malformed)."
  if (command < 1 || command > LAST_COMMAND) return Status.UnknownCommand;
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

function dispatch(command: u32): Status {
  switch (command) {
    case 1: return init();
    case 2: return attestKey();
    case 3: return certInit();
    case 4: return renew();
    case 5: return reserveDeposit();
    case 6: return deposit();
    case 7: return withdraw();
    case 8: return ackWithdraw();
    case 9: return requestPayment();
    case 10: return cancelRequest();
    case 11: return pay();
    case 12: return collect();
    case 13: return settle();
    case 14: return release();
    case 15: return resend();
    case 16: return getBalance();
    case 17: return syncRequest();
    case 18: return sync();
    case 19: return pinBegin();
    case 20: return pinVerify();
    case 21: return setPin();
    case 22: return retire();
    default: return getInfo();
  }
}
