import type { Claims } from "@bezant/protocol";
import type { Json } from "../../output.ts";

/** What a certificate says, for people and for programs. */
export function describeClaims(claims: Claims): {
  readonly sentence: string;
  readonly fields: { readonly [key: string]: Json };
} {
  const name = "sub" in claims ? `${claims.role} ${claims.sub}` : `a ${claims.role}`;
  const money = "currency" in claims ? ` in ${claims.currency}` : "";
  const { iss, key, serial, nbf, exp, ...own } = claims;
  const until = day(exp);
  return {
    sentence: `${name}${money} by ${iss}, serial ${serial}, until ${until}`,
    fields: { ...own, iss, publicKey: key, serial, validFrom: day(nbf), validUntil: until },
  };
}

function day(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;
}
