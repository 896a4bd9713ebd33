import type { App } from "./app.ts";

/**
 * While the server shuts down, each answer ends its connection: one that stayed open for further requests would hold up
 * the shutdown until it times out.
 */
export function addClosing(app: App): void {
  let isClosing = false;
  app.addHook("preClose", (done) => {
    isClosing = true;
    done();
  });
  app.addHook("onSend", (_, reply, __, done) => {
    if (isClosing) reply.header("connection", "close");
    done();
  });
}
