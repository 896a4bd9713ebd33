import { amount, seconds, syncRequest, unwrap, type Limits } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import type { Status } from "../../src/commands.ts";
import { limitsOf, START } from "../world/institutions.ts";
import { signRequest, signSync, type SyncAnswer } from "../world/signed.ts";
import type { Device } from "./support/device.ts";
import { ask, fund, Network, pay, type Enrolled } from "./support/network.ts";

const network = new Network(6);
const { home, other } = network;
const YEAR = 31_622_400;
const PIN = Uint8Array.of(1, 2, 3, 4);
const WRONG = Uint8Array.of(1, 2, 3, 5);

function nonceOf(device: Enrolled): Uint8Array {
  return unwrap(syncRequest.parse(device.call("SyncRequest", {}))).payload.nonce;
}

function answer(device: Enrolled, changes: Partial<SyncAnswer> = {}): Status {
  const nonce = changes.nonce ?? nonceOf(device);
  const terms = { nonce, limits: limitsOf(), time: START, w: 0, stored: 0, ...changes };
  return device.status("Sync", { response: signSync(home, device.id, terms) });
}

function time(device: Device): number {
  return device.call("GetInfo", {}).time;
}

describe("Sync", () => {
  it("counts for the nonce that is pending, once", () => {
    const device = network.active();
    expect(answer(device, { nonce: new Uint8Array(16) })).toBe("sync-not-pending");
    const first = nonceOf(device);
    const second = nonceOf(device);
    expect(answer(device, { nonce: first })).toBe("sync-not-pending");
    expect(answer(device, { nonce: second })).toBe("ok");
    expect(answer(device, { nonce: second })).toBe("sync-not-pending");
    expect(answer(device, { nonce: new Uint8Array(16) })).toBe("sync-not-pending");
    expect(device.state.subarray(568, 600)).toEqual(new Uint8Array(32));
  });

  it("comes from the home provider, for this TA", () => {
    const device = network.active();
    const terms = { nonce: nonceOf(device), limits: limitsOf(), time: START, w: 0, stored: 0 };
    expect(device.status("Sync", { response: signSync(other, device.id, terms) })).toBe(
      "unknown-issuer",
    );
    const neighbour = network.active().id;
    expect(device.status("Sync", { response: signSync(home, neighbour, terms) })).toBe(
      "bad-signature",
    );
    expect(device.status("Sync", { response: signSync(home, device.id, terms) })).toBe("ok");
  });

  it("never acknowledges what is ahead, and takes no older or other limits", () => {
    const device = network.active(home, limitsOf({ version: 3 }));
    const current: Limits = limitsOf({ version: 3 });
    expect(answer(device, { w: 1, limits: current })).toBe("ack-ahead");
    expect(answer(device, { stored: 1, limits: current })).toBe("ack-ahead");
    expect(answer(device, { limits: limitsOf({ version: 2, profile: 2 }) })).toBe("stale-limits");
    expect(answer(device, { limits: limitsOf({ version: 3, profile: 2 }) })).toBe("wrong-limits");
    expect(answer(device, { limits: current })).toBe("ok");
  });

  it("drops what the provider has, and nothing else", () => {
    const [device, payee] = [network.active(), network.active()];
    fund(device, 100n);
    for (let i = 0; i < 3; i++) {
      device.call("Withdraw", { amount: amount(1n) });
      pay(device, ask(payee, 1n));
    }
    expect(answer(device, { w: 2, stored: 1 })).toBe("ok");
    expect(device.call("GetInfo", {})).toMatchObject({
      unacknowledged: [3],
      unsettled: [2, 3],
      w: 3,
      j: 3,
    });
  });

  it("moves the time forward by at most 366 days, never back", () => {
    const device = network.active();
    expect(answer(device, { time: START - 1 })).toBe("ok");
    expect(time(device)).toBe(START);
    expect(answer(device, { time: START + 1 })).toBe("ok");
    expect(time(device)).toBe(START + 1);
    expect(answer(device, { time: 0xffff_ffff })).toBe("ok");
    expect(time(device)).toBe(START + 1 + YEAR);
    device.edit((state) => {
      state.setUint32(436, 0xffff_fff0, true);
      state.setUint32(356, 0xffff_ffff, true);
    });
    expect(answer(device, { time: 0xffff_ffff })).toBe("ok");
    expect(time(device)).toBe(0xffff_ffff);
  });

  it("puts the new limits in force", () => {
    const device = network.active();
    fund(device, 100n);
    const payee = network.broken();
    const request = signRequest(payee, { x: 10n, r: 1, challenge: new Uint8Array(8) });
    answer(device, { limits: limitsOf({ version: 2, maxPayment: 9n }) });
    expect(device.status("Pay", { request, hint: seconds(0) })).toBe("limit-payment");
    answer(device, { limits: limitsOf({ version: 2, maxPayment: 10n, maxCount: 0 }) });
    expect(device.status("Pay", { request, hint: seconds(0) })).toBe("limit-count");
    answer(device, { limits: limitsOf({ version: 2, maxValue: 9n }) });
    expect(device.status("Pay", { request, hint: seconds(0) })).toBe("limit-value");
    answer(device, { limits: limitsOf({ version: 2, noPinCap: 9n }) });
    expect(device.status("Pay", { request, hint: seconds(0) })).toBe("pin-required");
    answer(device, { limits: limitsOf({ version: 2, maxHolding: 1n }) });
    expect(device.status("ReserveDeposit", { amount: amount(1n) })).toBe("limit-holding");
    expect(device.status("Pay", { request, hint: seconds(0) })).toBe("ok");
  });
});

describe("the PIN", () => {
  const verify = (device: Device, pin: Uint8Array, allowance = 0n): Status =>
    device.status("PinVerify", { pin, allowance: allowance as never });
  const tryPin = (device: Device, pin: Uint8Array, allowance = 0n): Status => {
    const begun = device.status("PinBegin", {});
    return begun === "ok" ? verify(device, pin, allowance) : begun;
  };

  it("needs a try that was begun, and each try is spent before it is compared", () => {
    const device = network.active();
    expect(device.status("PinBegin", {})).toBe("pin-not-set");
    expect(verify(device, PIN)).toBe("pin-not-begun");
    device.call("SetPin", { pin: PIN });
    expect(verify(device, PIN)).toBe("pin-not-begun");
    expect(device.call("PinBegin", {})).toEqual({ tries: 4 });
    expect(verify(device, WRONG)).toBe("pin-wrong");
    expect(device.os.staged).toBe(true);
    expect(verify(device, PIN)).toBe("pin-not-begun");
    expect(device.call("PinBegin", {})).toEqual({ tries: 3 });
    expect(verify(device, PIN)).toBe("ok");
    expect(device.call("GetInfo", {}).pinTries).toBe(5);
  });

  it("locks after five wrong tries, also when the power is cut at each comparison", () => {
    const device = network.active();
    device.call("SetPin", { pin: PIN });
    for (let i = 0; i < 5; i++) {
      device.call("PinBegin", {});
      device.os.kill();
    }
    expect(tryPin(device, PIN)).toBe("pin-locked");
    // The try that was begun last is still there, once.
    expect(verify(device, WRONG)).toBe("pin-wrong");
    expect(tryPin(device, PIN)).toBe("pin-locked");
  });

  it("is unlocked by the provider, who sets neither a PIN nor the spending back", () => {
    const device = network.active(home, limitsOf({ noPinCap: 10n }));
    device.call("SetPin", { pin: PIN });
    fund(device, 100n);
    const payee = network.broken();
    pay(device, signRequest(payee, { x: 10n, r: 1, challenge: new Uint8Array(8) }));
    for (let i = 0; i < 5; i++) tryPin(device, WRONG);
    expect(tryPin(device, PIN)).toBe("pin-locked");
    expect(answer(device, { unlockPin: true, limits: limitsOf({ noPinCap: 10n }) })).toBe("ok");
    expect(device.call("GetInfo", {})).toMatchObject({ pinSet: false, pinTries: 5, balance: 90n });
    expect(device.state.subarray(600, 656)).toEqual(new Uint8Array(56));
    const request = signRequest(payee, { x: 1n, r: 2, challenge: new Uint8Array(8) });
    expect(device.status("Pay", { request, hint: seconds(0) })).toBe("pin-required");
    device.call("SetPin", { pin: WRONG });
    expect(device.status("SetPin", { pin: PIN })).toBe("pin-required");
    expect(tryPin(device, WRONG)).toBe("ok");
    expect(device.status("Pay", { request, hint: seconds(0) })).toBe("ok");
  });

  it("is chosen first while there is no money, or as long as an unlocking is fresh", () => {
    const device = network.active();
    fund(device, 100n);
    expect(device.status("SetPin", { pin: PIN })).toBe("pin-required");
    expect(answer(device, { unlockPin: true })).toBe("ok");
    const payee = network.broken();
    pay(device, signRequest(payee, { x: 1n, r: 1, challenge: new Uint8Array(8) }));
    expect(device.status("SetPin", { pin: PIN })).toBe("pin-required");
    device.call("Withdraw", { amount: amount(99n) });
    expect(device.status("SetPin", { pin: PIN })).toBe("ok");
    expect(device.status("SetPin", { pin: WRONG })).toBe("pin-required");
  });

  it("is changed only by whoever has just entered it, and by no one after the next payment", () => {
    const device = network.active();
    const payee = network.broken();
    device.call("SetPin", { pin: PIN });
    fund(device, 100n);
    expect(device.status("SetPin", { pin: WRONG })).toBe("pin-required");
    expect(tryPin(device, PIN)).toBe("ok");
    pay(device, signRequest(payee, { x: 1n, r: 1, challenge: new Uint8Array(8) }));
    expect(device.status("SetPin", { pin: WRONG })).toBe("pin-required");
    expect(tryPin(device, PIN)).toBe("ok");
    device.call("SetPin", { pin: WRONG });
    expect(device.status("SetPin", { pin: PIN })).toBe("pin-required");
    expect(tryPin(device, PIN)).toBe("pin-wrong");
    expect(tryPin(device, WRONG)).toBe("ok");
  });

  it("allows one payment up to the allowance, and resets what may be spent without it", () => {
    const device = network.active(home, limitsOf({ noPinCap: 10n }));
    const payee = network.broken();
    let r = 0;
    const spend = (x: bigint): Status => {
      r += 1;
      const request = signRequest(payee, { x, r, challenge: new Uint8Array(8) });
      return device.status("Pay", { request, hint: seconds(0) });
    };
    device.call("SetPin", { pin: PIN });
    fund(device, 1000n);
    expect(spend(10n)).toBe("ok");
    expect(spend(1n)).toBe("pin-required");
    expect(tryPin(device, PIN, 50n)).toBe("ok");
    expect(spend(51n)).toBe("pin-required");
    expect(spend(50n)).toBe("ok");
    // The allowance is used up; what it covered does not count as spent without a PIN.
    expect(spend(11n)).toBe("pin-required");
    expect(spend(10n)).toBe("ok");
    expect(spend(1n)).toBe("pin-required");
    expect(tryPin(device, PIN, 3n)).toBe("ok");
    expect(spend(9n)).toBe("ok");
    expect(spend(3n)).toBe("ok");
    expect(spend(2n)).toBe("pin-required");
    expect(spend(1n)).toBe("ok");
  });

  it("has four to twelve bytes and stands nowhere in the state", () => {
    const device = network.active();
    const pin = Uint8Array.from({ length: 12 }, (_, i) => 0xa0 + i);
    device.call("SetPin", { pin });
    expect(Buffer.from(device.state).includes(pin)).toBe(false);
    // [bytes of 3] and [bytes of 13].
    expect(device.invoke(21, Uint8Array.of(0x81, 0x43, 1, 2, 3)).status).toBe(1);
    expect(device.invoke(21, Uint8Array.of(0x81, 0x4d, ...new Uint8Array(13))).status).toBe(1);
  });
});
