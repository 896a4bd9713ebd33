import { createConnection, type Socket } from "node:net";
import { decode, encode, err, ok, type Result } from "@bezant/protocol";
import { frame, FrameReader } from "./framing.ts";
import { teecError, type TeecError } from "./teec.ts";
import {
  MAX_RESPONSE,
  requestSchema,
  responseSchema,
  WIRE_VERSION,
  type WireRequest,
  type WireResponse,
} from "./wire.ts";

/**
 * For so many milliseconds a caller that waits for an answer looks for it itself instead of sleeping: an answer takes about
 * one, and on many machines being woken up takes as long as the command's whole cryptography.
 */
const WATCHFUL = 2;

type Unnumbered<T> = T extends { readonly id: number } ? Omit<T, "id"> : never;
export type Call = Unnumbered<WireRequest>;
type Answer = Result<WireResponse, TeecError>;
type Waiting = {
  readonly id: number;
  /** What the loss of the connection leaves of the TA's state: only a command can change it. */
  readonly ifLost: TeecError["state"];
  readonly settle: (answer: Answer) => void;
};

/** Calls whose effect a lost connection leaves unknown. */
const CHANGING: ReadonlySet<string> = new Set(["invokeCommand", "install"]);

/** One connection to a trusted OS. Calls go out in order, one at a time. */
export class Connection {
  readonly #socket: Socket;
  readonly #reader = new FrameReader(MAX_RESPONSE);
  #last: Promise<unknown> = Promise.resolve();
  #lastId = 0;
  #waiting: Waiting | undefined;
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    socket.on("error", () => this.#lose());
    socket.on("close", () => this.#lose());
  }

  /** Connects and shakes hands. */
  static async open(path: string): Promise<Result<Connection, TeecError>> {
    const socket = await connect(path);
    if (socket === undefined) return err(teecError("TEEC_ERROR_COMMUNICATION", "communication"));
    const connection = new Connection(socket);
    const greeted = await connection.call({ call: "initializeContext", version: WIRE_VERSION });
    if (greeted.ok) return ok(connection);
    connection.close();
    return greeted;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends one call and waits for its answer. An answer that is an error comes back as the error it is. */
  call(call: Call): Promise<Answer> {
    const answer = this.#last.then(() => this.#send(call));
    this.#last = answer;
    return answer;
  }

  close(): void {
    this.#socket.destroy();
    this.#lose();
  }

  #send(call: Call): Promise<Answer> {
    if (this.#closed) {
      // It was never sent, so nothing can have come of it.
      return Promise.resolve(err(teecError("TEEC_ERROR_COMMUNICATION", "communication")));
    }
    this.#lastId = (this.#lastId + 1) >>> 0;
    const id = this.#lastId;
    const ifLost = CHANGING.has(call.call) ? "unknown" : "unchanged";
    return new Promise((settle) => {
      this.#waiting = { id, ifLost, settle };
      this.#socket.write(frame(encode(requestSchema, { ...call, id })));
      this.#watch(id, performance.now() + WATCHFUL);
    });
  }

  /** An event loop that has something to do at once polls the socket without going to sleep. */
  #watch(id: number, until: number): void {
    if (this.#waiting?.id !== id || performance.now() > until) return;
    setImmediate(() => this.#watch(id, until));
  }

  #receive(chunk: Uint8Array): void {
    this.#reader.push(chunk);
    for (;;) {
      const message = this.#reader.next();
      if (message === undefined) return;
      const response = message === "too-large" ? undefined : decode(responseSchema, message);
      if (response?.ok !== true || !this.#settle(response.value)) {
        this.close();
        return;
      }
    }
  }

  /** Hands the answer to the call that waits; false for an answer to anything else. */
  #settle(response: WireResponse): boolean {
    const waiting = this.#waiting;
    if (waiting === undefined || response.id !== waiting.id) return false;
    this.#waiting = undefined;
    waiting.settle(response.answer === "error" ? err(response.error) : ok(response));
    return true;
  }

  #lose(): void {
    this.#closed = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.settle(err(teecError("TEEC_ERROR_COMMUNICATION", "communication", waiting.ifLost)));
  }
}

function connect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    socket.once("connect", () => {
      socket.removeAllListeners();
      resolve(socket);
    });
    socket.once("error", () => resolve(undefined));
  });
}
