import {
  encode,
  ok,
  parseCertificate,
  registrationAnswer,
  registrationVerify,
  runChecksAsync,
  unwrap,
  type CompressedKey,
  type Refusal,
  type Result,
  type WalletId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { done, refuse, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { keepCertificate } from "../registry/certificates.ts";
import { statusIndexOf } from "../status/indices.ts";
import { revokedAt } from "../status/revocations.ts";
import {
  insertClient,
  lockClient,
  renewClient,
  type ClientRow,
  type IssuedToWallet,
} from "./store.ts";

/**
 * Figure 2: registers a wallet's key and answers its certificate with the provider's chain. The same key again gives
 * the same certificate, or a new one once half of its time is over.
 */
export async function register(core: Core, body: Uint8Array): Promise<Result<Uint8Array, Refusal>> {
  const { currency, id: provider } = core.identity;
  const pending = registrationVerify(body, { currency, provider });
  if (!pending.ok) return pending;
  const verified = await runChecksAsync(pending.value, core.verifier);
  if (!verified.ok) return verified;
  const { wallet, key } = verified.value;

  const certificate = await transact(core.db, (transaction) =>
    certify(core, transaction, wallet, key.compressed),
  );
  if (!certificate.ok) return certificate;
  const { kid } = unwrap(parseCertificate(certificate.value));
  return ok(encode(registrationAnswer, [certificate.value, core.chainOf(kid)]));
}

async function certify(
  core: Core,
  transaction: Transaction,
  client: WalletId,
  key: CompressedKey,
): Promise<Decision<Uint8Array>> {
  const known = await lockClient(transaction, client);
  if (known !== undefined && !isDue(core, known)) return done(known.certificate);
  if (known !== undefined && known.status !== "open") return refuse("client-frozen");
  if ((await revokedAt(transaction, client, client)) !== undefined) return refuse("holder-revoked");
  const statusIndex = await statusIndexOf(transaction, core.random, client, client);
  // Signed here, released after COMMIT: a certificate that nobody has seen is none.
  const signed = await issue(core, client, key, { serial: (known?.serial ?? 0) + 1, statusIndex });
  if (!signed.ok) return signed;
  const issued = signed.value;
  if (known === undefined) {
    const isNew = await insertClient(transaction, issued);
    // Somebody else was faster: what that transaction stored is visible by now.
    if (!isNew) return certify(core, transaction, client, key);
  } else {
    await renewClient(transaction, issued);
  }
  const { serial, certificate, at } = issued;
  await keepCertificate(transaction, client, client, serial, certificate, at);
  return done(certificate);
}

async function issue(
  core: Core,
  client: WalletId,
  key: CompressedKey,
  { serial, statusIndex }: { readonly serial: number; readonly statusIndex: number },
): Promise<Result<IssuedToWallet, Refusal>> {
  const at = core.clock.now();
  const certificate = await core.issuer.wallet({ key, serial, statusIndex, now: at });
  if (!certificate.ok) return certificate;
  return ok({ client, key, serial, certificate: certificate.value, at });
}

/** Half of its time is over. */
function isDue({ clock }: Core, { certificate }: ClientRow): boolean {
  const { nbf, exp } = unwrap(parseCertificate(certificate)).claims;
  return clock.now() > (nbf + exp) / 2;
}
