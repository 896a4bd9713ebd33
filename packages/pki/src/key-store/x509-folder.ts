import { join } from "node:path";
import type { KeyObject } from "node:crypto";
import { err, fromHex, ok, seconds, toHex, type Result } from "@bezant/protocol";
import type { Authority } from "../authority/authority.ts";
import { x509Authority, type X509Authority } from "../x509/authority.ts";
import { fromPem, toPem } from "../x509/pem.ts";
import type { X509Entry, X509Register, X509Revocation } from "../x509/register.ts";
import type { TlsIdentity } from "../tls/settings.ts";
import { readKey, type FolderError } from "./authority-folder.ts";
import { appendLine, readIfThere, readLines, writeDurably } from "./durable-files.ts";

// X.509 beside what an authority's folder holds already: ca.pem and x509.jsonl. A TLS identity is a folder of its own, with
// key.json and tls.pem.
const CA = "ca.pem";
const ISSUED = "x509.jsonl";
const TLS = "tls.pem";

export type X509FolderError = FolderError | "no-x509-certificate";

export function writeCaCertificate(folder: string, certificate: Uint8Array): Promise<void> {
  return writeDurably(join(folder, CA), toPem("CERTIFICATE", certificate));
}

export async function readCaCertificate(
  folder: string,
): Promise<Result<Uint8Array, "no-x509-certificate">> {
  const [first] = await readPem(join(folder, CA));
  return first === undefined ? err("no-x509-certificate") : ok(first);
}

/** The X.509 side of the authority in this folder. */
export async function openX509(
  folder: string,
  authority: Authority,
): Promise<Result<X509Authority, "no-x509-certificate">> {
  const certificate = await readCaCertificate(folder);
  if (!certificate.ok) return certificate;
  return ok(x509Authority(authority, certificate.value, x509Register(folder)));
}

/** The certificate of the folder's TLS key, then those of its issuers below the root. */
export function writeTlsCertificates(
  folder: string,
  certificates: readonly Uint8Array[],
): Promise<void> {
  return writeDurably(join(folder, TLS), toPem("CERTIFICATE", ...certificates));
}

/** Who this process is on TLS, from its folder. */
export async function readTlsIdentity(
  folder: string,
  passphrase: string,
): Promise<Result<TlsIdentity, X509FolderError>> {
  const key = await readKey(folder, passphrase);
  if (!key.ok) return key;
  const certificates = await readPem(join(folder, TLS));
  if (certificates.length === 0) return err("no-x509-certificate");
  return ok({ key: tlsKey(key.value), certificate: toPem("CERTIFICATE", ...certificates) });
}

/** A private key as TLS takes it. OpenSSL signs the handshake itself, so this key cannot stay behind a signer. */
export function tlsKey(key: KeyObject): string {
  return key.export({ format: "pem", type: "pkcs8" }).toString();
}

export function x509Register(folder: string): X509Register {
  const path = join(folder, ISSUED);
  const lines = async () => (await readLines(path)).map(lineOf);
  return {
    append: ({ certificate, at }) =>
      appendLine(path, JSON.stringify({ at, certificate: toHex(certificate) })),
    revoke: ({ serial, at }) => appendLine(path, JSON.stringify({ at, revoked: serial })),
    entries: async () => (await lines()).filter((line) => "certificate" in line),
    revocations: async () => (await lines()).filter((line) => "serial" in line),
  };
}

function lineOf(line: string): X509Entry | X509Revocation {
  const [, at, what, hex = ""] =
    /^\{"at":([0-9]+),"(certificate|revoked)":"([0-9a-f]+)"\}$/.exec(line) ?? [];
  if (at === undefined) throw new Error(`the register of TLS certificates is damaged: ${line}`);
  const when = { at: seconds(Number(at)) };
  return what === "revoked" ? { ...when, serial: hex } : { ...when, certificate: fromHex(hex) };
}

async function readPem(path: string): Promise<Uint8Array[]> {
  const found = fromPem("CERTIFICATE", (await readIfThere(path)) ?? "");
  return found.ok ? found.value : [];
}
