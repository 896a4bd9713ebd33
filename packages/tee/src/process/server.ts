import { createServer, type Server, type Socket } from "node:net";
import { decode, encode } from "@bezant/protocol";
import { frame, FrameReader } from "../client/framing.ts";
import type { TrustedOsCalls } from "../client/in-process.ts";
import { teecError, type TeecError } from "../client/teec.ts";
import type { UpdateAgent } from "../provisioning/agent.ts";
import { isProvisioning, ProvisioningCalls, type TaRequest } from "./provisioning-calls.ts";
import {
  MAX_REQUEST,
  requestSchema,
  responseSchema,
  uuidFromHex,
  WIRE_VERSION,
  type WireRequest,
  type WireResponse,
} from "../client/wire.ts";

const MAX_CONNECTIONS = 16;

/** Serves a trusted OS on a socket: whole requests only, one at a time, answers in order. */
export function createTeeServer(trustedOs: TrustedOsCalls, agent?: UpdateAgent): Server {
  const server = createServer((socket) => {
    serve(socket, trustedOs, agent === undefined ? undefined : new ProvisioningCalls(agent));
  });
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

function serve(
  socket: Socket,
  trustedOs: TrustedOsCalls,
  provisioning: ProvisioningCalls | undefined,
): void {
  const reader = new FrameReader(MAX_REQUEST);
  const sessions = new Set<number>();
  let waits = false;
  const drain = (): void => {
    // A client that does not read its answers is not served further until it does, nor while its last request is at work.
    while (!socket.writableNeedDrain && socket.writable && !waits) {
      const message = reader.next();
      if (message === undefined) {
        socket.resume();
        return;
      }
      const request = message === "too-large" ? undefined : decode(requestSchema, message);
      if (request?.ok !== true) {
        const code = message === "too-large" ? "TEEC_ERROR_EXCESS_DATA" : "TEEC_ERROR_BAD_FORMAT";
        refuseAndClose(socket, teecError(code, "communication"));
        return;
      }
      const { value } = request;
      if (!isProvisioning(value)) {
        send(socket, answer(value, trustedOs, sessions));
        setImmediate(() => trustedOs.writeBack());
        continue;
      }
      waits = true;
      void (provisioning?.answer(value) ?? unsupported(value)).then((response) => {
        waits = false;
        if (socket.writable) send(socket, response);
        setImmediate(() => trustedOs.writeBack());
        drain();
      });
    }
    socket.pause();
  };
  socket.on("data", (chunk: Uint8Array) => {
    reader.push(chunk);
    drain();
  });
  socket.on("drain", drain);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    for (const session of sessions) trustedOs.closeSession(session);
  });
}

function answer(
  request: TaRequest,
  trustedOs: TrustedOsCalls,
  sessions: Set<number>,
): WireResponse {
  const { id } = request;
  const refuse = (error: TeecError): WireResponse => ({ answer: "error", id, error });
  if (request.call === "initializeContext") {
    return request.version === WIRE_VERSION
      ? { answer: "done", id }
      : refuse(teecError("TEEC_ERROR_BAD_PARAMETERS", "communication"));
  }
  if (request.call === "openSession") {
    const opened = trustedOs.openSession(uuidFromHex(request.uuid));
    if (!opened.ok) return refuse(opened.error);
    sessions.add(opened.value);
    return { answer: "session", id, session: opened.value };
  }
  const { session } = request;
  // A session belongs to the connection that opened it; another client's number is no key to it.
  if (!sessions.has(session)) return refuse(teecError("TEEC_ERROR_BAD_STATE", "communication"));
  if (request.call === "closeSession") {
    sessions.delete(session);
    trustedOs.closeSession(session);
    return { answer: "done", id };
  }
  const invoked = trustedOs.invokeCommand(session, request.command, request.input);
  return invoked.ok ? { answer: "invocation", id, ...invoked.value } : refuse(invoked.error);
}

function unsupported({ id }: WireRequest): Promise<WireResponse> {
  const error = teecError("TEEC_ERROR_BAD_PARAMETERS", "communication");
  return Promise.resolve({ answer: "error", id, error });
}

/** What follows a frame that is none cannot be told from it, so the connection ends. */
function refuseAndClose(socket: Socket, error: TeecError): void {
  socket.removeAllListeners("data");
  socket.resume();
  socket.end(frame(encode(responseSchema, { answer: "error", id: 0, error })));
}

function send(socket: Socket, response: WireResponse): void {
  socket.write(frame(encode(responseSchema, response)));
}
