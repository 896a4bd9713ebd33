// GlobalPlatform TEE Client API 1.0, §4.4: results and their origins. TEE_ ones are the Internal Core API's,
// which reach the client when the trusted OS itself cannot go on.
import type { Result } from "@bezant/protocol";
import type { StorageFaultCode } from "../storage/fault.ts";

/** The numbers that go over the socket. */
export const TEEC_RESULTS = {
  TEEC_SUCCESS: 0x00000000,
  TEEC_ERROR_GENERIC: 0xffff0000,
  TEEC_ERROR_EXCESS_DATA: 0xffff0004,
  TEEC_ERROR_BAD_FORMAT: 0xffff0005,
  TEEC_ERROR_BAD_PARAMETERS: 0xffff0006,
  TEEC_ERROR_BAD_STATE: 0xffff0007,
  TEEC_ERROR_ITEM_NOT_FOUND: 0xffff0008,
  TEEC_ERROR_OUT_OF_MEMORY: 0xffff000c,
  TEEC_ERROR_BUSY: 0xffff000d,
  TEEC_ERROR_COMMUNICATION: 0xffff000e,
  TEEC_ERROR_TARGET_DEAD: 0xffff3024,
  TEE_ERROR_STORAGE_NO_SPACE: 0xffff3041,
  TEE_ERROR_CORRUPT_OBJECT: 0xf0100001,
  TEE_ERROR_STORAGE_NOT_AVAILABLE: 0xf0100003,
} as const;

export type TeecErrorCode = Exclude<keyof typeof TEEC_RESULTS, "TEEC_SUCCESS">;

/** Who says so: the client library, the way to the TEE, the trusted OS, or the TA. */
export const TEEC_ORIGINS = { api: 1, communication: 2, tee: 3, "trusted-app": 4 } as const;
export type TeecOrigin = keyof typeof TEEC_ORIGINS;

/**
 * Why a call did not come to an answer of the TA. (A refusal by the TA is an answer: see `Invocation`.)
 *
 * `state` says what became of the TA, and so of the money: `unchanged` is sure; after `unknown` the command
 * has had its whole effect or none, so open a session, ask `GetInfo`, and resend what is there.
 */
export type TeecError = {
  readonly code: TeecErrorCode;
  readonly origin: TeecOrigin;
  readonly state: "unchanged" | "unknown";
  /** What is wrong with the device's storage, where that is the cause. */
  readonly reason?: StorageFaultCode;
};

/** The TA's answer: its status (docs/protocol.md §13.5) and, if that is 0, its output. */
export type Invocation = { readonly status: number; readonly output: Uint8Array };

/** A connection to a trusted OS (TEEC_Context). */
export type TeeContext = {
  readonly openSession: (uuid: string) => Promise<Result<TeeSession, TeecError>>;
  /** Ends all its sessions and the connection. Calls under way answer `TEEC_ERROR_COMMUNICATION`. */
  readonly finalizeContext: () => Promise<void>;
};

/** A session with a TA (TEEC_Session). Its commands run one after the other, in the order of the calls. */
export type TeeSession = {
  /** Runs one command of at most 4,096 bytes of input. */
  readonly invokeCommand: (
    command: number,
    input: Uint8Array,
  ) => Promise<Result<Invocation, TeecError>>;
  readonly closeSession: () => Promise<void>;
};

/** The UUID under which the OPS trusted application is reached. */
export const OPS_TA_UUID = "6b1f9a52-7c0e-4d83-9a57-0f5d2c8e41b7";

/** The longest input that a command can have, and the longest output that it can give. */
export const MAX_INPUT = 4096;
export const MAX_OUTPUT = 4096;

export function teecError(
  code: TeecErrorCode,
  origin: TeecOrigin,
  state: TeecError["state"] = "unchanged",
  reason?: StorageFaultCode,
): TeecError {
  return reason === undefined ? { code, origin, state } : { code, origin, state, reason };
}
