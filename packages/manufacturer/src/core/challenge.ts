import { createHmac, timingSafeEqual } from "node:crypto";
import {
  err,
  ok,
  refusal,
  seconds,
  type Refusal,
  type Result,
  type Seconds,
} from "@bezant/protocol";
import type { Core } from "./core.ts";

// Challenges are not stored (ADR 25): they carry their expiry, and an HMAC that only the manufacturer's servers can make.

export interface Challenge {
  readonly nonce: Uint8Array;
  /** The last second at which it may be answered. */
  readonly expires: Seconds;
}

/** 16 bytes: expiry, four random bytes, and the first eight of the HMAC over both. */
export function makeChallenge({ clock, policy, random, secret }: Core): Challenge {
  const expires = seconds(clock.now() + policy.challengeSeconds);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(expires, 0);
  head.set(random(4), 4);
  return { nonce: new Uint8Array(Buffer.concat([head, mac(secret, head)])), expires };
}

export function checkChallenge(
  { clock, secret }: Core,
  nonce: Uint8Array,
): Result<void, Refusal<"unknown-nonce">> {
  const head = Buffer.from(nonce.subarray(0, 8));
  const isOurs = nonce.length === 16 && timingSafeEqual(nonce.subarray(8), mac(secret, head));
  return isOurs && head.readUInt32BE(0) >= clock.now()
    ? ok(undefined)
    : err(refusal("unknown-nonce"));
}

function mac(secret: Uint8Array, head: Uint8Array): Buffer {
  const hmac = createHmac("sha256", secret).update("bezant device challenge ");
  return hmac.update(head).digest().subarray(0, 8);
}
