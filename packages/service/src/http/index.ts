export {
  createApp,
  DEFAULT_HTTP,
  type App,
  type HttpOptions,
  type HttpService,
  type TlsOptions,
} from "./app.ts";
export { amount, anyHex, counter, hex, seconds, signed } from "./fields.ts";
export type { LogOptions } from "./log.ts";
export { CBOR, CBOR_SEQUENCE, COSE, JSON_MEDIA, LIMITS, type BinaryMedia } from "./media.ts";
export { addMessageRoute, type MessageRoute } from "./message-route.ts";
export { sendProblem, type AnyRefusal } from "./problem.ts";
export { responses } from "./schema.ts";
