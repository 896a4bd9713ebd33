import {
  amount,
  attach,
  counter,
  currency,
  payment,
  seconds,
  unwrap,
  type Chain,
} from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { limitsOf, START, type ClaimChanges, type Institution } from "../world/institutions.ts";
import { signAcknowledgement, signConfirmation } from "../world/signed.ts";
import { ask, fund, Network, pay, type Enrolled } from "./support/network.ts";

const network = new Network(4);
const { home, other } = network;
const MAX_U32 = 0xffff_ffff;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;
const [BALANCE, TIME, D, W, DEPOSITED, WITHDRAWN] = [368, 436, 448, 452, 504, 512];

function confirm(device: Enrolled, d: number, x: bigint, refundOf?: number): Uint8Array {
  const terms = refundOf === undefined ? { d, x } : { d, x, refundOf };
  return signConfirmation(home, device.id, terms);
}

/** Books that are in order, with these totals. */
function setBooks(device: Enrolled, deposited: bigint, withdrawn: bigint): void {
  device.edit((state) => {
    state.setBigUint64(DEPOSITED, deposited, true);
    state.setBigUint64(WITHDRAWN, withdrawn, true);
    state.setBigUint64(BALANCE, BigInt.asUintN(64, deposited - withdrawn), true);
  });
}

describe("Deposit", () => {
  it("credits each confirmation once, in the order of d", () => {
    const device = network.active();
    const first = confirm(device, 1, 5n);
    expect(device.call("Deposit", { confirmation: first })).toEqual({ balance: 5n });
    expect(device.call("Deposit", { confirmation: first })).toEqual({ balance: 5n });
    expect(device.os.staged).toBe(false);
    expect(device.status("Deposit", { confirmation: confirm(device, 1, 6n) })).toBe(
      "deposit-conflict",
    );
    expect(device.status("Deposit", { confirmation: confirm(device, 3, 6n) })).toBe("deposit-gap");
    expect(device.call("Deposit", { confirmation: confirm(device, 2, 6n) })).toEqual({
      balance: 11n,
    });
    expect(device.status("Deposit", { confirmation: first })).toBe("deposit-stale");
    expect(device.status("Deposit", { confirmation: confirm(device, 0, 6n) })).toBe(
      "deposit-stale",
    );
    expect(device.call("GetInfo", {}).balance).toBe(11n);
  });

  it("calls a confirmation 0 a conflict before there was any", () => {
    const device = network.active();
    expect(device.status("Deposit", { confirmation: confirm(device, 0, 6n) })).toBe(
      "deposit-conflict",
    );
  });

  it("comes from the home provider alone, and for this TA alone", () => {
    const device = network.active();
    const foreign = signConfirmation(other, device.id, { d: 1, x: 5n });
    expect(device.status("Deposit", { confirmation: foreign })).toBe("unknown-issuer");
    const withChain = unwrap(attach(foreign, { chain: other.chain }));
    expect(device.status("Deposit", { confirmation: withChain })).toBe("not-home");
    // The other provider's signature under the home provider's name and chain.
    const pretended = signConfirmation({ ...other, id: home.id }, device.id, { d: 1, x: 5n });
    const withHomeChain = unwrap(attach(pretended, { chain: home.chain }));
    expect(device.status("Deposit", { confirmation: withHomeChain })).toBe("unknown-issuer");
    const neighbour = confirm(network.active(), 1, 5n);
    expect(device.status("Deposit", { confirmation: neighbour })).toBe("bad-signature");
    expect(device.call("GetInfo", {})).toMatchObject({ balance: 0n, d: 0 });
  });

  it("comes with a chain that CertVerify accepts, if it is by a key that the TA does not know", () => {
    const { bank } = network;
    const next = bank.provider("bank-a");
    const institution = (role: string, { id, key }: Institution): ClaimChanges => ({
      role,
      sub: id,
      key: key.publicKey.compressed,
    });
    const status = (provider: ClaimChanges, intermediary: ClaimChanges, forged?: 0 | 1): string => {
      const device = network.active();
      device.edit((state) => state.setUint32(TIME, START + 10, true));
      const chain = [
        bank.certify(bank.intermediary, { ...institution("provider", next), ...provider }),
        bank.certify(bank.root, {
          ...institution("intermediary", bank.intermediary),
          ...intermediary,
        }),
      ].map((bytes, i) => (i === forged ? bytes.with(-1, bytes.at(-1)! ^ 1) : bytes));
      const confirmation = signConfirmation(next, device.id, { d: 1, x: 5n });
      const attached = attach(confirmation, { chain: chain as unknown as Chain });
      return device.status("Deposit", { confirmation: unwrap(attached) });
    };
    const usd = { currency: currency("USD") };
    const short = { exp: seconds(START + 9) };
    const otherKey = { key: other.key.publicKey.compressed };
    expect(status({}, {})).toBe("ok");
    expect(status({ role: "intermediary" }, {})).toBe("wrong-role");
    expect(status({}, { role: "provider" })).toBe("wrong-role");
    expect(status(usd, {})).toBe("wrong-currency");
    expect(status({}, usd)).toBe("wrong-currency");
    expect(status(otherKey, {})).toBe("unknown-issuer");
    expect(status({}, otherKey)).toBe("unknown-issuer");
    expect(status({ iss: home.id }, {})).toBe("unknown-issuer");
    expect(status({ nbf: seconds(START - 1) }, {})).toBe("wrong-validity");
    expect(status({}, short)).toBe("wrong-validity");
    expect(status(short, {})).toBe("expired");
    expect(status(short, short)).toBe("expired");
    expect(status({ exp: seconds(START + 10) }, { exp: seconds(START + 10) })).toBe("ok");
    expect(status({ sub: other.id }, {})).toBe("not-home");
    expect(status({}, {}, 0)).toBe("bad-signature");
    expect(status({}, {}, 1)).toBe("bad-signature");
  });

  it("is never refused for limits, but for a sum that does not fit", () => {
    const device = network.active(home, limitsOf({ maxHolding: 10n }));
    fund(device, 1000n);
    setBooks(device, MAX_U64 - 5n, 0n);
    expect(device.status("Deposit", { confirmation: confirm(device, 2, 6n) })).toBe("overflow");
    expect(device.status("Deposit", { confirmation: confirm(device, 2, 5n) })).toBe("ok");
    setBooks(device, MAX_U64 - 5n, MAX_U64 - 5n);
    expect(device.status("Deposit", { confirmation: confirm(device, 3, 6n) })).toBe("overflow");
  });

  it("refunds a payment out of the outbox", () => {
    const [payer, payee] = [network.active(), network.active()];
    fund(payer, 100n);
    const paid = [10n, 20n, 30n].map((x) => pay(payer, ask(payee, x)));
    expect(payer.call("Deposit", { confirmation: confirm(payer, 2, 20n, 2) })).toEqual({
      balance: 60n,
    });
    expect(payer.call("GetInfo", {}).unsettled).toEqual([1, 3]);
    expect(payer.call("Resend", { kind: "payment", n: counter(3) })).toEqual(paid[2]);
    // Of a payment that has left the outbox already only the money comes.
    expect(payer.call("Deposit", { confirmation: confirm(payer, 3, 20n, 2) })).toEqual({
      balance: 80n,
    });
    expect(payer.call("GetInfo", {}).unsettled).toEqual([1, 3]);
  });

  it("does not wrap d", () => {
    const device = network.active();
    device.edit((state) => state.setUint32(D, MAX_U32, true));
    expect(device.status("Deposit", { confirmation: confirm(device, 0, 5n) })).toBe(
      "deposit-stale",
    );
    expect(device.status("ReserveDeposit", { amount: amount(5n) })).toBe("counter-exhausted");
  });
});

describe("ReserveDeposit", () => {
  it("reserves the largest of several, under the holding limit with what requests hold", () => {
    const device = network.active(home, limitsOf({ maxHolding: 100n }));
    fund(device, 20n);
    ask(device, 30n);
    const reserve = (x: bigint): string => device.status("ReserveDeposit", { amount: amount(x) });
    expect(reserve(51n)).toBe("limit-holding");
    expect(reserve(50n)).toBe("ok");
    expect(reserve(10n)).toBe("ok");
    expect(device.os.staged).toBe(false);
    expect(device.call("GetInfo", {}).reserved).toBe(50n);
    const one = { amount: amount(1n), expires: seconds(0), replaces: counter(0) };
    expect(device.status("RequestPayment", one)).toBe("limit-holding");
    fund(device, 10n);
    expect(device.call("GetInfo", {})).toMatchObject({ balance: 30n, reserved: 0n });
    expect(device.status("RequestPayment", one)).toBe("ok");
  });

  it("takes a sum that does not fit for one over the limit", () => {
    const device = network.active(home, limitsOf({ maxHolding: MAX_U64 }));
    fund(device, 2n);
    const reserve = (x: bigint): string => device.status("ReserveDeposit", { amount: amount(x) });
    expect(reserve(MAX_U64)).toBe("limit-holding");
    expect(reserve(MAX_U64 - 1n)).toBe("limit-holding");
    ask(device, 3n);
    expect(reserve(MAX_U64 - 4n)).toBe("limit-holding");
    expect(reserve(MAX_U64 - 5n)).toBe("ok");
    const one = { amount: amount(1n), expires: seconds(0), replaces: counter(0) };
    expect(device.status("RequestPayment", one)).toBe("limit-holding");
    expect(device.status("SyncRequest", {})).toBe("ok");
  });
});

describe("Withdraw", () => {
  it("takes what there is, and keeps at most four", () => {
    const device = network.active();
    fund(device, 10n);
    const withdraw = (x: bigint): string => device.status("Withdraw", { amount: amount(x) });
    expect(withdraw(11n)).toBe("insufficient-balance");
    for (let i = 0; i < 4; i++) expect(withdraw(2n)).toBe("ok");
    expect(withdraw(3n)).toBe("insufficient-balance");
    expect(withdraw(2n)).toBe("outbox-full");
    expect(device.call("GetInfo", {})).toMatchObject({
      balance: 2n,
      w: 4,
      unacknowledged: [1, 2, 3, 4],
    });
  });

  it("neither wraps w nor its total", () => {
    const device = network.active();
    setBooks(device, 5n, MAX_U64);
    expect(device.status("Withdraw", { amount: amount(1n) })).toBe("overflow");
    device.edit((state) => state.setUint32(W, MAX_U32, true));
    expect(device.status("Withdraw", { amount: amount(1n) })).toBe("counter-exhausted");
  });
});

describe("AckWithdraw", () => {
  it("is cumulative, and never ahead", () => {
    const device = network.active();
    fund(device, 10n);
    for (let i = 0; i < 4; i++) device.call("Withdraw", { amount: amount(1n) });
    const ack = (w: number): string =>
      device.status("AckWithdraw", { acknowledgement: signAcknowledgement(home, device.id, w) });
    expect(ack(5)).toBe("ack-ahead");
    expect(ack(0)).toBe("ok");
    expect(device.os.staged).toBe(false);
    expect(ack(3)).toBe("ok");
    expect(device.call("GetInfo", {}).unacknowledged).toEqual([4]);
    expect(ack(3)).toBe("ok");
    expect(ack(4)).toBe("ok");
    expect(device.call("GetInfo", {}).unacknowledged).toEqual([]);
    // What was kept is gone from the state, too.
    expect(device.state.subarray(880, 1200)).toEqual(new Uint8Array(320));
  });

  it("comes from the home provider alone", () => {
    const device = network.active();
    const acknowledgement = signAcknowledgement(other, device.id, 0);
    expect(device.status("AckWithdraw", { acknowledgement })).toBe("unknown-issuer");
    const attached = unwrap(attach(acknowledgement, { chain: other.chain }));
    expect(device.status("AckWithdraw", { acknowledgement: attached })).toBe("not-home");
  });
});

it("a payment is signed once and sent again byte for byte, also after a restart", () => {
  const [payer, payee] = [network.active(), network.active()];
  fund(payer, 100n);
  const request = ask(payee, 10n);
  const paid = pay(payer, request);
  payer.os.kill();
  expect(pay(payer, request)).toEqual(paid);
  expect(payer.os.staged).toBe(false);
  expect(payer.call("Resend", { kind: "payment", n: counter(1) })).toEqual(paid);
  expect(unwrap(payment.parse(paid)).payload.j).toBe(1);
  expect(payer.call("GetInfo", {})).toMatchObject({ balance: 90n, j: 1 });
});
