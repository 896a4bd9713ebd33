import { describe, expect, it } from "vitest";
import { COMMANDS, statusOf } from "../../src/commands.ts";
import { Figure4World } from "../figure4/world.ts";
import { MAKES } from "../world/makes.ts";
import { SmallWorld } from "../world/party.ts";

const ours = Object.entries(MAKES);

describe("an amount that is no amount", () => {
  it("mints on Figure 4 when it is negative", () => {
    const world = new Figure4World();
    const [payer, payee] = [world.client(1), world.client()];
    payer.ta.pay(-1_000, payee.taCert);
    expect(payer.ta.bal).toBe(1_001);
  });

  it("ends all arithmetic on Figure 4 when it is not a number", () => {
    const { ta, taCert } = new Figure4World().client(1);
    ta.pay(Number.NaN, taCert);
    // No comparison with NaN holds, so nothing is ever too much again.
    expect(ta.pay(1_000_000, taCert).amount).toBe(1_000_000);
  });

  it("loses money on Figure 4 when it is over 2^53", () => {
    const world = new Figure4World();
    const client = world.client(2 ** 53);
    world.fund(client, 1);
    expect(client.ta.bal).toBe(2 ** 53);
    expect(world.server.client(client.vk).onBal).toBe(0);
  });

  it.each([
    ["negative", "8120"],
    ["zero", "8100"],
    ["not a number", "81f97e00"],
    ["a float", "81fb3ff0000000000000"],
    ["over 64 bits", "81c249010000000000000000"],
    ["written too long", "811801"],
    ["a text", "816131"],
  ])("is malformed for our TAs: %s", (_, input) => {
    for (const [, make] of ours) {
      const ta = new SmallWorld(make).ta(10n);
      const { status } = ta.os.invoke(
        COMMANDS.Withdraw.number,
        new Uint8Array(Buffer.from(input, "hex")),
      );
      expect(statusOf(status)).toBe("malformed");
      expect(ta.balance).toBe(10n);
    }
  });

  it.each(ours)("never leaves 64 bits in the %s TA", (_, make) => {
    const world = new SmallWorld(make);
    const ta = world.ta(0xffff_ffff_ffff_ffffn);
    expect(ta.balance).toBe(0xffff_ffff_ffff_ffffn);
    expect(() => ta.fund(world.provider, 1n)).toThrow("overflow");
    expect(ta.balance).toBe(0xffff_ffff_ffff_ffffn);
  });
});
