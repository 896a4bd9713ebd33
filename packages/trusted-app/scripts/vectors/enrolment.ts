import { fromHex, institutionId, toHex, type CompressedKey } from "@bezant/protocol";
import { limitsOf, START } from "../../test/world/institutions.ts";
import type { Cast } from "./cast.ts";
import type { Trace } from "./recorder.ts";

const SOME = new Uint8Array(16).fill(7);

/** From a blank instance to its second certificate. */
export function enrolment(cast: Cast): Trace {
  const { bank, home, other } = cast;
  const it = cast.blank();
  it.ok("a blank instance says so", "GetInfo", {});
  it.refused("wrong-phase", "a blank instance has nothing to sync", "SyncRequest", {});
  it.raw("unknown-command", "there is no command 99", 99, Uint8Array.of(0x80));
  it.raw("malformed", "Init without an anchor", 1, Uint8Array.of(0x80));
  it.raw("malformed", "an input that is longer than it need be", 23, fromHex("9800"));
  const noPoint = fromHex(`02${"ff".repeat(32)}`);
  it.refused("bad-key", "an anchor that is no point of the curve", "Init", { anchor: noPoint });
  const { vk, id } = it.ok("Init with the central bank's key", "Init", { anchor: bank.anchor });
  const key = toHex(vk) as CompressedKey;
  it.ok("it attests its key", "Attest", { audience: institutionId("bank-a"), nonce: SOME });
  const with_ = (changes: object) => cast.certification({ key, id }, { changes });
  const { compressed } = bank.newKey().publicKey;
  it.refused("wrong-key", "a certificate of another key", "CertInit", with_({ key: compressed }));
  const wallet = { role: "wallet", limitsProfile: undefined, securityLevel: undefined };
  it.refused("wrong-role", "a wallet's certificate", "CertInit", with_(wallet));
  it.refused("wrong-currency", "of another currency", "CertInit", with_({ currency: "USD" }));
  it.refused(
    "wrong-validity",
    "valid before its issuer was",
    "CertInit",
    with_({ nbf: START - 1 }),
  );
  const good = with_({});
  const chain = [home.chain[0], other.chain[0]] as const;
  it.refused("wrong-role", "a chain without an intermediary", "CertInit", { ...good, chain });
  const foreign = { ...good, chain: other.chain };
  it.refused("unknown-issuer", "another provider's chain", "CertInit", foreign);
  const limits = bank.limitsFor(id, home, limitsOf({ profile: 2 }));
  const otherwise = { ...good, limitsProfile: limits };
  it.refused("wrong-limits", "limits of another profile", "CertInit", otherwise);
  const forged = good.certificate.with(-1, (good.certificate.at(-1) ?? 0) ^ 1);
  it.refused("bad-signature", "a changed signature", "CertInit", { ...good, certificate: forged });
  const es256 = fromHex(toHex(good.certificate).replace("a3012804", "a3012604"));
  const wrong = { ...good, certificate: es256 };
  it.refused("unsupported-algorithm", "signed with algorithm -7", "CertInit", wrong);
  it.ok("CertInit with its own", "CertInit", good);
  it.refused("wrong-phase", "CertInit again", "CertInit", good);
  it.refused("wrong-phase", "Init while it is active", "Init", { anchor: bank.anchor });
  it.ok("what it is now", "GetInfo", {});
  it.refused("stale-serial", "Renew with the certificate it has", "Renew", good);
  const elsewhere = cast.certification({ key, id }, { provider: other });
  it.refused("not-home", "Renew by another provider", "Renew", elsewhere);
  const newer = limitsOf({ version: 2 });
  it.ok("Renew with new limits", "Renew", cast.certification({ key, id }, { limits: newer }));
  it.refused("stale-limits", "Renew with the earlier limits", "Renew", with_({}));
  it.ok("a signed balance", "GetBalance", { nonce: SOME });
  return it.trace("an instance begins, is certified, and is certified anew", "13.2");
}
