import { amount, attach, unwrap } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { Figure4Ta, Abort } from "../figure4/ta.ts";
import { Figure4World } from "../figure4/world.ts";
import { limitsOf } from "../world/institutions.ts";
import { MAKES } from "../world/makes.ts";
import { request, SmallWorld } from "../world/party.ts";
import { signAcknowledgement, signConfirmation, signSync } from "../world/signed.ts";

const ours = Object.entries(MAKES);

describe("a second provider that mints into the first one's TA", () => {
  it("can on Figure 4: TAs know one server key, so providers must share it", () => {
    const world = new Figure4World();
    const shared = world.newKey();
    const [first, second] = [world.newServer(shared), world.newServer(shared)];
    const { vk, ta } = world.client(0, first);
    second.register(vk);
    Object.assign(second.client(vk), { taVk: ta.vk, onBal: 1_000_000 });
    ta.deposit(...second.deposit(vk, 1_000_000));
    expect(ta.bal).toBe(1_000_000);
  });

  it.each(ours)("cannot with the %s TA, even with a good chain: only its home can", (_, make) => {
    const world = new SmallWorld(make);
    const ta = world.ta(10n);
    const rogue = world.bank.provider("rogue");
    ta.do("Withdraw", { amount: amount(1n) });
    ta.do("SyncRequest", {});
    const nonce = new Uint8Array(Buffer.from(ta.state.syncNonce, "hex"));
    const answer = { nonce, limits: limitsOf(), time: 0, w: 1, stored: 0, unlockPin: true };
    const chained = (message: Uint8Array) => unwrap(attach(message, { chain: rogue.chain }));
    const confirmation = chained(signConfirmation(rogue, ta.id, { d: 2, x: 1_000_000n }));
    const acknowledgement = chained(signAcknowledgement(rogue, ta.id, 1));
    const response = chained(signSync(rogue, ta.id, answer));
    expect(ta.refusal("Deposit", { confirmation })).toBe("not-home");
    expect(ta.refusal("AckWithdraw", { acknowledgement })).toBe("not-home");
    expect(ta.refusal("Sync", { response })).toBe("not-home");
    expect(ta.balance).toBe(9n);
  });
});

describe("clients of two providers that do not share a key", () => {
  it("cannot pay each other on Figure 4", () => {
    const world = new Figure4World();
    const other = world.newServer(world.newKey());
    const [payer, payee] = [world.client(100), world.client(0, other)];
    const P = payer.ta.pay(100, payee.taCert);
    expect(() => payee.ta.collect(P)).toThrow(Abort);
    expect(payer.ta.bal).toBe(0);
  });

  it.each(ours)("pay each other with the %s TA, by the chain to the central bank", (_, make) => {
    const world = new SmallWorld(make);
    const other = world.bank.provider("beta");
    const [payer, payee] = [world.ta(100n), world.device()];
    payee.enrol(other);
    const asked = { certificate: payee.state.cert, chain: other.chain };
    const paid = { certificate: payer.state.cert, chain: world.provider.chain };
    const P = payer.pay(unwrap(attach(payee.ask(60n), asked)));
    const outcome = payee.do("Collect", { payment: unwrap(attach(P, paid)) });
    payer.do("Settle", { outcome });
    expect([payer.balance, payee.balance]).toEqual([40n, 60n]);
  });
});

/** Figure 4 with the holding limit that regulation asks for, added where it is first thought of. */
class LimitedTa extends Figure4Ta {
  override deposit(...confirmation: Parameters<Figure4Ta["deposit"]>): void {
    if (this.bal + confirmation[0] > 100) throw new Abort();
    super.deposit(...confirmation);
  }
}

describe("a deposit under way while the balance grows up to the limit", () => {
  it("is stuck for ever on Figure 4 with a limit: it has left the account and is let in nowhere", () => {
    const world = new Figure4World();
    const [payer, payee] = [world.client(80), world.client(0, world.server, LimitedTa)];
    world.server.client(payee.vk).onBal = 60;
    const deposit = world.server.deposit(payee.vk, 60);
    payee.ta.collect(payer.ta.pay(80, payee.taCert));
    expect(() => payee.ta.deposit(...deposit)).toThrow(Abort);
    expect(payee.ta.bal + world.server.client(payee.vk).onBal).toBe(80);
  });

  it.each(ours)("has its room in the %s TA, which refuses the request instead", (_, make) => {
    const world = new SmallWorld(make);
    const [payer, payee] = [world.ta(80n), world.ta(0n, limitsOf({ maxHolding: 100n }))];
    payee.do("ReserveDeposit", { amount: amount(60n) });
    expect(payee.refusal("RequestPayment", request(80n))).toBe("limit-holding");
    payee.do("Collect", { payment: payer.pay(payee.ask(40n)) });
    payee.fund(world.provider, 60n);
    // Whatever the provider did issue comes in, limit or not.
    payee.fund(world.provider, 5n);
    expect(payee.balance).toBe(105n);
  });
});
