import type { Server } from "node:https";
import process from "node:process";
import { renewServer } from "@bezant/pki/tls";
import type { App, TlsOptions } from "./app.ts";

/** How often a server looks whether there are newer roots or revocation lists, in milliseconds; on SIGHUP it looks at once. */
const LOOK_AT_FILES = 60_000;

/**
 * Goes by the newest revocation lists without a restart. Who is connected and idle has to connect anew, and is looked at again. Files that
 * cannot be used change nothing, and are in the log.
 */
export function keepTlsCurrent(app: App, { own, trust, reread }: TlsOptions): void {
  if (reread === undefined) return;
  let used = trust;
  let said: string | undefined;
  const look = (): void => {
    const { trust: now, problem } = reread();
    if (problem !== undefined && problem !== said) {
      app.log.error({ problem }, "TLS files cannot be used; what was read before counts");
    }
    said = problem;
    if (now === used) return;
    used = now;
    const server = app.server as unknown as Server;
    renewServer(server, own, now);
    server.closeIdleConnections();
    app.log.info("TLS files were read again");
  };
  const timer = setInterval(look, LOOK_AT_FILES);
  timer.unref();
  process.on("SIGHUP", look);
  app.addHook("onClose", (_app, done) => {
    clearInterval(timer);
    process.off("SIGHUP", look);
    done();
  });
}
