import {
  centralBankCertVerify,
  betweenInstitutions,
  err,
  ok,
  refusal,
  runChecksAsync,
  TrustStore,
  type Message,
  type ProviderId,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import type { InstitutionName } from "@bezant/pki/x509";
import { loadLists } from "@bezant/service/institutions";
import type { CentralBankParts } from "./parts.ts";

/** What every operation works with. */
export interface Core extends CentralBankParts {
  readonly trust: TrustStore;
  /** Who has proved to be bringing the message, over mutual TLS. */
  readonly from?: InstitutionName;
}

/** Fails where the service's own certificate does not lead to its root, or is another key's. */
export async function createCore(parts: CentralBankParts): Promise<Result<Core, Refusal>> {
  const { root, currency, certificate } = parts.identity;
  const trust = new TrustStore({ root, currency });
  const lists = await loadLists({ ...parts, trust });
  if (!lists.ok) return lists;
  const pending = centralBankCertVerify({ certificate, trust, now: parts.clock.now() });
  if (!pending.ok) return pending;
  const verified = await runChecksAsync(pending.value, parts.verifier);
  if (!verified.ok) return verified;
  const { key } = verified.value.certificate.claims;
  if (key !== parts.signer.publicKey.compressed) return err(refusal("wrong-key"));
  return ok({ ...parts, trust });
}

/** Signs something to a provider. Only what is committed is signed. */
export function say<P>(
  { identity, signer }: Core,
  message: Message<P>,
  payload: NoInfer<P>,
  provider: ProviderId,
): Promise<Uint8Array> {
  const { id, currency, certificate } = identity;
  const context = betweenInstitutions({ currency, signer: id, audience: provider });
  return message.signAsync(payload, context, signer, { certificate });
}
