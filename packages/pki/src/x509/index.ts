export {
  isCertificateFor,
  x509Authority,
  x509Intermediary,
  x509Root,
  type X509Authority,
} from "./authority.ts";
export { certifyTls, readRequest, requestTls, type CertifyTlsRefusal, type Hosts } from "./leaf.ts";
export { nameIn, parseUri, TLS_ROLES, uriOf, type InstitutionName, type TlsRole } from "./names.ts";
export { fromPem, toPem, type PemLabel } from "./pem.ts";
export {
  memoryX509Register,
  type X509Entry,
  type X509Register,
  type X509Revocation,
} from "./register.ts";
export { revokeTls } from "./revoke-tls.ts";
export { revocationList } from "./revocation-list.ts";
