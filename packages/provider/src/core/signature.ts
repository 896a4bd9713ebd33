import { checkSignature, type AsyncVerifier, type SignatureCheck } from "@bezant/protocol";

/** Whether one signature is in range, low-s and the key's. */
export async function verifySignatureAsync(
  check: SignatureCheck,
  verifier: AsyncVerifier,
): Promise<boolean> {
  return checkSignature(check.signature) === undefined && verifier.verify(check);
}
