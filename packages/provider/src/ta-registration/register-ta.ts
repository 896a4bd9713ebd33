import {
  encode,
  evidence,
  homeToTa,
  limitsProfile,
  oemVerify,
  ok,
  parseCertificate,
  runChecksAsync,
  sha256,
  taRegistration,
  taRegistrationAnswer,
  toHex,
  unwrap,
  type Refusal,
  type Result,
  type Seconds,
  type VerifiedEvidence,
  type WalletId,
} from "@bezant/protocol";
import { askManufacturer } from "../attestation/verifier.ts";
import { walletOrder } from "../core/authority.ts";
import type { Core } from "../core/core.ts";
import { spendNonce } from "../core/nonces.ts";
import { done, refuse, transact, type Decision } from "@bezant/service";
import type { Transaction } from "@bezant/service/db";
import { lockAccount } from "../ledger/index.ts";
import { keepCertificate } from "../registry/certificates.ts";
import { statusIndexOf } from "../status/indices.ts";
import { revokedAt } from "../status/revocations.ts";
import { checkChallenge } from "../token/challenge.ts";
import {
  bindDevice,
  bindTa,
  countTas,
  endUnusedTas,
  insertTa,
  readTaCertificate,
  renewTa,
  type IssuedToTa,
  type TaCertificate,
} from "./store.ts";

/**
 * Figure 3: checks a TA's attestation (OEMVerify), binds T.vk and its device to the client, and answers T.cert, the
 * provider's chain and the TA's limits. The same call with new evidence renews: each certificate has a higher serial.
 */
export async function registerTa(
  core: Core,
  client: WalletId,
  body: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  const order = await walletOrder(core, taRegistration, client, body);
  if (!order.ok) return order;
  const attested = await attestation(core, client, order.value.payload.evidence);
  if (!attested.ok) return attested;
  const certified = await transact(core.db, (transaction) =>
    certify(core, transaction, client, attested.value, toHex(sha256(body))),
  );
  if (!certified.ok) return certified;
  const { certificate, limitsProfile: limits } = certified.value;
  const { kid } = unwrap(parseCertificate(certificate));
  return ok(encode(taRegistrationAnswer, [certificate, core.chainOf(kid), limits]));
}

interface Attested {
  readonly verified: VerifiedEvidence;
  /** Of the nonce. */
  readonly expires: Seconds;
}

async function attestation(
  core: Core,
  client: WalletId,
  bytes: Uint8Array,
): Promise<Result<Attested, Refusal>> {
  const parsed = evidence.parse(bytes);
  if (!parsed.ok) return parsed;
  const { nonce } = parsed.value.payload;
  const open = checkChallenge(core, client, "attest", nonce);
  const { identity, policy, clock, verifier } = core;
  const pending = oemVerify(bytes, {
    policy: { ...policy.attestation, anchor: identity.root.key },
    relyingParty: identity.id,
    nonce: open.ok ? nonce : new Uint8Array(),
    now: clock.now(),
  });
  if (!pending.ok) return pending;
  if (!open.ok) return open;
  const verified = await runChecksAsync(pending.value, verifier);
  if (!verified.ok) return verified;
  const asked = await askManufacturer(core, bytes, verified.value);
  return asked.ok ? ok({ verified: verified.value, expires: open.value }) : asked;
}

type Certificates = Pick<TaCertificate, "certificate" | "limitsProfile">;

async function certify(
  core: Core,
  transaction: Transaction,
  client: WalletId,
  { verified, expires }: Attested,
  digest: string,
): Promise<Decision<Certificates>> {
  const { ta, device, evidence: said } = verified;
  const now = core.clock.now();
  const account = await lockAccount(transaction, client);
  if (account === undefined) return refuse("unknown-client");
  const known = await readTaCertificate(transaction, client, ta);
  const spending = { nonce: said.nonce, digest, expires, now };
  const spent = await spendNonce(transaction, client, spending);
  if (spent === "spent") return refuse("unknown-nonce", "answered before");
  // The answer to the first request was lost.
  if (spent === "repeated" && known !== undefined) return done(known);
  if (account.status !== "open") return refuse("client-frozen");
  if (known?.status === "retired") return refuse("unknown-trusted-app", "retired");
  // A device has one TA at a time. One more proves that the first has ended, or that the device has been cloned.
  if (!(await endUnusedTas(transaction, client, device.id, ta))) {
    return refuse("device-bound", "another TA of this device is in use");
  }
  if (known === undefined && (await countTas(transaction, client)) >= core.policy.maxTas) {
    return refuse("too-many-devices");
  }
  // The device first, then the TA: two registrations at once cannot wait for each other in a circle.
  if (!(await bindDevice(transaction, device.id, client))) return refuse("device-bound");
  if (!(await bindTa(transaction, ta, client))) return refuse("key-bound");
  if ((await revokedAt(transaction, client, ta)) !== undefined) return refuse("holder-revoked");
  const statusIndex = await statusIndexOf(transaction, core.random, client, ta);
  const numbers = { serial: (known?.serial ?? 0) + 1, statusIndex };
  // Signed here, released after COMMIT: a certificate that nobody has seen is none.
  const signed = await issue(core, verified, numbers, now);
  if (!signed.ok) return signed;
  const issued = signed.value;
  if (known === undefined) await insertTa(transaction, client, issued);
  else await renewTa(transaction, client, issued);
  await keepCertificate(transaction, client, ta, issued.serial, issued.certificate, now);
  return done(issued);
}

async function issue(
  { issuer, policy, identity, signer }: Core,
  { ta, key, device, evidence: said }: VerifiedEvidence,
  { serial, statusIndex }: { readonly serial: number; readonly statusIndex: number },
  now: Seconds,
): Promise<Result<IssuedToTa, Refusal>> {
  const { limits } = policy;
  const { securityLevel } = said.measurements;
  const subject = { key: key.compressed, serial, statusIndex, now, securityLevel };
  const certificate = await issuer.ta({ ...subject, limitsProfile: limits.profile });
  if (!certificate.ok) return certificate;
  const context = homeToTa({ currency: identity.currency, home: identity.id, ta });
  const profile = await limitsProfile.signAsync(limits, context, signer);
  const both = { certificate: certificate.value, limitsProfile: profile };
  return ok({ ta, key: key.compressed, device: device.id, serial, ...both, at: now });
}
