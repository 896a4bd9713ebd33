import { err, ok, type Err, type Result } from "@bezant/protocol";
import type { CommandName, Input, Output, TaRefusal } from "../commands.ts";
import type { TeeInternalApi } from "../internal-api.ts";
import type { TaState } from "./state.ts";

/** What a command comes to: a state to commit, and an output; or a refusal, and nothing has changed. */
export type Reply<N extends CommandName> = Result<
  | { readonly state: TaState; readonly output: Output<N> }
  // A wrong PIN alone is refused with a new state: the try stays spent.
  | { readonly state: TaState; readonly refusal: "pin-wrong" },
  TaRefusal
>;

export type Handler<N extends CommandName> = (
  api: TeeInternalApi,
  state: TaState,
  input: Input<N>,
) => Reply<N>;

export type Refused = Err<TaRefusal>;

export function done<O>(
  state: TaState,
  output: O,
): { readonly ok: true; readonly value: { readonly state: TaState; readonly output: O } } {
  return ok({ state, output });
}

export function refuse(code: TaRefusal): Refused {
  return err(code);
}
