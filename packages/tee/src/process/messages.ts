// What a trusted OS process says on its standard output, one JSON line, before it serves or ends.
import { STORAGE_FAULT_CODES, type StorageFaultCode } from "../storage/fault.ts";

const START_FAULT_CODES = [
  "already-running", // another process has this device
  "not-confined", // started without Node's permission model, or with more than it needs
  "folder-not-private", // others than the owner may enter the device's or the socket's folder
  "socket-path-too-long", // the socket's path is longer than the system takes
  "trusted-app-refused", // the TA binary is no module that this trusted OS runs
  "start-failed", // anything else; see the process's standard error
] as const;

/** Why a trusted OS did not start. Nothing was changed, except that an interrupted commit may have been finished. */
export type StartFaultCode = StorageFaultCode | (typeof START_FAULT_CODES)[number];
export type StartFault = { readonly code: StartFaultCode; readonly detail?: string };

export type Ready = {
  readonly ready: true;
  readonly pid: number;
  /** The user as which it runs, if the system knows users. */
  readonly uid: number | null;
  /** Hexadecimal. */
  readonly deviceId: string;
  readonly securityLevel: number;
  readonly ta: { readonly measurement: string; readonly version: number };
  readonly tos: { readonly measurement: string; readonly version: number };
};
export type NotReady = { readonly ready: false } & StartFault;

const CODES: ReadonlySet<string> = new Set([...STORAGE_FAULT_CODES, ...START_FAULT_CODES]);

/** The process's first line; undefined for anything else that some program might print. */
export function parseStartLine(line: string): Ready | NotReady | undefined {
  const value = parseJson(line);
  if (typeof value !== "object" || value === null || !("ready" in value)) return undefined;
  if (value.ready === true) return value as Ready;
  const known = "code" in value && typeof value.code === "string" && CODES.has(value.code);
  return known ? (value as NotReady) : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
