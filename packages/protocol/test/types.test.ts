// What the compiler refuses is part of the interface: `tsc` fails if one of these errors ever disappears.
import { expect, expectTypeOf, test } from "vitest";
import {
  amount,
  counter,
  payVerify,
  payment,
  runChecks,
  withdrawal,
  type Amount,
  type Certified,
  type Parsed,
  type Payment,
  type Pending,
  type RefusalCode,
  type TaId,
  type VerifiedPayment,
  type WalletId,
} from "../src/index.ts";

const credit = (verified: VerifiedPayment): Amount => verified.payment.amount;
const settle = (receiver: TaId): TaId => receiver;
const uncalled = (_run: () => void): void => undefined;

test("only a verified payment is taken where one is needed", () => {
  uncalled(() => {
    const parsed = {} as Parsed<Payment>;
    const lookalike = {} as Pick<VerifiedPayment, keyof VerifiedPayment & string>;
    const pending = {} as Pending<VerifiedPayment>;
    // @ts-expect-error parsed is not verified
    credit(parsed);
    // @ts-expect-error the right fields do not make it verified
    credit(lookalike);
    // @ts-expect-error nor does a verification that still has checks to do
    credit(pending);
    const done = runChecks(pending, { verify: () => true });
    // @ts-expect-error the checks may have failed
    credit(done);
    if (done.ok) credit(done.value);
  });
  expectTypeOf(payVerify).returns.not.toExtend<VerifiedPayment>();
  expect(typeof payVerify).toBe("function");
});

test("ids, amounts and counters are not each other", () => {
  uncalled(() => {
    // @ts-expect-error a wallet's id is not a TA's
    settle({} as WalletId);
    // @ts-expect-error a plain bigint is no amount
    withdrawal.toBeSigned({ amount: 5n, w: counter(1) }, {} as never);
    // @ts-expect-error a plain number is no counter
    withdrawal.toBeSigned({ amount: amount(5n), w: 1 }, {} as never);
    // @ts-expect-error a payment has more fields than a withdrawal
    payment.toBeSigned({ amount: amount(5n), w: counter(1) }, {} as never);
  });
  expectTypeOf<TaId>().not.toExtend<WalletId>();
  expectTypeOf<Certified<"wallet">>().not.toExtend<Certified<"ta">>();
  expect(amount(5n)).toBe(5n);
});

test("refusals are a closed list", () => {
  uncalled(() => {
    // @ts-expect-error no such refusal
    const code: RefusalCode = "no-such-refusal";
    return code;
  });
  expectTypeOf<"bad-signature">().toExtend<RefusalCode>();
  expect(counter(1)).toBe(1);
});
