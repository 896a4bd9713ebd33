import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { addBalance } from "./balance.ts";
import { addCreate } from "./create.ts";
import { addDeposit } from "./deposit.ts";
import { addHistory } from "./history.ts";
import { addPay } from "./pay.ts";
import { addReceive } from "./receive.ts";
import { addRegister } from "./register.ts";
import { addRequest } from "./request.ts";
import { addSettle } from "./settle.ts";
import { addShow } from "./show.ts";
import { addState } from "./state.ts";

/** `bezant wallet`: pay and be paid. */
export function addWallet(wallet: Command, cli: Cli): void {
  addCreate(wallet, cli);
  addRegister(wallet, cli);
  addDeposit(wallet, cli);
  addRequest(wallet, cli);
  addPay(wallet, cli);
  addReceive(wallet, cli);
  addSettle(wallet, cli);
  addBalance(wallet, cli);
  addHistory(wallet, cli);
  addShow(wallet, cli);
  addState(wallet, cli);
}
