import { err, refusal, type Refusal, type Result } from "@bezant/protocol";
import type { TeeContext, TeecError, TeeSession } from "@bezant/tee/client";
import {
  COMMANDS,
  encodeInput,
  readAnswer,
  type CommandName,
  type Input,
  type Output,
  type TaRefusal,
} from "@bezant/trusted-app/commands";
import { walletRefusal, type WalletRefusal } from "../refusals.ts";

/**
 * The TA was not asked (`device-unreachable`: nothing has changed), or its answer was lost (`device-interrupted`: the
 * command has had its whole effect or none).
 */
export type DeviceFailure = WalletRefusal<"device-unreachable" | "device-interrupted">;

/** The TA's own refusal, or a failure on the way to it. */
export type DeviceRefusal = Refusal<TaRefusal> | DeviceFailure;

type Arguments<N extends CommandName> = keyof Input<N> extends never ? [] : [input: Input<N>];

/** A secure device: one function for each command of the TA (protocol document §13.2), named as the command is. */
export type Device = {
  readonly [N in CommandName as Uncapitalize<N>]: (
    ...input: Arguments<N>
  ) => Promise<Result<Output<N>, DeviceRefusal>>;
};

/** A device behind a connection to its trusted OS, and the UUID of the TA there; opens sessions as it needs them. */
export function openDevice(context: TeeContext, uuid: string): Device {
  let session: TeeSession | undefined;
  const invoke = async <N extends CommandName>(
    name: N,
    input: Input<N>,
  ): Promise<Result<Output<N>, DeviceRefusal>> => {
    if (session === undefined) {
      const opened = await context.openSession(uuid);
      if (!opened.ok) return err(failure(opened.error));
      session = opened.value;
    }
    const used = session;
    const answer = await used.invokeCommand(COMMANDS[name].number, encodeInput(name, input));
    if (!answer.ok) {
      // Whether this session can still be used is not worth finding out; the trusted OS has only so many. A call that
      // overlapped with this one may have been at this point already, and another may have a new session.
      if (session === used) session = undefined;
      await used.closeSession();
      return err(failure(answer.error));
    }
    const read = readAnswer(name, answer.value);
    return read.ok ? read : err(refusal(read.error));
  };
  const functions = (Object.keys(COMMANDS) as CommandName[]).map((name) => [
    name[0]?.toLowerCase() + name.slice(1),
    (input: Input<typeof name> = {}) => invoke(name, input),
  ]);
  return Object.fromEntries(functions) as Device;
}

function failure({ code, reason, state }: TeecError): DeviceFailure {
  const detail = reason === undefined ? code : `${code}: ${reason}`;
  return walletRefusal(state === "unchanged" ? "device-unreachable" : "device-interrupted", detail);
}
