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
