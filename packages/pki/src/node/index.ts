export { importPublicKey, KeyObjects } from "./key-objects.ts";
export {
  asyncNodeSigner,
  exportPrivateKey,
  generatePrivateKey,
  importPrivateKey,
  nodeSigner,
  publicKeyOf,
} from "./signer.ts";
export { asyncNodeVerifier, nodeVerifier } from "./verifier.ts";
export {
  fileRegister,
  openAuthority,
  parseRegister,
  readCertificate,
  readKey,
  writeCertificate,
  writeKey,
  type FolderError,
} from "../key-store/authority-folder.ts";
export { isSystemError } from "../key-store/system-error.ts";
export {
  decryptKey,
  encryptKey,
  parseEncryptedKey,
  type EncryptedKey,
  type KeyStoreError,
} from "../key-store/encrypted-key.ts";
