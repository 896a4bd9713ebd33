import { readFileSync } from "node:fs";
import { join } from "node:path";
import { unwrap } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { bezant, lines, start, type Ran } from "./support/bezant.ts";
import { useNetwork } from "./support/network.ts";
import { leftOver } from "./support/processes.ts";

const net = useNetwork();

/** What the operator of the network orders. */
function operator(name: string, ...args: string[]): Promise<Ran> {
  const { network, run, passphrase } = net();
  const key = [
    "--url",
    network.url("aurum"),
    "--key",
    network.layout.provider("aurum").operator,
    ...passphrase,
  ];
  return run("provider", name, ...args, ...key);
}

async function clientOf(wallet: string): Promise<string> {
  return String((await net().done("wallet", "show", "--wallet", wallet))["client"]);
}

describe("bezant provider", () => {
  it("funds a client once for one order, and shows that the supply adds up", async () => {
    const wallet = await net().wallet("funded", { device: false });
    const client = await clientOf(wallet);
    const orderId = "00112233445566778899aabbccddeeff";
    for (let time = 1; time <= 2; time += 1) {
      const funded = await operator("fund", client, "12.34", "--order-id", orderId);
      expect(lines(funded)).toEqual([{ client, amount: "1234", orderId }]);
    }
    const other = await operator("fund", client, "12.35", "--order-id", orderId);
    expect(other.code).toBe(1);
    expect(lines(other)).toMatchObject([{ refused: "order-conflict", state: "nothing-moved" }]);
    expect(lines(await operator("supply"))).toMatchObject([
      { online: "1234", offline: "0", funded: "1234", balanced: true, tampered: [] },
    ]);
  });

  it("keeps what arrives for a frozen client in suspense, and releases it", async () => {
    const a = await net().wallet("payer", { device: false, online: "5.00" });
    const b = await net().wallet("frozen", { device: false });
    const client = await clientOf(b);
    expect(lines(await operator("freeze", client))).toMatchObject([{ status: "frozen" }]);
    await net().done("wallet", "pay-online", client, "2.00", "--wallet", a);
    const balance = () => net().done("wallet", "balance", "--wallet", b);
    expect(await balance()).toMatchObject({ online: "0", suspense: "200", status: "frozen" });
    const refused = await net().run("wallet", "pay-online", client, "1.00", "--wallet", b);
    expect(refused.code).toBe(1);
    await operator("open", client);
    expect(await balance()).toMatchObject({ online: "200", suspense: "0", status: "open" });
    expect(lines(await operator("close", client))).toMatchObject([{ status: "closed" }]);
  });

  it("unlocks a PIN at the next sync", async () => {
    const a = await net().wallet("locked");
    const own = ["--wallet", a];
    const env = { BEZANT_PIN: "1234" };
    const set = () => bezant(["--json", "wallet", "set-pin", ...own], { cwd: net().cwd, env });
    expect((await set()).code).toBe(0);
    const { client, ta } = await net().done("wallet", "show", ...own);
    const unlocked = await operator("unlock-pin", String(client), String(ta));
    expect(lines(unlocked)).toMatchObject([{ ta }]);
    // The PIN is there still, and setting another one needs it.
    expect((await set()).code).toBe(2);
    await net().done("wallet", "sync", ...own);
    expect((await set()).code).toBe(0);
  });

  it("revokes a device, whose owner can still withdraw, and releases what waits for a decision", async () => {
    const a = await net().wallet("thieved", { online: "20.00", deposited: "20.00" });
    const shop = await net().wallet("shop", { device: false });
    const { client, ta } = await net().done("wallet", "show", "--wallet", a);
    const [request, payment] = ["request", "payment"].map((name) => join(net().cwd, name));
    await net().done("wallet", "request", "3.00", "--wallet", shop, "--out", request!);
    const pay = ["--in", request!, "--amount", "3.00", "--out", payment!];
    await net().done("wallet", "pay", "--wallet", a, ...pay);
    await net().done("wallet", "collect", "--wallet", shop, "--in", payment!);
    const revoked = lines(
      await operator("revoke", String(client), String(ta), "--reason", "broken"),
    );
    expect(revoked).toMatchObject([{ client, subject: ta, reason: "broken" }]);
    // The same again says what is so.
    expect(lines(await operator("revoke", String(client), String(ta)))).toMatchObject([
      { epoch: revoked[0]?.["epoch"] },
    ]);
    await net().run("wallet", "claim", "--wallet", shop);
    const balance = () => net().done("wallet", "balance", "--wallet", shop);
    expect(await balance()).toMatchObject({ online: "0" });
    const receiver = await clientOf(shop);
    const early = await operator("release-claim", receiver, String(ta), "9");
    expect(lines(early)).toMatchObject([{ refused: "unknown-review", state: "nothing-moved" }]);
    expect(lines(await operator("release-claim", receiver, String(ta), "1"))).toMatchObject([
      { client: receiver, ta, j: "1" },
    ]);
    expect(await balance()).toMatchObject({ online: "300" });
    const withdrawn = await net().done("wallet", "withdraw", "5.00", "--wallet", a);
    expect(withdrawn).toMatchObject({ amount: "500", credited: true });
    const key = await operator("revoke-key", "5d3c0a91b2e4f677", "0");
    expect(lines(key)).toMatchObject([{ kid: "5d3c0a91b2e4f677", since: "0" }]);
    for (const bad of [
      ["revoke", "x", "y"],
      ["revoke-key", "5d", "0"],
      ["revoke-key", "5d3c0a91b2e4f677", "4294967296"],
      ["revoke-key", "5d3c0a91b2e4f677", "-1"],
      ["revoke", String(client), String(ta), "--reason", "whim"],
    ]) {
      expect((await operator(bad[0]!, ...bad.slice(1))).code).toBe(2);
    }
  });

  it("revokes what its owner reports lost, and keeps its refund until it is released", async () => {
    const a = await net().wallet("lost", { online: "9.00", deposited: "9.00" });
    const shop = await net().wallet("stall", { device: false });
    const own = ["--wallet", a];
    const { client, ta } = await net().done("wallet", "show", ...own);
    const [asked, paid, declined] = ["lost-1", "lost-2", "lost-3"].map((name) =>
      join(net().cwd, name),
    );
    await net().done("wallet", "request", "3.00", "--wallet", shop, "--out", asked!);
    await net().done("wallet", "pay", ...own, "--in", asked!, "--amount", "3.00", "--out", paid!);
    await net().done("wallet", "collect", "--wallet", shop, "--in", paid!);
    await net().network.stopDevice("lost");
    const report = (...args: string[]) => net().run("wallet", "report-lost", ...own, ...args);
    expect((await report()).code).toBe(2);
    expect((await report("--yes", "--ta", "xyz")).code).toBe(2);
    const stranger = await report("--yes", "--ta", "ab".repeat(32));
    expect(lines(stranger)).toMatchObject([{ refused: "unknown-trusted-app" }]);
    for (const _ of [1, 2]) expect(lines(await report("--yes"))).toEqual([{ ta, revoked: true }]);
    // It has turned up.
    unwrap(await net().network.startDevice("lost"));
    const more = await net().run("wallet", "deposit", "1.00", ...own);
    expect(more.code).not.toBe(0);
    const decline = ["decline", String(ta), "1", "--wallet", shop, "--out", declined!];
    expect(await net().done("wallet", ...decline)).toMatchObject({ state: "never-settled" });
    const settle = await net().done("wallet", "settle", ...own, "--in", declined!);
    expect(settle).toMatchObject({ verdict: "refund-due" });
    const waiting = await net().run("wallet", "refund", ...own);
    expect(waiting.code).not.toBe(0);
    expect(waiting.stdout + waiting.stderr).toContain("refund-in-review");
    const release = (j: string) => operator("release-refund", String(client), String(ta), j);
    expect(lines(await release("7"))).toMatchObject([{ refused: "unknown-review" }]);
    for (const _ of [1, 2])
      expect(lines(await release("1"))).toMatchObject([{ client, ta, j: "1" }]);
    await net().run("wallet", "refund", ...own);
    const held = await net().done("wallet", "balance", ...own);
    expect(held).toMatchObject({ offline: "900", online: "0" });
    await net().network.stopDevice("lost");
  });

  it("says once that its database was restored from a backup", async () => {
    await net().wallet("with-device");
    const [said] = lines(await operator("restored"));
    expect(Number(said?.["tas"])).toBeGreaterThan(0);
    expect(lines(await operator("restored"))).toMatchObject([{ tas: "0" }]);
    expect(lines(await operator("restored", "--revocations-known"))).toMatchObject([{ tas: "0" }]);
  });

  it("writes off what a restore has lost, and no more than that", async () => {
    expect(lines(await operator("write-off"))).toMatchObject([{ amount: "0" }]);
    expect(lines(await operator("supply"))).toMatchObject([
      { settlement: { lost: { missing: "0", writtenOff: "0" } } },
    ]);
    const id = ["--order-id", "0".repeat(32)];
    const tooMuch = await operator("write-off", "1.00", ...id);
    expect(lines(tooMuch)).toMatchObject([{ refused: "not-forgotten", state: "nothing-moved" }]);
    expect(tooMuch.code).toBe(1);
    expect((await operator("write-off", ...id)).code).toBe(1);
    for (const bad of [["0.001"], ["-1"], ["1.00", "--order-id", "5d"]]) {
      expect((await operator("write-off", ...bad)).code).toBe(2);
    }
  });

  it("takes orders of nobody but the operator", async () => {
    const wallet = await net().wallet("prey", { device: false });
    const client = await clientOf(wallet);
    const { network, run, cwd, passphrase } = net();
    await net().done("provider", "operator-key", "--dir", join(cwd, "thief"), ...passphrase);
    const key = ["--url", network.url("aurum"), "--key", join(cwd, "thief"), ...passphrase];
    const refused = await run("provider", "fund", client, "1.00", ...key);
    expect(refused.code).toBe(1);
    expect(lines(refused)).toMatchObject([{ refused: "unknown-issuer", state: "nothing-moved" }]);
    expect((await run("provider", "supply", ...key)).code).toBe(1);
    const unknown = await operator("fund", "0".repeat(64), "1.00");
    expect(lines(unknown)).toMatchObject([{ refused: "unknown-client" }]);
  });

  it("serves from a configuration of its own until it is told to stop", async () => {
    const { network, cwd, run, passphrase } = net();
    const { layout } = network;
    const certificate = (folder: string): string => join(folder, "certificate.hex");
    const key = ["--dir", join(cwd, "second-operator"), ...passphrase];
    const { publicKey } = await net().done("provider", "operator-key", ...key);
    const file = join(cwd, "second", "provider.json");
    const options = [
      ["--out", file, "--authority", layout.provider("aurum").authority, ...passphrase],
      ["--intermediary", certificate(layout.intermediary), "--root", certificate(layout.root)],
      ["--oem-root", certificate(layout.oem), "--operator", String(publicKey)],
      ["--data-dir", join(cwd, "second", "data"), "--port", "0"],
    ].flat();
    const capped = [...options, "--unchecked", "12.50"];
    expect((await run("provider", "config", ...options, "--unchecked", "-1")).code).toBe(2);
    const others = ["--other-provider", "boreal=https://127.0.0.1:1"];
    for (const wrong of [
      others,
      ["--institutions-port", "0"],
      ["--institutions-address", "https://aurum.example:8082"],
      ["--institutions-address", "http://aurum.example:8082"],
      ["--institutions-address", "https://aurum.example/path"],
      ["--other-provider", "boreal"],
      ["--other-provider", "boreal=http://127.0.0.1:1"],
    ]) {
      expect((await run("provider", "config", ...options, ...wrong)).code).toBe(2);
    }
    const tls = ["--tls", layout.provider("aurum").tls, "--tls-root", layout.tlsRoot];
    const address = "https://aurum.example:8082";
    const known = [
      "--institutions-port",
      "0",
      ...others,
      ...tls,
      "--institutions-address",
      address,
    ];
    expect((await run("provider", "config", ...capped, ...known)).code).toBe(0);
    expect((await run("provider", "config", ...options)).code).toBe(1);
    const config: unknown = JSON.parse(readFileSync(file, "utf8"));
    expect(config).toMatchObject({
      limits: { noPinCap: "5000", uncheckedCap: "1250" },
      institutions: { port: 0, address },
      providers: [{ id: "boreal", url: "https://127.0.0.1:1" }],
    });

    const serving = start(["--json", "provider", "serve", "--config", file], { cwd });
    const { url } = await serving.said({ event: "listening" });
    const info = (await (await fetch(`${String(url)}/v1/provider`)).json()) as object;
    expect(info).toMatchObject({ provider: "aurum", currency: "EUR" });
    // Software devices are for demonstration: a provider takes none unless it is told to.
    const device = join(cwd, "soft");
    const oem = ["--oem", layout.oem, ...passphrase];
    await net().done("device", "create", "--dir", device, ...oem);
    const own = ["--wallet", join(cwd, "soft-wallet")];
    const trust = ["--root", certificate(layout.root), "--provider", String(url)];
    await net().done("wallet", "create", ...own, ...trust, "--device", device);
    await net().done("wallet", "register", ...own);
    const refused = await run("wallet", "register-ta", ...own);
    expect(lines(refused)).toMatchObject([{ refused: "security-level" }]);

    serving.child.kill("SIGTERM");
    const ended = await serving.ended;
    expect([ended.code, lines(ended).at(-1)]).toEqual([0, { event: "stopped" }]);
    expect(await leftOver(file)).toEqual([]);
  });
});
