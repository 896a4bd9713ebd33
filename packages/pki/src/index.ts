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
} from "./authority/certify.ts";
export {
  certificateHash,
  memoryRegister,
  nextSerial,
  subjectOf,
  type Entry,
  type Register,
} from "./authority/register.ts";
export { validityWithin, type Validity } from "./authority/validity.ts";
