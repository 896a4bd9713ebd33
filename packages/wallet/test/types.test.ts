import type { Amount, Counter, Result, TaId } from "@bezant/protocol";
import { describe, expectTypeOf, it } from "vitest";
import type {
  Device,
  DeviceRefusal,
  Fetch,
  Paid,
  PinRefusal,
  Received,
  ReceiveRefusal,
  Wallet,
  WalletParts,
  WalletRefusal,
} from "../src/index.ts";

describe("the types of a wallet", () => {
  it("give every operation its input, its value, and its refusal", () => {
    expectTypeOf<Wallet["pay"]>().toEqualTypeOf<
      (request: Uint8Array) => Promise<Result<Paid, WalletRefusal>>
    >();
    expectTypeOf<Wallet["receive"]>().toEqualTypeOf<
      (payment: Uint8Array) => Promise<Result<Received, ReceiveRefusal>>
    >();
    expectTypeOf<Awaited<ReturnType<Wallet["enterPin"]>>>().toEqualTypeOf<
      Result<void, PinRefusal>
    >();
    expectTypeOf<Parameters<Wallet["deposit"]>>().toEqualTypeOf<[{ readonly amount: Amount }]>();
  });

  it("take money only as an amount", () => {
    const wrong = (wallet: Wallet) => [
      // @ts-expect-error -- a bigint is no amount before it was checked
      wallet.deposit({ amount: 5n }),
      // @ts-expect-error -- a number is never money
      wallet.withdraw({ amount: 5 }),
      // @ts-expect-error -- text is for `decodeText`
      wallet.pay("bezant1:request:…"),
    ];
    expectTypeOf(wrong).toBeFunction();
  });

  it("give a device one function for each command, without an input where there is none", () => {
    expectTypeOf<Parameters<Device["cancelRequest"]>>().toEqualTypeOf<
      [input: { readonly r: Counter }]
    >();
    expectTypeOf<Parameters<Device["getInfo"]>>().toEqualTypeOf<[]>();
    expectTypeOf<Awaited<ReturnType<Device["init"]>>>().toExtend<
      Result<{ readonly id: TaId }, DeviceRefusal>
    >();
  });

  it("take the platform's fetch as it is", () => {
    expectTypeOf<typeof fetch>().toExtend<Fetch>();
    expectTypeOf<WalletParts["device"]>().toEqualTypeOf<Device | undefined>();
  });
});
