import { attach, parseCertificate, payment, unwrap } from "@bezant/protocol";
import type { World } from "./world.ts";

/** P with the chain of its payer's provider beside it, so that another provider and its clients can verify it. */
export function withChain({ banks }: World, message: Uint8Array): Uint8Array {
  const certificate = unwrap(payment.parse(message)).certificate as Uint8Array;
  const { iss } = unwrap(parseCertificate(certificate)).claims;
  return unwrap(attach(message, { certificate, chain: banks.find(({ id }) => id === iss)?.chain }));
}
