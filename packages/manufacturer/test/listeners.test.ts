import { institutionClient, type TlsSettings } from "@bezant/pki/tls";
import { DEFAULT_HTTP, type App } from "@bezant/service/http";
import { foundTls, injected, overSocket, type Http, type TestTls } from "@bezant/service/testing";
import { opsTrustedApp } from "@bezant/tee";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../src/index.ts";
import { OEM, useWorld } from "./support/world.ts";

const current = useWorld();
const db = { connections: () => ({ open: 0, idle: 0, waiting: 0 }) };
const nonce = new Uint8Array(16).fill(4);
const closing: (() => Promise<unknown>)[] = [];
let devices: App;
let institutions: App;
let url: string;
let tls: TestTls;

beforeAll(async () => {
  tls = await foundTls();
  const { manufacturer } = current();
  devices = await createApp(manufacturer, db, DEFAULT_HTTP, "devices");
  const secure = { ...tls.manufacturer, admits: ["provider", "manufacturer"] } as const;
  institutions = await createApp(
    manufacturer,
    db,
    { ...DEFAULT_HTTP, tls: secure },
    "institutions",
  );
  url = await institutions.listen({ host: "127.0.0.1", port: 0 });
  await current().publish(opsTrustedApp());
});
afterAll(async () => {
  for (const close of closing) await close();
  await devices.close();
  await institutions.close();
});

/** Requests of somebody who is certified for TLS. */
function as(settings: TlsSettings): Http {
  const client = institutionClient({ id: OEM, role: "manufacturer" }, () => settings);
  closing.push(client.close);
  return overSocket(url, client.fetch);
}

describe("a manufacturer with a listener for institutions", () => {
  test("answers a provider that asks for itself", async () => {
    const device = await current().device();
    const evidence = await device.evidence(nonce);
    const bank = as(await tls.provider("bank-a"));
    expect((await current().attestation(evidence, nonce, undefined, bank)).code()).toBe("ok");
  });

  test("tells no provider what another one may rely on", async () => {
    const device = await current().device();
    const evidence = await device.evidence(nonce);
    const other = as(await tls.provider("bank-b"));
    const answer = await current().attestation(evidence, nonce, undefined, other);
    expect([answer.status, answer.code()]).toEqual([403, "wrong-peer"]);
  });

  test("takes the operator's orders from itself alone", async () => {
    const world = current();
    const { id } = await world.device();
    const order = { kind: "revoke", device: id } as const;
    const bank = as(await tls.provider("bank-c"));
    expect((await world.order(order, undefined, bank)).code()).toBe("wrong-peer");
    expect((await world.order(order, undefined, as(tls.manufacturer))).code()).toBe("ok");
  });

  test("lets in neither a central bank nor somebody without a certificate", async () => {
    await expect(as(tls.centralBank).get("/oem/v1/manufacturer")).rejects.toThrow();
    await expect(overSocket(url).get("/oem/v1/manufacturer")).rejects.toThrow();
    expect((await as(tls.manufacturer).get("/oem/v1/manufacturer")).status).toBe(200);
  });

  test("has one half of the routes on each, and who it is on both", async () => {
    const outer = injected(() => devices);
    const inner = as(tls.manufacturer);
    const junk = new Uint8Array(1);
    const found = async (http: Http, path: string): Promise<boolean> =>
      (await http.post(path, junk, "application/cose")).code() !== "not-found";
    for (const path of ["/oem/v1/attestations", "/operator/v1/orders", "/operator/v1/releases"]) {
      expect([path, await found(outer, path), await found(inner, path)]).toEqual([
        path,
        false,
        true,
      ]);
    }
    for (const path of ["/oem/v1/updates", "/oem/v1/installations", "/oem/v1/challenges"]) {
      expect([path, await found(outer, path), await found(inner, path)]).toEqual([
        path,
        true,
        false,
      ]);
    }
    for (const http of [outer, inner]) {
      expect((await http.get("/oem/v1/manufacturer")).json()).toMatchObject({
        manufacturer: "oem",
      });
    }
  });
});
