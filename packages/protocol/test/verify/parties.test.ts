import { expect, test } from "vitest";
import {
  depositConfirmation,
  holderVerify,
  homeVerify,
  oemVerify,
  registrationVerify,
  requestVerify,
  runChecks,
  unwrap,
  withdrawal,
} from "../../src/index.ts";
import { EUR, ids, names, newTrust, NOW, people } from "../../scripts/vectors/cast.ts";
import { evidenceCases } from "../../scripts/vectors/evidence.ts";
import { aliceEvidence } from "../../scripts/vectors/examples.ts";
import { holderCases, homeCases, registrationCases } from "../../scripts/vectors/parties.ts";
import { requestCases } from "../../scripts/vectors/payments.ts";
import { verifier } from "../support/verifier.ts";

// What each rule refuses is in vectors/. Here: what is known once nothing was refused.

test("a request for payment says who asks, and for what", () => {
  const { bytes, now } = requestCases[0]!.input;
  const pending = unwrap(requestVerify(bytes, { trust: newTrust(), now }));
  expect(pending.checks).toHaveLength(4);
  const { request, payee, bytes: kept } = unwrap(runChecks(pending, verifier));
  expect([payee.role, payee.id, payee.claims.iss]).toEqual(["ta", ids.bob, names.bankB]);
  expect(request).toMatchObject({ amount: 1250n, r: 3 });
  expect(kept).toEqual(bytes);
});

test("a message to the home provider says who signed it, and keeps the proof", () => {
  const { bytes, ...signer } = holderCases[0]!.input;
  const pending = unwrap(holderVerify(withdrawal, bytes, { currency: EUR, ...signer }));
  const verified = unwrap(runChecks(pending, verifier));
  expect(verified).toMatchObject({ signer: ids.alice, payload: { amount: 5000n, w: 2 }, bytes });
});

test("a registration gives the wallet that its key makes at this provider", () => {
  const { bytes, provider } = registrationCases[0]!.input;
  const pending = unwrap(registrationVerify(bytes, { currency: EUR, provider }));
  const { wallet, key } = unwrap(runChecks(pending, verifier));
  expect(wallet).toBe(ids.aliceWallet);
  expect(key).toEqual(people.aliceWallet.publicKey);
});

test("a message of the home provider costs one verification once its chain is known", () => {
  const [withChain, without] = homeCases.map(({ input }) => input);
  const trust = newTrust();
  const first = unwrap(
    homeVerify(depositConfirmation, withChain!.bytes, { ...withChain!, trust, now: NOW }),
  );
  expect(first.checks).toHaveLength(3);
  expect(unwrap(runChecks(first, verifier))).toMatchObject({
    home: names.bankA,
    payload: { kind: "deposit", amount: 5n, d: 1 },
  });
  const again = unwrap(
    homeVerify(depositConfirmation, without!.bytes, { ...without!, trust, now: NOW }),
  );
  expect(again.checks).toHaveLength(1);
  expect(unwrap(runChecks(again, verifier)).payload.d).toBe(1);
});

test("evidence says which TA runs on which device", () => {
  const { bytes, ...input } = evidenceCases[0]!.input;
  const verified = unwrap(runChecks(unwrap(oemVerify(bytes, input)), verifier));
  expect(verified.ta).toBe(ids.alice);
  expect(verified.key).toEqual(people.aliceTa.publicKey);
  expect(verified.device.id).toBe(people.device.deviceId);
  expect(verified.evidence).toEqual(aliceEvidence);
});
