import { amount, attach, keyIdOf, paymentRequest, seconds, unwrap } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import type { Status } from "../../src/commands.ts";
import { DAY, limitsOf, START, type ProviderKey } from "../world/institutions.ts";
import {
  signChunk,
  signConfirmation,
  signPayment,
  signRequest,
  signSync,
  type ChunkTerms,
  type SyncAnswer,
  withChain,
} from "../world/signed.ts";
import { ask, fund, Network, type Enrolled } from "./support/network.ts";

// docs/protocol.md §13.6 and §18: who is revoked, as far as a TA can know.

const network = new Network(21);
const { bank, home, other } = network;
const INDEX = 77;
const [EXP, TIME, PROVIDER_EXP] = [312, 436, 356];
const DEAR = 100n;
const limits = limitsOf({ uncheckedCap: 60n });

/** The other side: a TA or wallet with this place in its provider's list. */
const holder = (provider = home, changes = {}) =>
  network.broken(provider, { statusIndex: INDEX, ...changes });

/** A payer or payee with these pins. */
function device(pins: Partial<SyncAnswer> = { epochs: [[home.id, 5]] }): Enrolled {
  const made = network.active(home, limits);
  fund(made, 1_000n);
  sync(made, pins);
  return made;
}

function sync(made: Enrolled, pins: Partial<SyncAnswer>, by: ProviderKey = home): Status {
  made.call("SyncRequest", {});
  const nonce = made.state.slice(568, 584);
  const terms = { nonce, limits, time: START, w: 0, stored: 0, ...pins };
  const signed = signSync(by, made.id, terms);
  const response = by === home ? signed : unwrap(attach(signed, { chain: by.chain }));
  return made.status("Sync", { response });
}

let numbers = 0;
/** Asks for x and hands over a chunk, or none. */
function payTo(
  payer: Enrolled,
  payee: ReturnType<typeof holder>,
  x: bigint,
  status?: Uint8Array,
  chain?: ProviderKey,
): Status {
  numbers += 1;
  const signed = signRequest(payee, { x, r: numbers, challenge: new Uint8Array(8) });
  const { certificate } = payee;
  const request =
    chain === undefined ? signed : withChain(signed, { certificate, provider: chain });
  const given = status === undefined ? {} : { status };
  return payer.status("Pay", { request, hint: seconds(0), ...given });
}

/** Takes a payment of x from it. */
function collectFrom(
  payee: Enrolled,
  payer: ReturnType<typeof holder>,
  x: bigint,
  status?: Uint8Array,
): Status {
  numbers += 1;
  const { challenge, r } = unwrap(paymentRequest.parse(ask(payee, x))).payload;
  const terms = { x, receiver: payee.id, receiverClass: "ta", j: numbers, r, challenge } as const;
  const payment = signPayment(payer, terms);
  const answer = payee.status("Collect", {
    payment,
    ...(status === undefined ? {} : { status }),
  });
  if (answer !== "ok") payee.call("CancelRequest", { r });
  return answer;
}

const chunk = (terms: Partial<ChunkTerms> = {}, by = home): Uint8Array =>
  signChunk(by, { epoch: 5, ...terms });
const naming = { revoked: [INDEX] };

describe.each(["Pay", "Collect"] as const)("%s", (command) => {
  const [who, move] =
    command === "Pay" ? (["payee", payTo] as const) : (["payer", collectFrom] as const);

  it("takes any amount with a list that vouches for the other side", () => {
    const made = device();
    expect(move(made, holder(), DEAR, chunk())).toBe("ok");
    expect(move(made, holder(), DEAR, chunk({ epoch: 6, first: INDEX, last: INDEX }))).toBe("ok");
  });

  it("refuses whom a list names, however old or small it is", () => {
    const made = device();
    for (const terms of [naming, { ...naming, epoch: 1 }, { ...naming, first: INDEX }])
      expect(move(made, holder(), 1n, chunk(terms))).toBe(`${who}-revoked`);
  });

  it("takes no more than the cap together from whom nothing vouches for, until the next sync", () => {
    const made = device();
    expect(move(made, holder(), 61n)).toBe(`${who}-unchecked`);
    expect(move(made, holder(), 40n)).toBe("ok");
    expect(move(made, holder(), 21n)).toBe(`${who}-unchecked`);
    expect(move(made, holder(), DEAR, chunk())).toBe("ok");
    expect(move(made, holder(), 20n)).toBe("ok");
    expect(move(made, holder(), 1n)).toBe(`${who}-unchecked`);
    sync(made, { epochs: [[home.id, 5]] });
    expect(move(made, holder(), 60n)).toBe("ok");
  });

  it("counts a list for nothing that is too old, elsewhere, or of a certificate without a place", () => {
    const made = device();
    const nothing = [chunk({ epoch: 4 }), chunk({ last: INDEX - 1 }), chunk({ first: INDEX + 1 })];
    for (const status of nothing)
      expect(move(made, holder(), 61n, status)).toBe(`${who}-unchecked`);
    const without = holder(home, { statusIndex: undefined });
    expect(move(made, without, 61n, chunk())).toBe(`${who}-unchecked`);
    expect(move(made, without, 60n, chunk())).toBe("ok");
  });

  it("takes a list of unknown epoch for thirty days", () => {
    const made = device({});
    made.edit((state) => state.setUint32(TIME, START + 30 * DAY, true));
    expect(move(made, holder(), DEAR, chunk({ epoch: 1 }))).toBe("ok");
    made.edit((state) => state.setUint32(TIME, START + 30 * DAY + 1, true));
    expect(move(made, holder(), DEAR, chunk({ epoch: 1 }))).toBe(`${who}-unchecked`);
  });

  it("refuses a list that the other side's provider did not sign", () => {
    const made = device();
    const good = chunk();
    expect(move(made, holder(), 1n, chunk({}, other))).toBe("not-home");
    expect(move(made, holder(), 1n, signChunk(other, { epoch: 5 }, true))).toBe("unknown-issuer");
    expect(move(made, holder(), 1n, good.with(-1, good.at(-1)! ^ 1))).toBe("bad-signature");
    expect(move(made, holder(), 1n, new Uint8Array())).toBe("malformed");
    expect(move(made, holder(), 1n, good.slice(1))).toBe("malformed");
    expect(move(made, holder(), 1n, signConfirmation(home, made.id, { d: 1, x: 1n }))).toBe(
      "wrong-type",
    );
  });

  it("takes a list under another key of that provider, with its chain", () => {
    const made = device();
    const next = bank.provider("bank-a");
    expect(move(made, holder(), DEAR, signChunk(next, { epoch: 5 }, true))).toBe("unknown-issuer");
    expect(move(made, holder(), DEAR, signChunk(next, { epoch: 5 }))).toBe("ok");
  });

  it("takes the largest list", () => {
    const made = device();
    const revoked = Array.from({ length: 180 }, (_, i) => 100_000 + i * 10_000_000);
    expect(move(made, holder(), DEAR, chunk({ epoch: 0xffff_ffff, revoked }))).toBe("ok");
  });

  it("believes nothing that a leaked key has signed later, nor its lists", () => {
    const leaked = keyIdOf(home.key.publicKey);
    const next = bank.provider("bank-a");
    const made = device();
    const pins = (since: number): Partial<SyncAnswer> => ({
      epochs: [[home.id, 5]],
      revokedKeys: [[leaked, seconds(since)]],
    });
    expect(sync(made, pins(START), next)).toBe("ok");
    expect(move(made, holder(home, { nbf: seconds(START + 1) }), 1n)).toBe("issuer-revoked");
    expect(move(made, holder(), 1n)).toBe("ok");
    expect(move(made, holder(), 1n, chunk())).toBe("issuer-revoked");
    expect(move(made, holder(), DEAR, signChunk(next, { epoch: 5 }))).toBe("ok");
  });
});

describe("a payee of another provider", () => {
  it("is vouched for by that provider's list, from the epoch that home has told of", () => {
    const made = device({ epochs: [[other.id, 7]] });
    const payee = holder(other);
    const bare = (epoch: number): Uint8Array => signChunk(other, { epoch }, true);
    expect(payTo(made, payee, DEAR, bare(6), other)).toBe("payee-unchecked");
    expect(payTo(made, payee, DEAR, bare(7), other)).toBe("ok");
  });

  it("is believed for nothing that a revoked intermediary certified later", () => {
    const made = device();
    const kid = keyIdOf(bank.intermediary.key.publicKey);
    sync(made, { revokedKeys: [[kid, seconds(START - 1)]] });
    expect(payTo(made, holder(other), 1n, undefined, other)).toBe("issuer-revoked");
    sync(made, { revokedKeys: [[kid, seconds(START)]] });
    expect(payTo(made, holder(other), 1n, undefined, other)).toBe("ok");
  });
});

describe("the pins", () => {
  it("are those of the last sync alone, and fill their places", () => {
    const made = device();
    const eight = Array.from(
      { length: 8 },
      (_, i) => [bank.institution(`p${i}`).id, i + 1] as const,
    );
    sync(made, { epochs: eight });
    expect(made.state.subarray(688, 784).filter((byte) => byte === 0x70)).toHaveLength(8);
    sync(made, { epochs: [] });
    expect(made.state.subarray(684, 880)).toEqual(new Uint8Array(196));
  });

  it("are not touched by a response that is refused", () => {
    const made = device();
    const before = made.state.slice(684, 880);
    made.call("SyncRequest", {});
    const nonce = made.state.slice(568, 584);
    const answer = { nonce, limits, time: START, w: 9, stored: 0 };
    const response = signSync(home, made.id, { ...answer, epochs: [[other.id, 1]] });
    expect(made.status("Sync", { response })).toBe("ack-ahead");
    expect(made.state.slice(684, 880)).toEqual(before);
  });
});

describe("the provider's known key", () => {
  const confirmed = (made: Enrolled, d: number, chain: boolean): Uint8Array => {
    const signed = signConfirmation(home, made.id, { d, x: 5n });
    return chain ? unwrap(attach(signed, { chain: home.chain })) : signed;
  };

  it("is trusted alone until the end of its certificate, and with a valid chain afterwards", () => {
    const made = network.active();
    const end = START + 3650 * DAY;
    expect(new DataView(made.state.slice().buffer).getUint32(PROVIDER_EXP, true)).toBe(end);
    made.edit((state) => {
      state.setUint32(PROVIDER_EXP, START + 10, true);
      state.setUint32(TIME, START + 10, true);
    });
    expect(made.status("Deposit", { confirmation: confirmed(made, 1, false) })).toBe("ok");
    made.edit((state) => state.setUint32(TIME, START + 11, true));
    expect(made.status("Deposit", { confirmation: confirmed(made, 2, false) })).toBe(
      "unknown-issuer",
    );
    expect(made.status("Deposit", { confirmation: confirmed(made, 2, true) })).toBe("ok");
  });

  it("vouches for payees until then, and for payers thirty days longer", () => {
    const made = device();
    const payee = holder();
    made.edit((state) => {
      state.setUint32(EXP, START + 3650 * DAY, true);
      state.setUint32(PROVIDER_EXP, START, true);
      state.setUint32(TIME, START + 1, true);
    });
    expect(payTo(made, payee, 1n)).toBe("unknown-issuer");
    expect(payTo(made, payee, 1n, undefined, home)).toBe("ok");
    made.edit((state) => state.setUint32(TIME, START + 30 * DAY, true));
    expect(collectFrom(made, holder(), 1n)).toBe("ok");
    made.edit((state) => state.setUint32(TIME, START + 30 * DAY + 1, true));
    expect(collectFrom(made, holder(), 1n)).toBe("unknown-issuer");
  });

  it("is trusted for nothing once it is known to have leaked", () => {
    const made = network.active();
    const next = bank.provider("bank-a");
    made.call("SyncRequest", {});
    const nonce = made.state.slice(568, 584);
    const pins = { revokedKeys: [[keyIdOf(home.key.publicKey), seconds(START)] as const] };
    const terms = { nonce, limits: limitsOf(), time: START, w: 0, stored: 0, ...pins };
    const response = unwrap(attach(signSync(next, made.id, terms), { chain: next.chain }));
    expect(made.status("Sync", { response })).toBe("ok");
    for (const chain of [false, true])
      expect(made.status("Deposit", { confirmation: confirmed(made, 1, chain) })).toBe(
        "issuer-revoked",
      );
    const again = unwrap(
      attach(signConfirmation(next, made.id, { d: 1, x: 5n }), { chain: next.chain }),
    );
    expect(made.status("Deposit", { confirmation: again })).toBe("ok");
  });
});

describe("a PIN that was entered", () => {
  it("allows nothing any more once another try has begun", () => {
    const made = network.active(home, limitsOf({ noPinCap: 0n }));
    const pin = Uint8Array.of(1, 2, 3, 4);
    made.call("SetPin", { pin });
    fund(made, 100n);
    made.call("PinBegin", {});
    made.call("PinVerify", { pin, allowance: amount(50n) });
    made.call("PinBegin", {});
    expect(made.status("SetPin", { pin })).toBe("pin-required");
    expect(payTo(made, holder(), 10n)).toBe("pin-required");
    made.call("PinVerify", { pin, allowance: amount(50n) });
    expect(payTo(made, holder(), 10n)).toBe("ok");
  });
});
