import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Network } from "./network.ts";

const MAX_HOLDING = 2_000n;

type Action = (network: Network, a: number, b: number, amount: bigint) => void;

/** Number `b` picks among what there is: mostly the newest, but anything ever sent can come back. */
const pick = (list: readonly unknown[], b: number): number => list.length - 1 - (b % 64);

const actions: Record<string, Action> = {
  deposit: (net, a, _, amount) => net.deposit(a, amount),
  "deliver next confirmation": (net, a) => net.deliverConfirmation(a, net.purses[a]!.d),
  "deliver any confirmation": (net, a, b) =>
    net.deliverConfirmation(a, pick(net.confirmations[a]!, b)),
  request: (net, a, _, amount) => net.request(a, amount, 0),
  replace: (net, a, b, amount) => net.request(a, amount, net.purses[a]!.requests[b % 8]?.r ?? 999),
  "request to wallet": (net, _a, _b, amount) => net.requestToWallet(amount),
  cancel: (net, a, b) => net.cancel(a, net.purses[a]!.r - (b % 12)),
  resend: (net, a, b) => net.resend(a, net.purses[a]!.r - (b % 24)),
  pay: (net, a, b) => net.pay(a, pick(net.requests, b)),
  collect: (net, a, b) => net.collect(a, pick(net.payments, b)),
  settle: (net, a, b) => net.settle(a, pick(net.notices, b)),
  claim: (net, _, b) => net.dispose(pick(net.payments, b), "claimed"),
  decline: (net, _, b) => net.dispose(pick(net.payments, b), "declined"),
  refund: (net, a, b) => net.refund(pick(net.payments, b), pick(net.notices, a + b)),
  release: (net, a, b) => net.release(a, net.purses[a]!.j - (b % 20)),
  acknowledge: (net, a, b) => net.acknowledge(a, net.purses[a]!.j - (b % 20)),
};
const names = Object.keys(actions);

const step = fc.record({
  name: fc.constantFrom(...names, "pay", "collect", "pay", "collect", "request"),
  a: fc.nat(2),
  b: fc.oneof(fc.nat(3), fc.nat(63)),
  amount: fc.bigInt(1n, 150n),
});

function run(
  network: Network,
  steps: readonly { name: string; a: number; b: number; amount: bigint }[],
): void {
  for (const { name, a, b, amount } of steps) {
    actions[name]!(network, a, b, amount);
    network.check();
  }
}

/** The network at last delivers everything: every request is ended, every outcome shown to everybody. */
function comeBack(network: Network): void {
  for (const [ta, { requests }] of network.purses.entries()) {
    for (const { r } of requests) network.cancel(ta, r);
  }
  for (const [number] of network.payments.entries()) network.dispose(number, "claimed");
  for (const payment of network.inFlight()) {
    const number = network.payments.indexOf(payment);
    for (const [notice] of network.notices.entries()) network.refund(number, notice);
  }
  for (const [ta, confirmations] of network.confirmations.entries()) {
    for (const [number] of confirmations.entries()) network.deliverConfirmation(ta, number);
  }
}

describe("outcomes", () => {
  it("are all reached by these runs: each fate of a payment, each end of a request", () => {
    const fates = new Set<string>();
    const ends = new Set<string>();
    for (const steps of fc.sample(fc.array(step, { minLength: 250, maxLength: 250 }), 100)) {
      const network = new Network(3, MAX_HOLDING);
      run(network, steps);
      for (const fate of network.fates.values()) fates.add(fate);
      for (const said of network.ends.values())
        ends.add((JSON.parse(said) as { kind: string }).kind);
    }
    expect([...fates].toSorted()).toEqual([
      "claimed",
      "collected",
      "declined",
      "in-flight",
      "refunded",
    ]);
    expect([...ends].toSorted()).toEqual(["collected", "void"]);
  });

  it("end each request once, debit each once, and conserve money, whatever the network does", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 250, size: "max" }), (steps) => {
        run(new Network(3, MAX_HOLDING), steps);
      }),
      { numRuns: 300 },
    );
  });

  it("bring every payment to its payee or back to its payer once all messages arrive", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150, size: "max" }), (steps) => {
        const network = new Network(3, MAX_HOLDING);
        run(network, steps);
        comeBack(network);
        network.check();
        expect(network.inFlight()).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it("never hold more than the limit, except by what was issued or asked for under it", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
        const network = new Network(3, MAX_HOLDING);
        // Deposits are the provider's to limit; without them only requests let money in.
        network.deposit(0, MAX_HOLDING);
        network.deliverConfirmation(0, 0);
        run(
          network,
          steps.filter(({ name }) => name !== "deposit" && name !== "refund"),
        );
        for (const { balance, requests } of network.purses) {
          const promised = requests.reduce((sum, { amount }) => sum + amount, balance);
          expect(promised).toBeLessThanOrEqual(MAX_HOLDING);
        }
      }),
      { numRuns: 100 },
    );
  });
});
