import { finished } from "../cbor/reader";
import { T } from "../state/state";
import { Status } from "../status";

/** "Then the input decodes (malformed); then the phase is right (wrong-phase)." */
export function checkInput(phase: u32): Status {
  if (!finished()) return Status.Malformed;
  return T.phase == phase ? Status.Ok : Status.WrongPhase;
}
