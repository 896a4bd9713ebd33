import { expect, test } from "vitest";
import {
  amount,
  attach,
  counter,
  homeToTa,
  replaceEnvelope,
  signCertificate,
  signCertificateAsync,
  typOf,
  withdrawal,
  withdrawalAcknowledgement,
  holderToHome,
  type Signer,
} from "../../src/index.ts";
import { EUR, ids, names, people, usual } from "../../scripts/vectors/cast.ts";

const slowly = ({ publicKey, sign }: (typeof people)["bankA"]): Signer => ({
  publicKey,
  sign: (message) => Promise.resolve(sign(message)),
});

test("a signer that answers later makes the same message, with its kid if it is an institution", async () => {
  const toAlice = homeToTa({ currency: EUR, home: names.bankA, ta: ids.alice });
  const payload = { w: counter(3) };
  const at = withdrawalAcknowledgement;
  const acknowledged = await at.signAsync(payload, toAlice, slowly(people.bankA));
  expect(acknowledged).toEqual(at.sign(payload, toAlice, people.bankA));
  expect(at.parse(acknowledged)).toMatchObject({ value: { kid: people.bankA.keyId } });

  const toBank = holderToHome({ currency: EUR, home: names.bankA, signer: ids.alice });
  const withdrawn = { amount: amount(1n), w: counter(1) };
  const signed = await withdrawal.signAsync(withdrawn, toBank, slowly(people.aliceTa));
  expect(signed).toEqual(withdrawal.sign(withdrawn, toBank, people.aliceTa));

  const certified = await signCertificateAsync(usual.aliceTa, slowly(people.bankA));
  expect(certified).toEqual(signCertificate(usual.aliceTa, people.bankA));
});

test("what is no message cannot be attached to, and has no typ", () => {
  expect(attach(new Uint8Array(3), {})).toMatchObject({ error: { code: "malformed" } });
  expect(replaceEnvelope(new Uint8Array(3), {})).toMatchObject({ ok: false });
  expect(typOf(new Uint8Array(3))).toBeUndefined();
});
