import { chmodSync, lstatSync, rmSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { concatBytes, err, MAX_MESSAGE, ok, type Err, type Result } from "@bezant/protocol";
import { walletRefusal, type WalletRefusal } from "../refusals.ts";
import { Inbox, type Channel } from "../transport/channel.ts";

/** A Unix socket, or a TCP port; the host is this machine's own unless it is given. */
export type TapAddress =
  | { readonly path: string }
  | { readonly port: number; readonly host?: string };

/** Waits for parties to tap. */
export type TapListener = {
  /** Where it listens; for port 0, with the port that it got. */
  readonly address: TapAddress;
  /** The next party; undefined once the listener is closed. */
  readonly accept: () => Promise<Channel | undefined>;
  readonly close: () => Promise<void>;
};

const LOCAL = "127.0.0.1";
/** Parties at once; the next one has to wait or tap again. */
const PARTIES = 16;

/** Listens for other wallets. Only this user can reach a Unix socket. */
export async function listenTap(address: TapAddress): Promise<Result<TapListener, WalletRefusal>> {
  const arrived: Channel[] = [];
  let waiting: ((channel: Channel | undefined) => void) | undefined;
  let closed = false;
  const server = createServer((socket) => {
    const channel = overSocket(socket);
    if (waiting === undefined) arrived.push(channel);
    else waiting(channel);
    waiting = undefined;
  });
  server.maxConnections = PARTIES;
  const accept = (): Promise<Channel | undefined> => {
    const next = arrived.shift();
    if (next !== undefined || closed) return Promise.resolve(next);
    return new Promise((resolve) => {
      waiting = resolve;
    });
  };
  const close = async (): Promise<void> => {
    closed = true;
    waiting?.(undefined);
    server.close();
    await Promise.all(arrived.map((channel) => channel.close()));
  };
  const listening = await listen(server, address);
  return listening.ok ? ok({ address: addressOf(server, address), accept, close }) : listening;
}

/** Binds the address; a Unix socket that a dead process has left behind is taken over. */
async function listen(server: Server, address: TapAddress): Promise<Result<void, WalletRefusal>> {
  const first = await tryListen(server, address);
  if (first === undefined) return ok(undefined);
  if (first.code !== "EADDRINUSE" || !("path" in address) || !isSocket(address.path)) {
    return refuse(first);
  }
  const other = await dialTap(address);
  if (other.ok) {
    await other.value.close();
    return refuse(first);
  }
  rmSync(address.path, { force: true });
  const second = await tryListen(server, address);
  return second === undefined ? ok(undefined) : refuse(second);
}

function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}

function tryListen(
  server: Server,
  address: TapAddress,
): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once("error", resolve);
    server.listen({ host: LOCAL, ...address }, () => {
      server.off("error", resolve);
      if ("path" in address) chmodSync(address.path, 0o600);
      resolve(undefined);
    });
  });
}

function refuse({ message }: Error): Err<WalletRefusal> {
  return err(walletRefusal("no-channel", message));
}

/** Taps another wallet. The signal, aborted, gives up. */
export function dialTap(
  address: TapAddress,
  signal?: AbortSignal,
): Promise<Result<Channel, WalletRefusal>> {
  return new Promise((resolve) => {
    const abort = signal === undefined ? {} : { signal };
    const socket = createConnection({ host: LOCAL, ...address, ...abort });
    const fail = (error: Error): void => resolve(refuse(error));
    socket.once("error", fail);
    socket.once("connect", () => {
      socket.off("error", fail);
      resolve(ok(overSocket(socket)));
    });
  });
}

function addressOf(server: Server, asked: TapAddress): TapAddress {
  const bound = server.address();
  return bound === null || typeof bound === "string" ? asked : { ...asked, port: bound.port };
}

const HEAD = 2;

/** Each message behind its length; a peer that sends anything else is cut off. */
function overSocket(socket: Socket): Channel {
  const inbox = new Inbox();
  let buffer: Uint8Array = new Uint8Array();
  socket.on("data", (chunk: Uint8Array) => {
    buffer = concatBytes(buffer, chunk);
    while (buffer.length >= HEAD) {
      const length = ((buffer[0] ?? 0) << 8) | (buffer[1] ?? 0);
      if (length > MAX_MESSAGE) {
        socket.destroy();
        return;
      }
      if (buffer.length < HEAD + length) return;
      inbox.put(buffer.slice(HEAD, HEAD + length));
      buffer = buffer.slice(HEAD + length);
    }
  });
  socket.on("error", () => socket.destroy());
  socket.on("close", () => inbox.close());
  return {
    send: (message) => {
      if (message.length > MAX_MESSAGE)
        throw new RangeError(`a message of ${message.length} bytes`);
      if (!socket.writable) return Promise.resolve(false);
      const head = Uint8Array.of(message.length >> 8, message.length & 0xff);
      return new Promise((resolve) => {
        socket.write(concatBytes(head, message), (error) =>
          resolve(error === undefined || error === null),
        );
      });
    },
    receive: () => inbox.take(),
    close: () => {
      // What was sent still goes out; nobody waits for a peer that does not read.
      socket.destroySoon();
      inbox.close();
      return Promise.resolve();
    },
  };
}
