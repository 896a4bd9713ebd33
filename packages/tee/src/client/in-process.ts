import { err, ok, type Result } from "@bezant/protocol";
import { checkArguments } from "./context.ts";
import { teecError, type Invocation, type TeecError, type TeeContext } from "./teec.ts";

/** What a trusted OS offers its clients; `TrustedOs` is one. */
export type TrustedOsCalls = {
  readonly openSession: (uuid: string) => Result<number, TeecError>;
  readonly invokeCommand: (
    session: number,
    command: number,
    input: Uint8Array,
  ) => Result<Invocation, TeecError>;
  readonly closeSession: (session: number) => void;
  /** To be called when an answer has been given. */
  readonly writeBack: () => void;
};

/** The same client over a trusted OS in this very process: for simulation, where there is no one to keep out. */
export function connectInProcess(trustedOs: TrustedOsCalls): TeeContext {
  const sessions = new Set<number>();
  let finalized = false;
  const badState = <T>(): Result<T, TeecError> => err(teecError("TEEC_ERROR_BAD_STATE", "api"));
  return {
    openSession(uuid) {
      if (finalized) return Promise.resolve(badState());
      const opened = trustedOs.openSession(uuid);
      if (!opened.ok) return Promise.resolve(opened);
      const session = opened.value;
      sessions.add(session);
      return Promise.resolve(
        ok({
          invokeCommand: (command, input) => {
            if (finalized) return Promise.resolve(badState());
            const bad = checkArguments(command, input);
            if (bad !== undefined) return Promise.resolve(err(bad));
            const answer = trustedOs.invokeCommand(session, command, input);
            trustedOs.writeBack();
            return Promise.resolve(answer);
          },
          closeSession: () => {
            sessions.delete(session);
            trustedOs.closeSession(session);
            return Promise.resolve();
          },
        }),
      );
    },
    finalizeContext: () => {
      finalized = true;
      for (const session of sessions) trustedOs.closeSession(session);
      return Promise.resolve();
    },
  };
}
