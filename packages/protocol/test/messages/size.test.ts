import { describe, expect, test } from "vitest";
import {
  MAX_BATCH,
  MAX_BATCH_BYTES,
  currency,
  institutionId,
  MAX_AMOUNT,
  MAX_COUNTER,
  MAX_SECONDS,
  payment,
  paymentContext,
  paymentRequest,
  payeeToAnybody,
  signCertificate,
  type Claims,
} from "../../src/index.ts";
import { people } from "../../scripts/vectors/cast.ts";

// The largest value of every field, and names of eight characters.
const EUR = currency("EUR");
const home = institutionId("bank-xyz");
const largest = {
  iss: home,
  currency: EUR,
  nbf: MAX_SECONDS,
  exp: MAX_SECONDS,
  serial: MAX_COUNTER,
  statusIndex: MAX_COUNTER,
} as const;
const taCertificate = signed({
  ...largest,
  role: "ta",
  key: people.aliceTa.publicKey.compressed,
  limitsProfile: 0xffff,
  securityLevel: 3,
});
const walletCertificate = signed({
  ...largest,
  role: "wallet",
  key: people.merchant.publicKey.compressed,
});

function signed(claims: Claims): Uint8Array {
  return signCertificate(claims, people.bankA);
}

function largestPayment(): Uint8Array {
  const { taId: sender } = people.aliceTa;
  const receiver = people.bobTa.taId;
  return payment.sign(
    {
      amount: MAX_AMOUNT,
      receiver,
      receiverClass: "ta",
      j: MAX_COUNTER,
      r: MAX_COUNTER,
      challenge: new Uint8Array(8),
      time: MAX_SECONDS,
      type: "basic",
    },
    paymentContext({ currency: EUR, home, sender, receiver }),
    people.aliceTa,
    { certificate: taCertificate },
  );
}

function largestRequest(certificate: Uint8Array): Uint8Array {
  return paymentRequest.sign(
    {
      amount: MAX_AMOUNT,
      r: MAX_COUNTER,
      challenge: new Uint8Array(8),
      expires: MAX_SECONDS,
    },
    payeeToAnybody({ currency: EUR, home, payee: people.bobTa.taId }),
    people.bobTa,
    { certificate },
  );
}

test("a batch of claims is 4,096 payments or 2 MiB at most", () => {
  expect([MAX_BATCH, MAX_BATCH_BYTES]).toEqual([4096, 2_097_152]);
});

describe("the largest that a message can be", () => {
  test("a TA's certificate: 187 bytes, a wallet's: 181", () => {
    expect(taCertificate).toHaveLength(187);
    expect(walletCertificate).toHaveLength(181);
  });

  test("a payment with its sender's certificate: 344 bytes", () => {
    expect(largestPayment()).toHaveLength(344);
  });

  test("a request with its payee's certificate: 299 bytes from a TA, 293 from a wallet", () => {
    expect(largestRequest(taCertificate)).toHaveLength(299);
    expect(largestRequest(walletCertificate)).toHaveLength(293);
  });
});
