import { amount, err, seconds, unwrap, type Counter } from "@bezant/protocol";
import { COMMANDS, encodeInput } from "@bezant/trusted-app/commands";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { give, giveReceipt } from "../src/simulation/actions/malware.ts";
import { Arena } from "../src/simulation/simulation.ts";
import type { User } from "../src/simulation/user.ts";
import { World } from "../src/simulation/world.ts";

// What long runs have found in the oracle and the adversary themselves, where the device's storage decides whether a script would find it.

const OUTBOX = 16;
let arena: Arena;
let world: World;
let user: User;

beforeAll(async () => {
  arena = await Arena.open(1);
});
afterAll(() => arena.close());
beforeEach(async () => {
  const { stores } = arena;
  for (const store of stores) await store.clear();
  world = new World({ seed: "oracle", mode: "stub", stores, devices: 1, merchants: 0 });
  await world.found();
  user = world.users[0] as User;
});

const { number: REQUEST } = COMMANDS.RequestPayment;
const ASKED = encodeInput("RequestPayment", {
  amount: amount(5n),
  expires: seconds(0),
  replaces: 0 as Counter,
});

/** Nobody gets the device's answer, nor can look at it. */
function requestCutOff(): void {
  const { device } = user;
  if (device === undefined) throw new Error("no device");
  const lost = err({
    code: "TEEC_ERROR_COMMUNICATION",
    origin: "communication",
    state: "unknown",
  } as const);
  const look = vi.spyOn(device, "ask").mockReturnValue(lost);
  device.observer(REQUEST, ASKED, lost);
  look.mockRestore();
}

/** It does what it was told. */
function doRequest(): void {
  unwrap(user.device!.ask(REQUEST, ASKED));
}

describe("the oracle, of a request whose message nobody got", () => {
  it("demands it once it can look again", () => {
    doRequest();
    requestCutOff();
    const watch = world.oracle.tas.get(user);
    watch?.look();
    expect(watch?.open).toMatchObject([{ r: 1, amount: 5n }]);
  });

  it("dusk/7: demands only its outcome where malware has ended it by then", () => {
    doRequest();
    requestCutOff();
    give(world, user, "CancelRequest", { r: 1 as Counter });
    expect(world.oracle.tas.get(user)).toMatchObject({ isCertain: true, open: [] });
  });

  it("demands that outcome", () => {
    doRequest();
    requestCutOff();
    const { device } = user;
    const ask = device?.ask.bind(device);
    const silent = unwrap(ask!(COMMANDS.Resend.number, encodeInput("Resend", none())));
    vi.spyOn(device!, "ask").mockImplementation((command, input) =>
      command === COMMANDS.Resend.number ? { ok: true, value: silent } : ask!(command, input),
    );
    expect(() => give(world, user, "CancelRequest", { r: 1 as Counter })).toThrow(
      "outcome 1 cannot be had again",
    );
  });
});

it("night/41: what an older flash does not know may be in the newest, which comes back", () => {
  const { files } = user.device!;
  const watch = world.oracle.tas.get(user)!;
  requestCutOff();
  user.newestFlash = { image: files.image(), writes: files.writes };
  watch.look("an older flash was put in");
  expect(watch.isCertain).toBe(false);
  user.newestFlash = undefined;
  doRequest();
  watch.look();
  expect(watch).toMatchObject({ isCertain: true, open: [{ r: 1 }] });
});

/** What no device has. */
function none() {
  return { kind: "outcome", n: 1000 as Counter } as const;
}

it("dusk/94: nobody forges the word of a payee who is the payer", async () => {
  const pay = async (): Promise<void> => {
    const ask = { amount: amount(1n), as: "wallet", withChain: true } as const;
    const asked = await world.finish(user.main.run((wallet) => wallet.requestPayment(ask)));
    const { message, r } = unwrap(asked!);
    world.oracle.noteWalletRequest(message);
    world.oracle.wishes.wish(`pay ${user.number} ${user.wallet}/${r}`);
    unwrap((await world.finish(user.main.run((wallet) => wallet.pay(message))))!);
  };
  for (let i = 0; i < OUTBOX; i++) await pay();
  const { unsettled } = world.oracle.tas.get(user)!.book.figures;
  expect(unsettled).toHaveLength(OUTBOX);
  expect(giveReceipt(world, user, unsettled)).toBe(false);
});
