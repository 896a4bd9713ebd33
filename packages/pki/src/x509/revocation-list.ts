import { AsnIntegerConverter } from "@peculiar/asn1-schema";
import type { Seconds } from "@bezant/protocol";
import { distinguishedName, keyIdentifiers, type X509Authority } from "./authority.ts";
import { ALGORITHM, cryptoOf, Extension, SIGNING_KEY, X509CrlGenerator } from "./library.ts";

const DAY = 86_400;

/** The revocation list (RFC 5280 §5) of an authority, DER: what it took back so far. It counts until `days` from now. */
export async function revocationList(
  { authority: { claims, signer }, register }: X509Authority,
  { now, days }: { readonly now: Seconds; readonly days: number },
): Promise<Uint8Array> {
  const revoked = new Map((await register.revocations()).map(({ serial, at }) => [serial, at]));
  const [, keyIdentifier] = keyIdentifiers(signer.publicKey, signer.publicKey);
  const list = await X509CrlGenerator.create(
    {
      issuer: distinguishedName(claims),
      thisUpdate: new Date(now * 1000),
      nextUpdate: new Date((now + Math.round(days * DAY)) * 1000),
      entries: [...revoked].map(([serialNumber, at]) => ({
        serialNumber,
        revocationDate: new Date(at * 1000),
      })),
      extensions: [keyIdentifier as Extension, listNumber(now)],
      signingAlgorithm: ALGORITHM,
      signingKey: SIGNING_KEY,
    },
    cryptoOf(signer),
  );
  return new Uint8Array(list.rawData);
}

/** CRL number (RFC 5280 §5.2.3): it has to rise with each list, as time does. */
function listNumber(now: Seconds): Extension {
  const number = AsnIntegerConverter.toASN(now).toBER();
  return new Extension("2.5.29.20", false, number);
}
