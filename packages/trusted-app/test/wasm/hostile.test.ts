import { amount, concatBytes, counter } from "@bezant/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { invoke } from "./support/invoke.ts";
import { cborItem } from "./support/mutations.ts";
import { ask, fund, Network, pay, type Enrolled } from "./support/network.ts";

const network = new Network(7);
const LAST_COMMAND = 23;

/** A device in the middle of its life: everything that it can keep, it keeps some of. */
function busy(): Enrolled {
  const device = network.active();
  const peer = network.active();
  device.call("SetPin", { pin: Uint8Array.of(1, 2, 3, 4) });
  fund(device, 1000n);
  fund(peer, 1000n);
  device.call("Withdraw", { amount: amount(10n) });
  pay(device, ask(peer, 20n));
  device.call("Collect", { payment: pay(peer, ask(device, 30n)) });
  ask(device, 40n);
  ask(device, 50n);
  device.call("CancelRequest", { r: counter(3) });
  return device;
}

/** Numbers and strings that get past the first check more often than bytes at random. */
const argument = fc.oneof(
  fc.nat(23).map((value) => Uint8Array.of(value)),
  fc.uint8Array({ maxLength: 23 }).map((bytes) => Uint8Array.of(0x40 | bytes.length, ...bytes)),
  cborItem,
);

describe("whatever the caller sends", () => {
  const device = busy();
  const command = fc.integer({ min: 1, max: LAST_COMMAND });

  it("is answered: bytes at random", () => {
    fc.assert(
      fc.property(command, fc.uint8Array({ maxLength: 80 }), (number, input) => {
        invoke(device, number, input);
      }),
      { numRuns: 5000 },
    );
  });

  it("is answered: arrays of whatever CBOR", () => {
    fc.assert(
      fc.property(command, fc.array(argument, { maxLength: 4 }), (number, items) => {
        invoke(device, number, concatBytes(Uint8Array.of(0x80 | items.length), ...items));
      }),
      { numRuns: 5000 },
    );
  });

  it("is answered: a number that is no command, an input that is too long", () => {
    for (const number of [0, 24, 255, -1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      expect(invoke(device, number, new Uint8Array(5000))).toBe("unknown-command");
    }
    for (let number = 1; number <= LAST_COMMAND; number++) {
      for (const length of [4096, 4097, 100_000]) {
        expect(invoke(device, number, new Uint8Array(length))).toBe("malformed");
      }
    }
  });

  it("leaves the books in order", () => {
    const view = new DataView(device.state.buffer);
    const [balance, deposited, withdrawn, paid, collected] = [368, 504, 512, 520, 528].map((at) =>
      view.getBigUint64(at, true),
    ) as [bigint, bigint, bigint, bigint, bigint];
    expect(balance).toBe(deposited + collected - withdrawn - paid);
  });
});

describe("a trusted OS that breaks its word", () => {
  const ofSize = (size: number): Uint8Array => new Uint8Array(size).with(0, 1);
  // Of nothing, of another version, longer and shorter than its payments say, and longer than any.
  const STATES = [
    new Uint8Array(1),
    new Uint8Array(2288),
    ofSize(2287),
    ofSize(2289),
    ofSize(2288).with(681, 1),
    ofSize(2288 + 16 * 128).with(681, 17),
    ofSize(5000),
  ];

  it("makes the TA trap rather than work on a state that it did not write", () => {
    for (const state of STATES) {
      const device = network.active();
      device.os.committed = state;
      expect(() => device.call("GetInfo", {})).toThrow();
    }
  });

  it("makes the TA trap when its books do not balance", () => {
    const device = network.active();
    fund(device, 10n);
    device.edit((state) => state.setBigUint64(368, 11n, true));
    expect(() => device.call("ReserveDeposit", { amount: amount(1n) })).toThrow();
    expect(() => device.call("GetInfo", {})).toThrow("has trapped");
  });

  it("cannot give answers of a wrong size", () => {
    const wrong = [
      { digest: () => new Uint8Array(31) },
      { expand: () => new Uint8Array(65) },
      { generateKey: () => new Uint8Array(63) },
    ];
    for (const answers of wrong) {
      const device = network.blank();
      Object.assign(device.os, answers);
      expect(() => device.call("Init", { anchor: network.bank.anchor })).toThrow(RangeError);
    }
  });

  it("cannot give evidence that does not fit, or none", () => {
    const input = { audience: network.home.id, nonce: new Uint8Array(16) };
    const attest = (length: number): Uint8Array => {
      const device = network.initialised();
      device.os.attest = () => new Uint8Array(length).fill(9);
      return device.call("Attest", input);
    };
    expect(attest(4096)).toEqual(new Uint8Array(4096).fill(9));
    expect(() => attest(4097)).toThrow();
    expect(() => attest(0)).toThrow();
  });
});
