import { createHmac, timingSafeEqual } from "node:crypto";
import { equalBytes, fromHex, seconds, type Seconds, type WalletId } from "@bezant/protocol";

// Challenges and read tokens are not stored: they carry their expiry, and an HMAC-SHA-256 that only the provider's
// servers can make. So asking for one costs no write, and nobody can fill a table without a registered key.

export type Purpose = "attest" | "token";

/** 16 bytes: expiry, four random bytes, and the first eight of the HMAC over both, the purpose and the client. */
export function sealChallenge(
  secret: Uint8Array,
  purpose: Purpose,
  client: WalletId,
  expires: Seconds,
  random: Uint8Array,
): Uint8Array {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(expires, 0);
  head.set(random.subarray(0, 4), 4);
  return new Uint8Array(Buffer.concat([head, challengeMac(secret, purpose, client, head)]));
}

/** When the challenge expires, or undefined for one that was not made for this client and purpose. */
export function openChallenge(
  secret: Uint8Array,
  purpose: Purpose,
  client: WalletId,
  challenge: Uint8Array,
): Seconds | undefined {
  if (challenge.length !== 16) return undefined;
  const head = challenge.subarray(0, 8);
  const mac = challengeMac(secret, purpose, client, head);
  if (!timingSafeEqual(challenge.subarray(8), mac)) return undefined;
  return seconds(Buffer.from(head).readUInt32BE(0));
}

function challengeMac(
  secret: Uint8Array,
  purpose: Purpose,
  client: WalletId,
  head: Uint8Array,
): Buffer {
  const mac = createHmac("sha256", secret).update(`bezant challenge ${purpose} ${client} `);
  return mac.update(head).digest().subarray(0, 8);
}

const TOKEN = /^[A-Za-z0-9_-]{91}$/;
const BODY = 36;

/** A read token for one client: its id and the expiry, and the HMAC over them, in base64url. */
export function sealToken(secret: Uint8Array, client: WalletId, expires: Seconds): string {
  const body = Buffer.alloc(BODY);
  body.set(fromHex(client), 0);
  body.writeUInt32BE(expires, 32);
  return Buffer.concat([body, tokenMac(secret, body)]).toString("base64url");
}

/** The time until which the token reads for this client, or undefined for one that never did. */
export function openToken(
  secret: Uint8Array,
  client: WalletId,
  token: string,
): Seconds | undefined {
  if (!TOKEN.test(token)) return undefined;
  const bytes = Buffer.from(token, "base64url");
  const body = bytes.subarray(0, BODY);
  if (!timingSafeEqual(bytes.subarray(BODY), tokenMac(secret, body))) return undefined;
  if (!equalBytes(body.subarray(0, 32), fromHex(client))) return undefined;
  return seconds(body.readUInt32BE(32));
}

function tokenMac(secret: Uint8Array, body: Uint8Array): Buffer {
  return createHmac("sha256", secret).update("bezant read token ").update(body).digest();
}
