import { randomBytes, type KeyObject } from "node:crypto";
import {
  authority,
  issue,
  memoryRegister,
  selfSign,
  validityWithin,
  type Authority,
} from "@bezant/pki";
import { asyncNodeSigner, generatePrivateKey, nodeSigner } from "@bezant/pki/node";
import {
  amount,
  counter,
  currency,
  depositConfirmation,
  homeToTa,
  institutionId,
  limitsProfile,
  MAX_AMOUNT,
  seconds,
  unwrap,
  type Chain,
  type Claims,
  type CompressedKey,
  type Limits,
  type SyncSigner,
  type TaId,
} from "@bezant/protocol";
import type { Input } from "@bezant/trusted-app/commands";

export const EUR = currency("EUR");
export const HOME = institutionId("provider");
export const now = seconds(Math.floor(Date.now() / 1000));

export const LIMITS: Limits = {
  profile: 1,
  version: 1,
  maxHolding: amount(1n << 60n),
  maxPayment: amount(1n << 60n),
  maxCount: 0xffff_ffff,
  maxValue: MAX_AMOUNT,
  noPinCap: MAX_AMOUNT,
  uncheckedCap: MAX_AMOUNT,
};

/** A central bank, an intermediary and one provider: enough to put money into TAs. */
export type World = {
  readonly root: Authority;
  readonly oem: Authority;
  readonly chain: Chain;
  readonly provider: SyncSigner;
  readonly providerKey: KeyObject;
  readonly certify: (claims: object) => Promise<Uint8Array>;
  readonly certInit: (ta: TaId, key: CompressedKey) => Promise<Input<"CertInit">>;
  readonly deposit: (ta: TaId, d: number, x: bigint) => Input<"Deposit">;
};

export async function createWorld(): Promise<World> {
  const root = await rootAuthority({ role: "root", id: institutionId("cb"), currency: EUR });
  const oem = await rootAuthority({ role: "oem-root", id: institutionId("oem") });
  const bankKey = asyncNodeSigner(generatePrivateKey());
  const providerKey = generatePrivateKey();
  const provider = nodeSigner(providerKey);
  const validity = unwrap(validityWithin(root.claims, now, 365));
  let serial = 0;
  const common = () => ({ currency: EUR, ...validity, serial: (serial += 1) });
  const institution = (issuer: Authority, role: string, sub: string, key: CompressedKey) => {
    const names = { role, iss: issuer.claims.sub, sub: institutionId(sub) };
    return issue(issuer, { ...names, key, ...common() } as Claims, now);
  };
  const bankCertificate = await institution(
    root,
    "intermediary",
    "bank",
    bankKey.publicKey.compressed,
  );
  const bank = authority(bankCertificate, bankKey, memoryRegister());
  const certificate = await institution(bank, "provider", HOME, provider.publicKey.compressed);
  const self = authority(certificate, asyncNodeSigner(providerKey), memoryRegister());
  const certify = (claims: object) =>
    issue(self, { iss: HOME, ...common(), ...claims } as Claims, now);
  const chain: Chain = [certificate, bankCertificate];
  const to = (ta: TaId) => homeToTa({ currency: EUR, home: HOME, ta });
  return {
    root,
    oem,
    chain,
    provider,
    providerKey,
    certify,
    certInit: async (ta, key) => ({
      certificate: await certify({ role: "ta", key, limitsProfile: 1, securityLevel: 1 }),
      chain,
      limitsProfile: limitsProfile.sign(LIMITS, to(ta), provider),
    }),
    deposit: (ta, d, x) => {
      const payload = { amount: amount(x), d: counter(d), kind: "deposit" } as const;
      return { confirmation: depositConfirmation.sign(payload, to(ta), provider) };
    },
  };
}

type RootClaims = Parameters<typeof selfSign>[0];

async function rootAuthority(claims: RootClaims): Promise<Authority> {
  const signer = asyncNodeSigner(generatePrivateKey());
  const validity = unwrap(validityWithin(undefined, now, 3650));
  return authority(await selfSign(claims, validity, signer), signer, memoryRegister());
}

export function random(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}
