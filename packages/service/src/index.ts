export type { Clock, Random } from "./environment.ts";
export { checkAge, checkPeer } from "./heard.ts";
export { mapLimited } from "./map-limited.ts";
export { done, fromDatabase, refuse, refuseAndKeep, transact, type Decision } from "./transact.ts";
