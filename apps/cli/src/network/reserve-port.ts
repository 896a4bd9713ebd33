import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";

// Below the ports that systems hand out by themselves: no connection takes one while its server is down.
const RANGE = [12_000, 32_000] as const;
const TRIES = 100;

/**
 * A TCP port of 127.0.0.1 for a server that starts later, or is stopped and started again. Until this process ends no other
 * call gets it, in no process: the UDP port of the same number, which nothing here uses, is held as the mark.
 * @param range the least, and one more than the greatest
 */
export async function reservePort([from, to]: readonly [number, number] = RANGE): Promise<number> {
  for (let i = 0; i < TRIES; i += 1) {
    const port = randomInt(from, to);
    if ((await isFree(port)) && (await mark(port))) return port;
  }
  throw new Error("no port is free");
}

function mark(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => socket.close(() => resolve(false)));
    socket.bind({ port, address: "127.0.0.1", exclusive: true }, () => {
      socket.unref();
      resolve(true);
    });
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
