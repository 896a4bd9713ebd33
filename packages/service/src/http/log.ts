import type { FastifyServerOptions } from "fastify";
import type { App } from "./app.ts";

export interface LogOptions {
  /** As pino's: trace, debug, info, warn, error. */
  readonly level: string;
  /** One JSON object a line; standard output unless given. */
  readonly stream?: { readonly write: (line: string) => void };
}

/** A logger that has nothing of the request in it unless `addLog` puts it there. */
export function loggerOptions(
  log: LogOptions | undefined,
): NonNullable<FastifyServerOptions["logger"]> {
  if (log === undefined) return false;
  return {
    level: log.level,
    base: null,
    serializers: {
      req: () => ({}),
      res: () => ({}),
      err: ({ name, message, stack }: Error) => ({ type: name, message, stack: stack ?? "" }),
    },
    ...(log.stream === undefined ? {} : { stream: log.stream }),
  };
}

/** One line for each answer: route, status, code and time. No address, no id, no amount, no token. */
export function addLog(app: App): void {
  app.addHook("onResponse", (request, reply, next) => {
    const { url: route } = request.routeOptions;
    const { statusCode: status, elapsedTime } = reply;
    const code = reply.refusal === undefined ? {} : { code: reply.refusal };
    const milliseconds = Math.round(elapsedTime * 10) / 10;
    request.log.info({ method: request.method, route, status, ...code, milliseconds }, "answered");
    next();
  });
}
