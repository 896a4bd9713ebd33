import type { Server } from "node:https";
import type { TlsOptions } from "node:tls";
import type { InstitutionName } from "../x509/names.ts";
import { peerOf } from "./peer.ts";
import { contextOf, type TlsIdentity, type TlsTrust } from "./settings.ts";

/**
 * Options of an HTTPS server, `https` of Fastify too, that talks only to institutions: without a client certificate under one of
 * the roots the handshake fails. Which institution it is, `peerOf(request.socket)` says.
 */
export function serverOptions(own: TlsIdentity, trust: TlsTrust): TlsOptions {
  return { ...contextOf(own, trust), requestCert: true, rejectUnauthorized: true };
}

/** Closes every connection at once whose institution is not to be served here at all. Routes still check who may do what. */
export function admit(server: Server, isAdmitted: (peer: InstitutionName) => boolean): void {
  server.prependListener("secureConnection", (socket) => {
    const peer = peerOf(socket);
    if (peer === undefined || !isAdmitted(peer)) socket.destroy();
  });
}

/** New certificate, roots or revocation lists, from the next connection on. */
export function renewServer(server: Server, own: TlsIdentity, trust: TlsTrust): void {
  server.setSecureContext(contextOf(own, trust));
}
