import {
  decode,
  parseCertificate,
  registration,
  registrationAnswer,
  unwrap,
} from "@bezant/protocol";
import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "./support/database.ts";
import { makeWorld, newKey, TestWallet, YEAR, type World } from "./support/world/index.ts";

const database = useDatabase();
let world: World;
beforeAll(async () => {
  world = await makeWorld(database());
});

describe("registration (Figure 2)", () => {
  test("answers a certificate for the wallet's key, with the provider's chain", async () => {
    const wallet = await world.wallet();
    const { claims } = unwrap(parseCertificate(wallet.certificate));
    expect(claims).toMatchObject({ role: "wallet", iss: world.id, serial: 1 });
    expect(claims.key).toBe(wallet.key.publicKey.compressed);
    expect(wallet.chain).toEqual(world.chain);
    expect(await wallet.online()).toBe(0n);
  });

  test("the same key again is the same client with the same certificate", async () => {
    const wallet = await world.wallet();
    const again = await Promise.all(
      Array.from({ length: 5 }, () =>
        new TestWallet(world.http, world.id, world.institutions.root, wallet.key).register(),
      ),
    );
    for (const { certificate } of again) expect(certificate).toEqual(wallet.certificate);
  });

  test("many at once with one key are one client", async () => {
    const key = newKey();
    const wallets = await Promise.all(
      Array.from({ length: 8 }, () =>
        new TestWallet(world.http, world.id, world.institutions.root, key).register(),
      ),
    );
    expect(
      new Set(wallets.map(({ certificate }) => Buffer.from(certificate).toString("hex"))).size,
    ).toBe(1);
  });

  test("after half of its time a certificate is renewed, with a higher serial", async () => {
    const own = await makeWorld(database());
    const wallet = await own.wallet();
    own.clock.advance(0.6 * YEAR);
    const reply = await own.http.cose("/v1/clients", wallet.registration());
    const [renewed] = unwrap(decode(registrationAnswer, reply.bytes()));
    expect(unwrap(parseCertificate(renewed)).claims.serial).toBe(2);
  });

  test("a registration by another key than the one it carries is refused", async () => {
    const wallet = new TestWallet(world.http, world.id, world.institutions.root);
    const forged = wallet.say(registration, { key: wallet.key.publicKey.compressed }, newKey());
    const reply = await world.http.cose("/v1/clients", forged);
    expect(reply.code()).toBe("bad-signature");
  });
});
