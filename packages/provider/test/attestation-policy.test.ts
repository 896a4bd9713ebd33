import { deviceIdOf, err, ok, refusal, unwrap, type Refusal, type Result } from "@bezant/protocol";
import { createDatabase, useServer } from "@bezant/service/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openDatabase, type OpenDatabase } from "../src/database.ts";
import { httpVerifier, type OemVerifier } from "../src/index.ts";
import {
  foundManufacturer,
  makeDevice,
  makeWorld,
  TestTa,
  type Device,
  type TestWallet,
  type World,
} from "./support/world/index.ts";
import { serveManufacturer, type ManufacturerServer } from "./support/world/manufacturer.ts";

const server = useServer();
const manufacturer = foundManufacturer();
const open: OpenDatabase[] = [];
let maker: ManufacturerServer;
beforeAll(async () => {
  maker = await serveManufacturer(manufacturer, await createDatabase(server()));
});
afterAll(async () => {
  for (const db of open) await db.close();
  await maker.close();
});

/** A provider that asks this service, or the real one. */
async function worldWith(service?: OemVerifier["ask"]): Promise<World> {
  const db = unwrap(await openDatabase({ databaseUrl: await createDatabase(server()) }));
  open.push(db);
  const real = httpVerifier(maker.root, maker.url, fetch);
  const oemVerifiers = [service === undefined ? real : { root: maker.root, ask: service }];
  return makeWorld(db, { manufacturer, oemVerifiers });
}

async function register(world: World, device: Device, wallet?: TestWallet, ta?: TestTa) {
  const client = wallet ?? (await world.wallet());
  const app = ta ?? new TestTa(device, world.id, world.institutions.root);
  const evidence = app.attest(await client.challenge("attest"));
  const reply = await client.post("tas", client.taRegistration(evidence));
  return { code: reply.code(), client, ta: app, evidence };
}

describe("a provider that asks the manufacturer", () => {
  test("certifies TAs of devices that the manufacturer affirms, and renews while it does", async () => {
    const world = await worldWith();
    const device = makeDevice(manufacturer);
    expect((await register(world, device)).code).toBe("unknown-device");
    await maker.enrol(device);
    const { code, client, ta } = await register(world, device);
    expect(code).toBe("ok");
    expect((await register(world, device, client, ta)).code).toBe("ok");
    await maker.revoke(deviceIdOf(device.key.publicKey));
    expect((await register(world, device, client, ta)).code).toBe("device-revoked");
  });

  test("certifies nothing while the manufacturer does not answer", async () => {
    const answers: readonly [string, Result<Uint8Array, Refusal>][] = [
      ["unavailable", err(refusal("unavailable"))],
      ["malformed", ok(Uint8Array.of(1, 2))],
    ];
    for (const [code, answer] of answers) {
      const world = await worldWith(() => Promise.resolve(answer));
      expect((await register(world, makeDevice(manufacturer))).code).toBe(code);
    }
    const nobody = httpVerifier(maker.root, "http://127.0.0.1:1", fetch);
    expect(await nobody.ask(new Uint8Array())).toMatchObject({ error: { code: "unavailable" } });
  });

  test("takes no page, no flood and no strange code for an answer", async () => {
    const asked = async (body: string | Uint8Array<ArrayBuffer>, status: number) =>
      httpVerifier(maker.root, "http://x", () =>
        Promise.resolve(new Response(body, { status })),
      ).ask(new Uint8Array());
    for (const [body, status] of [
      ["<html>", 502],
      ['{"code":"no-such-code"}', 422],
      ["null", 500],
      [new Uint8Array(100_000), 200],
    ] as const) {
      expect(await asked(body, status)).toMatchObject({ error: { code: "unavailable" } });
    }
    expect(await asked('{"code":"device-revoked"}', 403)).toMatchObject({
      error: { code: "device-revoked" },
    });
  });

  test("relies on an answer about this evidence alone", async () => {
    const device = makeDevice(manufacturer);
    await maker.enrol(device);
    const real = httpVerifier(maker.root, maker.url, fetch);
    let first: Result<Uint8Array, Refusal> | undefined;
    const world = await worldWith(async (query) => (first ??= await real.ask(query)));
    const { code, client, ta } = await register(world, device);
    expect(code).toBe("ok");
    // The same answer again, to other evidence.
    expect((await register(world, device, client, ta)).code).toBe("unknown-nonce");
  });
});

describe("one device, one TA", () => {
  test("a second client is refused a device that is registered, used or not", async () => {
    const world = await worldWith();
    const device = makeDevice(manufacturer);
    await maker.enrol(device);
    await register(world, device);
    expect((await register(world, device)).code).toBe("device-bound");
  });

  test("a clone of the device, with a TA of its own, is refused once the first one is in use", async () => {
    const world = await worldWith();
    const device = makeDevice(manufacturer);
    await maker.enrol(device);
    const wallet = await world.wallet(1000n);
    const first = await wallet.registerTa(device);
    await wallet.deposit(first, 10n);
    expect((await register(world, device, wallet)).code).toBe("device-bound");
    expect((await register(world, device)).code).toBe("device-bound");
    // The first goes on, and can be renewed; once it is retired the device is free.
    expect((await register(world, device, wallet, first)).code).toBe("ok");
    await wallet.withdraw(first, 10n);
    (await wallet.post("retirements", first.retire())).json();
    expect((await register(world, device, wallet)).code).toBe("ok");
  });

  test("a TA that was set up anew before it was used takes the place of the first one, which is ended", async () => {
    const world = await worldWith();
    const device = makeDevice(manufacturer);
    await maker.enrol(device);
    const { client, ta: first } = await register(world, device);
    expect((await register(world, device, client)).code).toBe("ok");
    expect((await register(world, device, client, first)).code).toBe("unknown-trusted-app");
  });

  test("another device's evidence, and evidence that was used, are refused", async () => {
    const world = await worldWith();
    const [device, other] = [makeDevice(manufacturer), makeDevice(manufacturer)];
    await maker.enrol(device);
    await maker.enrol(other);
    const { client, evidence } = await register(world, device);
    const replayed = await client.post("tas", client.taRegistration(evidence));
    expect(replayed.code()).toBe("unknown-nonce");
    const thief = await world.wallet();
    expect((await thief.post("tas", thief.taRegistration(evidence))).code()).toBe("unknown-nonce");
    const posing = new TestTa(device, world.id, world.institutions.root);
    Object.assign(posing, { device: { ...device, certificate: other.certificate } });
    expect((await register(world, device, undefined, posing)).code).toBe("wrong-key");
  });
});

test("a TA older than the minimum is refused, and so is the renewal of one that was certified before", async () => {
  const world = await worldWith();
  const device = makeDevice(manufacturer);
  await maker.enrol(device);
  const { client, ta } = await register(world, device);
  Object.assign(world.parts.policy.attestation, { minimumTaVersion: 2 });
  expect((await register(world, device, client, ta)).code).toBe("outdated-version");
  expect((await register(world, makeDevice(manufacturer))).code).toBe("outdated-version");
});

test("a TA whose release was withdrawn is refused", async () => {
  const world = await worldWith();
  const device = makeDevice(manufacturer);
  await maker.enrol(device);
  await maker.withdraw();
  expect((await register(world, device)).code).toBe("untrusted-measurement");
});
