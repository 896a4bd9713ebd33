export {
  authority,
  issue,
  selfSign,
  type Authority,
  type IssuerClaims,
  type IssuingRole,
} from "./authority/authority.ts";
export {
  certify,
  certifyDevice,
  requestCertification,
  type Applicant,
  type Certifiable,
  type CertifyRefusal,
  type Terms,
} from "./authority/certify.ts";
export { compareRegisters, type Compared, type Finding } from "./authority/compare-registers.ts";
export {
  certificateHash,
  memoryRegister,
  nextSerial,
  subjectOf,
  type Entry,
  type Register,
  type Revocation,
} from "./authority/register.ts";
export { issueStatus, revoke, type Revoked } from "./authority/revocation.ts";
export { validityWithin, type Validity } from "./authority/validity.ts";
