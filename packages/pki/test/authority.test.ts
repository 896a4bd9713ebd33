import {
  centralBankCertVerify,
  certVerify,
  currency,
  deviceVerify,
  institutionId,
  parseCertificate,
  publicKey,
  runChecks,
  seconds,
  signCertificate,
  TrustStore,
  unwrap,
  decompress,
  type Chain,
  type Claims,
} from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import {
  asyncNodeSigner,
  generatePrivateKey,
  nodeSigner,
  nodeVerifier,
} from "../src/node/index.ts";
import {
  authority,
  certificateHash,
  certify,
  certifyDevice,
  issue,
  memoryRegister,
  requestCertification,
  selfSign,
  validityWithin,
  type Authority,
  type Certifiable,
} from "../src/index.ts";

const now = seconds(1_800_000_000);
const EUR = currency("EUR");
const DAYS = 365;
const verifier = nodeVerifier();

async function root(id = "cb", money = EUR): Promise<Authority> {
  const signer = asyncNodeSigner(generatePrivateKey());
  const validity = unwrap(validityWithin(undefined, now, 20 * DAYS));
  const claims = { role: "root", id: institutionId(id), currency: money } as const;
  return authority(await selfSign(claims, validity, signer), signer, memoryRegister());
}

async function subordinate(
  issuer: Authority,
  role: Certifiable,
  name: string,
  { days = DAYS, audience = issuer.claims.sub, money = EUR, at = now, rollover = false } = {},
) {
  const signer = asyncNodeSigner(generatePrivateKey());
  const applicant = { role, sub: institutionId(name), currency: money };
  const request = await requestCertification(applicant, audience, signer);
  const certificate = await certify(issuer, request, verifier, { now: at, days, rollover });
  return { request, certificate, signer };
}

async function tiers() {
  const cb = await root();
  const bank = await subordinate(cb, "intermediary", "bank");
  const intermediary = authority(unwrap(bank.certificate), bank.signer, memoryRegister());
  const wallet = await subordinate(intermediary, "provider", "aurum");
  const provider = authority(unwrap(wallet.certificate), wallet.signer, memoryRegister());
  const chain: Chain = [provider.certificate, intermediary.certificate];
  return { cb, intermediary, provider, chain };
}

function trust(cb: Authority): TrustStore {
  const key = unwrap(decompress(cb.claims.key));
  return new TrustStore({ root: { id: cb.claims.sub, key }, currency: EUR });
}

function walletClaims(provider: Authority): Claims {
  return {
    role: "wallet",
    iss: provider.claims.sub,
    currency: EUR,
    key: nodeSigner(generatePrivateKey()).publicKey.compressed,
    ...unwrap(validityWithin(provider.claims, now, 90)),
    serial: 1,
  };
}

describe("the certificate tier", () => {
  it("issues chains that CertVerify accepts up to the pinned root, and to no other", async () => {
    const { cb, provider, chain } = await tiers();
    const certificate = await issue(provider, walletClaims(provider), now);
    const input = { certificate, chain, roles: ["wallet"] as const, now };
    const verified = unwrap(certVerify({ ...input, trust: trust(cb) }));
    expect(runChecks(verified, verifier).ok).toBe(true);

    const impostor = await root();
    expect(certVerify({ ...input, trust: trust(impostor) })).toMatchObject({
      error: { code: "unknown-issuer" },
    });
  });

  it("certifies the central bank's service under the root's own id, and nobody else under it", async () => {
    const { cb, intermediary } = await tiers();
    const service = await subordinate(cb, "central-bank", "cb");
    const certificate = unwrap(service.certificate);
    const verified = unwrap(centralBankCertVerify({ certificate, trust: trust(cb), now }));
    expect(runChecks(verified, verifier)).toMatchObject({ ok: true, value: { id: "cb" } });

    const wrong = { error: { code: "wrong-role" } };
    expect((await subordinate(cb, "central-bank", "other")).certificate).toMatchObject(wrong);
    expect((await subordinate(cb, "intermediary", "cb")).certificate).toMatchObject(wrong);
    expect((await subordinate(intermediary, "central-bank", "bank")).certificate).toMatchObject(
      wrong,
    );
  });

  it("gives each certificate of a subject a higher serial, and keeps what it issued", async () => {
    const { cb } = await tiers();
    const again = await subordinate(cb, "intermediary", "bank", { rollover: true });
    const other = await subordinate(cb, "intermediary", "bank-2");
    const serials = [again, other].map(
      ({ certificate }) => unwrap(parseCertificate(unwrap(certificate))).claims.serial,
    );
    expect(serials).toEqual([2, 1]);
    const issued = await cb.register.entries();
    expect(issued).toHaveLength(3);
    expect(new Set(issued.map(({ certificate }) => certificateHash(certificate))).size).toBe(3);
  });

  it("cuts a certificate's validity off where its issuer's ends", async () => {
    const { intermediary } = await tiers();
    const { certificate } = await subordinate(intermediary, "provider", "argent", { days: 9999 });
    const { claims } = unwrap(parseCertificate(unwrap(certificate)));
    expect(claims.exp).toBe(intermediary.claims.exp);
  });

  it("renews a provider for the same key so that earlier certificates stay good under it", async () => {
    const { cb, intermediary, provider } = await tiers();
    const leaf = await issue(provider, walletClaims(provider), now);
    const later = seconds(now + 30 * 86_400);
    const applicant = { role: "provider", sub: provider.claims.sub, currency: EUR } as const;
    const request = await requestCertification(applicant, intermediary.claims.sub, provider.signer);
    const terms = { now: later, days: DAYS };
    const renewed = unwrap(await certify(intermediary, request, verifier, terms));
    expect(unwrap(parseCertificate(renewed)).claims).toMatchObject({ serial: 2, nbf: now });
    const input = { certificate: leaf, chain: [renewed, intermediary.certificate] as Chain };
    const pending = certVerify({ ...input, trust: trust(cb), roles: ["wallet"], now: later });
    expect(runChecks(unwrap(pending), verifier).ok).toBe(true);
  });

  it("issues nothing after its own validity has ended", async () => {
    const { intermediary } = await tiers();
    const at = seconds(intermediary.claims.exp + 1);
    const { certificate } = await subordinate(intermediary, "provider", "argent", { at });
    expect(certificate).toMatchObject({ error: { code: "wrong-validity" } });
    expect(await intermediary.register.entries()).toHaveLength(1);
  });

  it("certifies only the role directly below", async () => {
    const { cb, intermediary, provider } = await tiers();
    for (const [issuer, role] of [
      [cb, "provider"],
      [intermediary, "intermediary"],
      [provider, "provider"],
      [provider, "intermediary"],
    ] as const) {
      const { certificate } = await subordinate(issuer, role, "x");
      expect(certificate).toMatchObject({ error: { code: "wrong-role" } });
    }
  });

  it("certifies only in its own currency", async () => {
    const { certificate } = await subordinate(await root(), "intermediary", "x", {
      money: currency("USD"),
    });
    expect(certificate).toMatchObject({ error: { code: "wrong-currency" } });
  });

  it("refuses a request made for another issuer, and one whose key its maker does not hold", async () => {
    const cb = await root();
    const elsewhere = await subordinate(cb, "intermediary", "x", {
      audience: institutionId("other-cb"),
    });
    expect(elsewhere.certificate).toMatchObject({ error: { code: "bad-signature" } });

    const holder = asyncNodeSigner(generatePrivateKey());
    const thief = {
      publicKey: holder.publicKey,
      sign: asyncNodeSigner(generatePrivateKey()).sign,
    };
    const applicant = { role: "intermediary", sub: institutionId("x"), currency: EUR } as const;
    const request = await requestCertification(applicant, cb.claims.sub, thief);
    expect(await certify(cb, request, verifier, { now, days: 1 })).toMatchObject({
      error: { code: "bad-signature" },
    });
    expect(await cb.register.entries()).toHaveLength(0);
  });

  it("will not open with a key that is not the certificate's, nor issue as a leaf", async () => {
    const { cb, provider } = await tiers();
    const other = asyncNodeSigner(generatePrivateKey());
    expect(() => authority(cb.certificate, other, memoryRegister())).toThrow("another");
    const leaf = signCertificate(walletClaims(provider), nodeSigner(generatePrivateKey()));
    expect(() => authority(leaf, other, memoryRegister())).toThrow("issues no certificates");
  });
});

describe("the OEM chain", () => {
  it("certifies devices that verify under the pinned OEM root", async () => {
    const signer = asyncNodeSigner(generatePrivateKey());
    const validity = unwrap(validityWithin(undefined, now, 20 * DAYS));
    const id = institutionId("oem");
    const certificate = await selfSign({ role: "oem-root", id }, validity, signer);
    const oem = authority(certificate, signer, memoryRegister());
    const { compressed, x, y } = nodeSigner(generatePrivateKey()).publicKey;
    const device = { key: compressed, securityLevel: 1 } as const;
    const issued = unwrap(await certifyDevice(oem, device, { now, days: DAYS }));
    const roots = [{ id, key: signer.publicKey }];
    const verified = unwrap(deviceVerify({ certificate: issued, roots, now }));
    expect(runChecks(verified, verifier).ok).toBe(true);
    const elsewhere = [{ id, key: unwrap(publicKey(x, y)) }];
    expect(deviceVerify({ certificate: issued, roots: elsewhere, now }).ok).toBe(false);
  });

  it("is not opened by a central bank root", async () => {
    const device = { key: (await root()).claims.key, securityLevel: 1 } as const;
    expect(await certifyDevice(await root(), device, { now, days: 1 })).toMatchObject({
      error: { code: "wrong-role" },
    });
  });
});
