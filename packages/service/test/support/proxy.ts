import { createServer, connect, type Socket } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "./folder.ts";

/** What becomes of a COMMIT: it never arrives, its answer never does, or the server falls silent for ever. */
export type Fault = "none" | "lose-request" | "lose-answer" | "silence";

export interface Proxy {
  /** The URL of the database through the proxy. */
  readonly url: string;
  fault: Fault;
}

/** A network between driver and server that fails at the worst moment. */
export async function startProxy(serverUrl: string): Promise<Proxy> {
  const target = new URL(serverUrl);
  const name = `.s.PGSQL.${target.port}`;
  const upstreamPath = join(target.searchParams.get("host") ?? "", name);
  const folder = temporaryFolder();
  const url = new URL(serverUrl);
  url.searchParams.set("host", folder);
  const proxy: Proxy = { url: url.href, fault: "none" };
  const listener = createServer((client) => relay(client, connect(upstreamPath), proxy));
  await new Promise<void>((resolve) => listener.listen(join(folder, name), resolve));
  return proxy;
}

const COMMIT = Buffer.from("COMMIT\0");

function relay(client: Socket, upstream: Socket, proxy: Proxy): void {
  let isMute = false;
  client.on("data", (bytes: Buffer) => {
    if (proxy.fault !== "none" && bytes.includes(COMMIT)) {
      if (proxy.fault === "lose-request") return void client.destroy();
      isMute = true;
    }
    upstream.write(bytes);
  });
  upstream.on("data", (bytes) => {
    // The answer is here, so the server has done it; the client will never know.
    if (!isMute) client.write(bytes);
    else if (proxy.fault === "lose-answer") client.destroy();
  });
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on("close", () => other.destroy());
    one.on("error", () => other.destroy());
  }
}
