// The trusted OS as a process, for who only starts it and talks to it: nothing of what runs inside is loaded.
export { spawnTee, type SpawnTeeOptions, type TeeProcess } from "./spawn.ts";
export type { StartFault, StartFaultCode } from "./messages.ts";
