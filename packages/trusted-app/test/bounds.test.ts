import {
  attach,
  amount,
  counter,
  MAX_CERTIFICATE,
  seconds,
  toHex,
  unwrap,
  type TaId,
} from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { encodeOutput, type Output } from "../src/commands.ts";
import { decodeState, encodeState } from "../src/reference/index.ts";
import { holderOf, signChunk, signConfirmation, signRequest } from "./world/signed.ts";
import { MAKES } from "./world/makes.ts";
import { SmallWorld, type Device } from "./world/party.ts";

describe.each(Object.entries(MAKES))("the %s TA", (_, make) => {
  const world = new SmallWorld(make);

  it("takes home's stored key for the lists of home's own clients alone (§13.6)", () => {
    const payer = world.ta(100n);
    const other = world.bank.provider("beta");
    const shop = holderOf(world.bank.wallet(other));
    const signed = signRequest(shop, { x: 10n, r: 1, challenge: new Uint8Array(8) });
    const { certificate } = shop;
    const request = unwrap(attach(signed, { certificate, chain: other.chain }));
    const status = signChunk(world.provider, { epoch: 5 }, true);
    expect(payer.refusal("Pay", { request, hint: seconds(0), status })).toBe("unknown-issuer");
  });

  it("reads a certificate of the greatest length", () => {
    const device = world.ta();
    const certificate = padded(world, device, MAX_CERTIFICATE);
    const certification = { ...device.certification(world.provider), certificate };
    // What it reads there is another kind of message.
    expect(device.refusal("Renew", certification)).toBe("wrong-type");
  });
});

/** A signed message that is no certificate, of this length. */
function padded({ provider }: SmallWorld, { id }: Device, length: number): Uint8Array {
  const bare = signConfirmation(provider, id, { d: 1, x: 1n });
  for (let size = 24; size < length; size++) {
    const item = Uint8Array.of(0x58, size, ...new Uint8Array(size));
    const message = attach(bare, { certificate: item });
    if (message.ok && message.value.length === length) return message.value;
  }
  throw new Error(`no message of ${length} bytes`);
}

it("a request that ended as void is read from the state as it was written", () => {
  const device = new SmallWorld(MAKES["reference"]!).ta(5n);
  device.ask(3n);
  device.do("CancelRequest", { r: counter(1) });
  expect(device.state.outcomes).toStrictEqual([{ kind: "void", r: 1, amount: 3n }]);
  expect(decodeState(encodeState(device.state))).toStrictEqual(device.state);
});

describe("what a host reads of a TA", () => {
  const INFO: Output<"GetInfo"> = {
    phase: "active",
    id: toHex(new Uint8Array(32)) as TaId,
    home: "",
    currency: "",
    exp: seconds(0),
    serial: 0,
    balance: amount(1n),
    reserved: amount(1n),
    d: counter(0),
    w: counter(0),
    j: counter(0),
    r: counter(0),
    unsettled: [],
    unacknowledged: [],
    open: [],
    time: seconds(0),
    pinTries: 5,
    pinSet: false,
  };

  it.each([
    ["unsettled", 16],
    ["unacknowledged", 4],
    ["open", 8],
  ])("names %s entries to the number that the TA has places for: %s", (place, most) => {
    const info = (length: number) => ({ ...INFO, [place]: Array(length).fill(counter(1)) });
    expect(() => encodeOutput("GetInfo", info(most))).not.toThrow();
    expect(() => encodeOutput("GetInfo", info(most + 1))).toThrow();
  });
});
