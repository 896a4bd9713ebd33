import { createConnection, createServer, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { concatBytes, decode, encode, unwrap, type Result } from "@bezant/protocol";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { frame, FrameReader } from "../src/client/framing.ts";
import {
  connectInProcess,
  initializeContext,
  MAX_INPUT,
  OPS_TA_UUID,
  type TeeContext,
  type TeecError,
} from "../src/client/index.ts";
import {
  MAX_REQUEST,
  MAX_RESPONSE,
  requestSchema,
  responseSchema,
  type WireRequest,
  type WireResponse,
} from "../src/client/wire.ts";
import { createTeeServer } from "../src/process/server.ts";
import { COUNTER } from "./support/counter-app.ts";
import { memoryDevice } from "./support/device.ts";
import { temporaryFolder } from "./support/folder.ts";

const NONE = new Uint8Array();
const communication = { code: "TEEC_ERROR_COMMUNICATION", origin: "communication" };

let folder: ReturnType<typeof temporaryFolder>;
let server: Server;
let path: string;
const connections = new Set<Socket>();

beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder.path, "tee");
  server = createTeeServer(unwrap((await memoryDevice("client")).start()));
  server.on("connection", (socket) => connections.add(socket));
  server.listen(path);
  await once(server, "listening");
});
afterEach(() => {
  for (const socket of connections) socket.destroy();
  connections.clear();
  server.close();
  folder.remove();
});

const connect = async (): Promise<TeeContext> => unwrap(await initializeContext({ socket: path }));

describe.each([
  ["over a socket", connect],
  [
    "in one process",
    async () => connectInProcess(unwrap((await memoryDevice("in process")).start())),
  ],
])("a client %s", (_name, newContext) => {
  it("opens a session, invokes commands, closes it", async () => {
    const context = await newContext();
    const session = unwrap(await context.openSession(OPS_TA_UUID));
    const added = await session.invokeCommand(COUNTER.add, Uint8Array.of(5));
    expect(added).toEqual({ ok: true, value: { status: 0, output: Uint8Array.of(0, 0, 0, 5) } });
    expect(await session.invokeCommand(COUNTER.refuse, NONE)).toEqual({
      ok: true,
      value: { status: 17, output: NONE },
    });
    await session.closeSession();
    expect(await session.invokeCommand(COUNTER.read, NONE)).toMatchObject({
      error: { code: "TEEC_ERROR_BAD_STATE", state: "unchanged" },
    });
    await context.finalizeContext();
  });

  it("runs the commands of one session in the order of the calls, and sessions beside each other", async () => {
    const context = await newContext();
    const sessions = await Promise.all([
      context.openSession(OPS_TA_UUID),
      context.openSession(OPS_TA_UUID),
    ]);
    const calls = Array.from({ length: 40 }, (_, i) =>
      unwrap(sessions[i % 2]!).invokeCommand(COUNTER.add, Uint8Array.of(1)),
    );
    const sums = (await Promise.all(calls)).map((reply) => unwrap(reply).output[3] ?? 0);
    expect(sums.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
    const odd = sums.filter((_, i) => i % 2 === 1);
    expect(odd).toEqual(odd.toSorted((a, b) => a - b));
    await context.finalizeContext();
  });

  it("carries any input and output up to the longest", async () => {
    const context = await newContext();
    const session = unwrap(await context.openSession(OPS_TA_UUID));
    const lengths = fc.oneof(fc.nat(300), fc.constantFrom(MAX_INPUT - 1, MAX_INPUT));
    await fc.assert(
      fc.asyncProperty(lengths, fc.nat(255), async (length, byte) => {
        const input = new Uint8Array(length).fill(byte);
        const { output } = unwrap(await session.invokeCommand(COUNTER.echo, input));
        expect(output).toEqual(input);
      }),
    );
    await context.finalizeContext();
  });

  it("refuses what no trusted OS takes, and goes on", async () => {
    const context = await newContext();
    const unknown = await context.openSession("00000000-0000-0000-0000-000000000000");
    expect(unknown).toMatchObject({ error: { code: "TEEC_ERROR_ITEM_NOT_FOUND" } });
    const session = unwrap(await context.openSession(OPS_TA_UUID));
    const code = async (command: number, input: Uint8Array): Promise<string> => {
      const reply = await session.invokeCommand(command, input);
      return reply.ok ? "ok" : reply.error.code;
    };
    expect(await code(COUNTER.echo, new Uint8Array(MAX_INPUT + 1))).toBe("TEEC_ERROR_EXCESS_DATA");
    for (const command of [-1, 0.5, 2 ** 32, NaN]) {
      expect(await code(command, NONE)).toBe("TEEC_ERROR_BAD_PARAMETERS");
    }
    expect(await code(COUNTER.trapAfterStaging, NONE)).toBe("TEEC_ERROR_TARGET_DEAD");
    expect(await code(COUNTER.read, NONE)).toBe("ok");
    await context.finalizeContext();
    expect(await context.openSession(OPS_TA_UUID)).toMatchObject({
      error: { code: "TEEC_ERROR_BAD_STATE", origin: "api" },
    });
    expect((await session.invokeCommand(COUNTER.read, NONE)).ok).toBe(false);
  });

  it("refuses a name that is no UUID", async () => {
    const context = await newContext();
    for (const uuid of ["", "ops", OPS_TA_UUID.toUpperCase(), `${OPS_TA_UUID} `]) {
      expect((await context.openSession(uuid)).ok).toBe(false);
    }
    await context.finalizeContext();
  });
});

describe("a client whose trusted OS goes away", () => {
  it("cannot begin where nothing listens", async () => {
    expect(await initializeContext({ socket: join(folder.path, "nothing") })).toEqual({
      ok: false,
      error: { ...communication, state: "unchanged" },
    });
  });

  it("says that a command under way may have had its effect, and that those behind it had none", async () => {
    const silent = join(folder.path, "silent");
    const received: WireRequest[] = [];
    const other = createServer((socket) => {
      connections.add(socket);
      const reader = new FrameReader(MAX_REQUEST);
      socket.on("data", (chunk: Uint8Array) => {
        reader.push(chunk);
        for (let message = reader.next(); message instanceof Uint8Array; message = reader.next()) {
          const request = unwrap(decode(requestSchema, message));
          received.push(request);
          if (request.call === "invokeCommand") socket.destroy();
          else socket.write(answer({ answer: "session", id: request.id, session: 1 }));
        }
      });
    }).listen(silent);
    await once(other, "listening");
    const context = unwrap(await initializeContext({ socket: silent }));
    const session = unwrap(await context.openSession(OPS_TA_UUID));
    const calls = [1, 2, 3].map((command) => session.invokeCommand(command, NONE));
    const states = (await Promise.all(calls)).map((reply) => (reply.ok ? "ok" : reply.error.state));
    expect(states).toEqual(["unknown", "unchanged", "unchanged"]);
    expect(received.filter(({ call }) => call === "invokeCommand")).toHaveLength(1);
    other.close();
  });

  it("connects again for a new session; the old ones stay lost", async () => {
    const context = await connect();
    const old = unwrap(await context.openSession(OPS_TA_UUID));
    for (const socket of connections) socket.destroy();
    const lost = await old.invokeCommand(COUNTER.add, Uint8Array.of(1));
    expect(lost).toMatchObject({ error: communication });
    const session = unwrap(await context.openSession(OPS_TA_UUID));
    expect((await session.invokeCommand(COUNTER.read, NONE)).ok).toBe(true);
    expect(await old.invokeCommand(COUNTER.read, NONE)).toEqual({
      ok: false,
      error: { ...communication, state: "unchanged" },
    });
    for (const socket of connections) socket.destroy();
    server.close();
    await once(server, "close");
    expect((await session.invokeCommand(COUNTER.read, NONE)).ok).toBe(false);
    expect(await context.openSession(OPS_TA_UUID)).toMatchObject({ error: communication });
  });

  it("believes no answer that is malformed, oversized, or to another question", async () => {
    const wrong: ((id: number) => Uint8Array)[] = [
      () => Uint8Array.of(0xff, 0xff, 0xff, 0xff),
      () => frame(Uint8Array.of(0xa0)),
      () => frame(new Uint8Array(MAX_RESPONSE)),
      (id) => answer({ answer: "session", id: id + 1, session: 1 }),
      (id) => answer({ answer: "done", id }),
    ];
    const results: Result<unknown, TeecError>[] = [];
    for (const reply of wrong) {
      const liar = join(folder.path, `liar ${results.length}`);
      const other = createServer((socket) => {
        connections.add(socket);
        const reader = new FrameReader(MAX_REQUEST);
        socket.on("data", (chunk: Uint8Array) => {
          reader.push(chunk);
          const message = reader.next();
          if (!(message instanceof Uint8Array)) return;
          const { call, id } = unwrap(decode(requestSchema, message));
          socket.write(call === "openSession" ? reply(id) : answer({ answer: "done", id }));
        });
      }).listen(liar);
      await once(other, "listening");
      const context = unwrap(await initializeContext({ socket: liar }));
      results.push(await context.openSession(OPS_TA_UUID));
      other.close();
    }
    expect(results.map((result) => result.ok)).toEqual(wrong.map(() => false));
  });
});

function answer(response: WireResponse): Uint8Array {
  return frame(encode(responseSchema, response));
}

/** Everything a raw connection gets back until the server ends it, or until it has `count` answers. */
async function talk(bytes: readonly Uint8Array[], count = Infinity): Promise<WireResponse[]> {
  const socket = createConnection(path);
  const reader = new FrameReader(MAX_RESPONSE);
  const answers: WireResponse[] = [];
  const done = new Promise<void>((settle) => {
    socket.on("close", () => settle());
    socket.on("error", () => settle());
    socket.on("data", (chunk: Uint8Array) => {
      reader.push(chunk);
      for (let message = reader.next(); message instanceof Uint8Array; message = reader.next()) {
        answers.push(unwrap(decode(responseSchema, message)));
      }
      if (answers.length >= count) settle();
    });
  });
  for (const part of bytes) socket.write(part);
  if (count === Infinity) socket.end();
  await done;
  socket.destroy();
  return answers;
}

const request = (value: WireRequest): Uint8Array => frame(encode(requestSchema, value));
const uuid = OPS_TA_UUID.replaceAll("-", "");

describe("the socket of the trusted OS", () => {
  const stillServes = async (): Promise<void> => {
    const context = await connect();
    const session = unwrap(await context.openSession(OPS_TA_UUID));
    expect((await session.invokeCommand(COUNTER.read, NONE)).ok).toBe(true);
    await context.finalizeContext();
  };

  it("answers any bytes with a typed error or by closing, and goes on serving", async () => {
    const invoke: WireRequest = {
      call: "invokeCommand",
      id: 1,
      session: 1,
      command: 3,
      input: NONE,
    };
    const valid = [
      request({ call: "initializeContext", id: 1, version: 1 }),
      request({ call: "openSession", id: 2, uuid }),
      request(invoke),
      request({ call: "closeSession", id: 4, session: 1 }),
    ];
    const mutated = fc
      .tuple(fc.constantFrom(...valid), fc.nat(80), fc.integer({ min: 1, max: 255 }))
      .map(([bytes, at, change]) =>
        bytes.map((byte, i) => (i === at % bytes.length ? byte ^ change : byte)),
      );
    const framed = fc.uint8Array({ maxLength: 60 }).map(frame);
    const junk = fc.oneof(fc.constantFrom(...valid), mutated, framed, fc.uint8Array());
    await fc.assert(
      fc.asyncProperty(fc.array(junk, { minLength: 1, maxLength: 6 }), async (parts) => {
        await talk(parts);
      }),
      { numRuns: 300 },
    );
    await stillServes();
  });

  it("names what is wrong with a frame, then closes", async () => {
    const code = async (bytes: Uint8Array): Promise<string[]> =>
      (await talk([bytes])).map((reply) =>
        reply.answer === "error" ? reply.error.code : reply.answer,
      );
    expect(await code(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toEqual(["TEEC_ERROR_EXCESS_DATA"]);
    expect(await code(frame(NONE))).toEqual(["TEEC_ERROR_BAD_FORMAT"]);
    expect(await code(frame(Uint8Array.of(0xf6)))).toEqual(["TEEC_ERROR_BAD_FORMAT"]);
    const greeting = request({ call: "initializeContext", id: 1, version: 1 });
    const late = concatBytes(frame(Uint8Array.of(0xf6)), greeting);
    expect(await code(late)).toEqual(["TEEC_ERROR_BAD_FORMAT"]);
    expect(await code(greeting)).toEqual(["done"]);
    expect(await code(request({ call: "initializeContext", id: 1, version: 2 }))).toEqual([
      "TEEC_ERROR_BAD_PARAMETERS",
    ]);
    await stillServes();
  });

  it("takes requests byte by byte, and many at once", async () => {
    const ids = Array.from({ length: 1100 }, (_, id) => id);
    const many = ids.map((id) => request({ call: "openSession", id, uuid }));
    const bytes = concatBytes(...many.slice(0, 3));
    const slow = await talk([...bytes].map((byte) => Uint8Array.of(byte)));
    expect(slow.map(({ id }) => id)).toEqual([0, 1, 2]);
    const all = await talk([concatBytes(...many)], ids.length);
    expect(all.map(({ id }) => id)).toEqual(ids);
    // Sessions run out; those of a closed connection are free again.
    expect(all.filter((reply) => reply.answer === "error")).not.toHaveLength(0);
    await stillServes();
  });

  it("serves a session only to the connection that opened it", async () => {
    const [opened] = await talk([request({ call: "openSession", id: 1, uuid })], 1);
    expect(opened).toMatchObject({ answer: "session" });
    const owner = await connect();
    unwrap(await owner.openSession(OPS_TA_UUID));
    for (let session = 0; session < 10; session++) {
      const calls: WireRequest[] = [
        { call: "invokeCommand", id: 2, session, command: COUNTER.add, input: Uint8Array.of(9) },
        { call: "closeSession", id: 3, session },
      ];
      for (const call of calls) {
        const [reply] = await talk([request(call)], 1);
        expect(reply).toMatchObject({ answer: "error", error: { code: "TEEC_ERROR_BAD_STATE" } });
      }
    }
    await owner.finalizeContext();
  });

  it("does not go on for a client that does not read its answers", async () => {
    const socket = createConnection(path);
    await once(socket, "connect");
    socket.pause();
    const echo: WireRequest = {
      call: "invokeCommand",
      id: 2,
      session: 1,
      command: COUNTER.echo,
      input: new Uint8Array(MAX_INPUT),
    };
    socket.write(request({ call: "openSession", id: 1, uuid }));
    const batch = concatBytes(...Array.from({ length: 64 }, () => request(echo)));
    let stuck = false;
    for (let sent = 0; sent < 200 && !stuck; sent++) {
      stuck = !socket.write(batch) && socket.writableLength > 8 * batch.length;
      await stillServes();
    }
    expect(stuck).toBe(true);
    const [served] = [...connections];
    expect(served?.writableLength ?? 0).toBeLessThan(batch.length);
    socket.destroy();
    await stillServes();
  });
});
