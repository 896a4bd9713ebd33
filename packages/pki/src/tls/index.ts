export {
  institutionClient,
  WrongPeer,
  type InstitutionClient,
  type TlsSettings,
} from "./client.ts";
export { nameOf, peerOf } from "./peer.ts";
export { admit, renewServer, serverOptions } from "./server.ts";
export { isUsable, type TlsIdentity, type TlsTrust } from "./settings.ts";
export type { TlsRole } from "../x509/names.ts";
export {
  openX509,
  readCaCertificate,
  readTlsIdentity,
  tlsKey,
  writeCaCertificate,
  writeTlsCertificates,
  x509Register,
  type X509FolderError,
} from "../key-store/x509-folder.ts";
