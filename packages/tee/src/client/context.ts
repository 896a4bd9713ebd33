import { err, ok, type Result } from "@bezant/protocol";
import { Connection } from "./socket.ts";
import {
  MAX_INPUT,
  teecError,
  type Invocation,
  type TeecError,
  type TeeContext,
  type TeeSession,
} from "./teec.ts";
import { uuidToHex } from "./wire.ts";

/**
 * Connects to the trusted OS behind a Unix socket (TEEC_InitializeContext). When the connection is lost, its
 * sessions answer errors for ever; `openSession` connects again.
 */
export async function initializeContext({
  socket,
}: {
  readonly socket: string;
}): Promise<Result<TeeContext, TeecError>> {
  const first = await Connection.open(socket);
  if (!first.ok) return first;
  let connection = first.value;
  let finalized = false;
  return ok({
    async openSession(uuid) {
      const digits = uuidToHex(uuid);
      if (digits === undefined) return err(teecError("TEEC_ERROR_BAD_PARAMETERS", "api"));
      if (finalized) return err(teecError("TEEC_ERROR_BAD_STATE", "api"));
      if (connection.closed) {
        const again = await Connection.open(socket);
        if (!again.ok) return again;
        connection = again.value;
      }
      return openSession(connection, digits);
    },
    async finalizeContext() {
      finalized = true;
      connection.close();
      await Promise.resolve();
    },
  });
}

async function openSession(
  connection: Connection,
  uuid: string,
): Promise<Result<TeeSession, TeecError>> {
  const opened = await connection.call({ call: "openSession", uuid });
  if (!opened.ok) return opened;
  if (opened.value.answer !== "session") return unexpected(connection);
  const { session } = opened.value;
  return ok({
    async invokeCommand(command, input) {
      const refused = checkArguments(command, input);
      if (refused !== undefined) return err(refused);
      const answer = await connection.call({ call: "invokeCommand", session, command, input });
      if (!answer.ok) return answer;
      if (answer.value.answer !== "invocation") return unexpected(connection);
      const { status, output } = answer.value;
      return ok({ status, output } satisfies Invocation);
    },
    async closeSession() {
      await connection.call({ call: "closeSession", session });
    },
  });
}

/** What no trusted OS would take is refused before it is sent. */
export function checkArguments(command: number, input: Uint8Array): TeecError | undefined {
  if (!Number.isInteger(command) || command < 0 || command > 0xffff_ffff) {
    return teecError("TEEC_ERROR_BAD_PARAMETERS", "api");
  }
  return input.length > MAX_INPUT ? teecError("TEEC_ERROR_EXCESS_DATA", "api") : undefined;
}

function unexpected<T>(connection: Connection): Result<T, TeecError> {
  connection.close();
  return err(teecError("TEEC_ERROR_COMMUNICATION", "communication", "unknown"));
}
