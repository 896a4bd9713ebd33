import type { App, HttpService } from "./app.ts";
import { sendProblem } from "./problem.ts";

/** What machines ask about a server. */
export function addProbes(app: App, { ready }: Pick<HttpService, "ready">): void {
  const hidden = { schema: { hide: true }, config: { rateLimit: false as const } };
  app.get("/openapi.json", hidden, () => app.swagger());
  app.get("/healthz", hidden, () => ({ status: "ok" }));
  app.get("/readyz", hidden, async (_, reply) => {
    const answer = await ready();
    return answer.ok ? reply.send({ status: "ok" }) : sendProblem(reply, answer.error);
  });
}
