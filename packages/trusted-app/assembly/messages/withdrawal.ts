import { writeMap, writeUint } from "../cbor/writer";
import { endPayload, startPayload } from "../cose/outgoing";
import { Typ } from "../cose/typ";
import { Withdrawal } from "../state/withdrawals";

/** `withdrawal = { 1: amount, 2: u32 }` (Figure 6) */
export function writeWithdrawal(withdrawal: Withdrawal): void {
  startPayload();
  writeMap(2);
  writeUint(1);
  writeUint(withdrawal.amount);
  writeUint(2);
  writeUint(withdrawal.w);
  endPayload(Typ.Withdrawal);
}
