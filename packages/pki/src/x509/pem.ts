import { err, ok, type Result } from "@bezant/protocol";

export type PemLabel = "CERTIFICATE" | "CERTIFICATE REQUEST" | "X509 CRL";

/** Textual encoding (RFC 7468). */
export function toPem(label: PemLabel, ...der: readonly Uint8Array[]): string {
  return der.map((bytes) => block(label, bytes)).join("");
}

/** Every block of this kind in the text; none is a mistake. */
export function fromPem(label: PemLabel, text: string): Result<Uint8Array[], "no-pem"> {
  const wanted = new RegExp(
    `-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`,
    "g",
  );
  const found = [...text.matchAll(wanted)].map(([, base64 = ""]) => Buffer.from(base64, "base64"));
  return found.length === 0 ? err("no-pem") : ok(found.map((bytes) => new Uint8Array(bytes)));
}

function block(label: PemLabel, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
