import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { InstitutionName } from "../x509/names.ts";
import { nameIn } from "../x509/names.ts";
import { fromPem } from "../x509/pem.ts";
import type { TlsIdentity } from "./settings.ts";
import { X509Certificate } from "../x509/library.ts";

const known = new WeakMap<Socket, InstitutionName | undefined>();

/**
 * The institution at the other end of this connection, by its certificate, which TLS has verified up to a pinned root. Undefined
 * without TLS, without a certificate that verified, and for one that names no institution.
 */
export function peerOf(socket: Socket): InstitutionName | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined;
  if (!known.has(socket)) known.set(socket, read(socket.getPeerX509Certificate()?.raw));
  return known.get(socket);
}

/** Whom a TLS identity is for. */
export function nameOf({ certificate }: TlsIdentity): InstitutionName | undefined {
  const found = fromPem("CERTIFICATE", certificate);
  const own = found.ok ? found.value[0] : undefined;
  return read(own && Buffer.from(own));
}

/** The institution that a DER certificate names. */
export function read(der: Buffer | undefined): InstitutionName | undefined {
  if (der === undefined) return undefined;
  try {
    const name = nameIn(new X509Certificate(new Uint8Array(der)));
    return name.ok ? name.value : undefined;
  } catch {
    // OpenSSL has read it, our library cannot: then nobody is named.
    return undefined;
  }
}
