import { refusal, type Certificate, type Refusal } from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { chunkFor, standingBy } from "./chunks.ts";

/** For a command of the TA: the chunk that covers the other side, if the wallet has it. */
export async function statusFor(
  core: Core,
  certificate: Certificate | undefined,
): Promise<{ readonly status?: Uint8Array }> {
  const found = certificate === undefined ? undefined : await chunkFor(core, certificate);
  return found === undefined ? {} : { status: found.message };
}

/** Whom a list names the wallet refuses by itself, whatever the TA would say. */
export async function checkPayee(
  core: Core,
  certificate: Certificate,
): Promise<Refusal<"payee-revoked"> | undefined> {
  const standing = await standingBy(core, certificate);
  return standing === "revoked" ? refusal("payee-revoked") : undefined;
}

/** The same of a payer, by a payee that is about to hand over goods; without a device also what nothing vouches for. */
export async function checkPayer(
  core: Core,
  certificate: Certificate,
  amount: bigint,
): Promise<Refusal<"payer-revoked" | "payer-unchecked"> | undefined> {
  const standing = await standingBy(core, certificate);
  if (standing === "revoked") return refusal("payer-revoked");
  const { uncheckedCap } = core;
  const isOver = uncheckedCap !== undefined && amount > uncheckedCap;
  return standing === "unknown" && isOver ? refusal("payer-unchecked") : undefined;
}
