import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below the ports that systems hand out to connections: none of those may take it while its server is down.
const [LEAST, MOST] = [12_000, 32_000];
const TRIES = 100;

/** A port for a server that is killed and started again. */
export async function freePort(): Promise<number> {
  for (let i = 0; i < TRIES; i += 1) {
    const port = randomInt(LEAST, MOST);
    if (await isFree(port)) return port;
  }
  throw new Error("no port is free");
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
