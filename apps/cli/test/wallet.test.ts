import { existsSync } from "node:fs";
import { connect } from "node:net";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bezant, lines, start, type Ran } from "./support/bezant.ts";
import { useNetwork } from "./support/network.ts";

const net = useNetwork();

function wallet(folder: string, name: string, ...args: string[]): Promise<Ran> {
  return net().run("wallet", name, ...args, "--wallet", folder);
}

function done(folder: string, name: string, ...args: string[]): Promise<Record<string, unknown>> {
  return net().done("wallet", name, ...args, "--wallet", folder);
}

function path(name: string): string {
  return join(net().cwd, name);
}

describe("bezant wallet", () => {
  it("pays from hand to hand with files, settles, spends on, withdraws and shows all of it", async () => {
    const a = await net().wallet("a", { device: "on demand", online: "50.00", deposited: "20.00" });
    const b = await net().wallet("b");
    const asked = await done(b, "request", "5.00", "--out", path("request"));
    expect(asked).toMatchObject({ r: "1", amount: "500", currency: "EUR", payeeClass: "ta" });
    const pay = ["--in", path("request"), "--amount", "5.00"];
    const paid = await done(a, "pay", ...pay, "--out", path("payment"));
    expect(paid).toMatchObject({ amount: "500", j: "1", payee: asked["payee"] });
    // The same request again is the same payment, not another one.
    expect(await done(a, "pay", ...pay)).toMatchObject({ j: "1", message: paid["message"] });
    const taken = await done(b, "collect", "--in", path("payment"), "--out", path("receipt"));
    expect(taken).toMatchObject({ amount: "500", state: "collected" });
    expect(await done(a, "settle", "--in", path("receipt"))).toMatchObject({ verdict: "settled" });
    expect(await done(b, "withdraw", "2.00")).toMatchObject({ amount: "200", credited: true });
    expect(await done(a, "sync")).toMatchObject({ refused: 0 });
    expect(await done(a, "resume")).toEqual({ unfinished: null });
    expect(await done(a, "balance")).toMatchObject({ online: "3000", offline: "1500", paid: "0" });
    expect(await done(b, "balance", "--offline")).toMatchObject({ online: null, offline: "300" });
    const history = lines(await wallet(b, "history"));
    // Both may have happened in one second.
    expect(history.toSorted((x, y) => Number(y["amount"]) - Number(x["amount"]))).toMatchObject([
      { kind: "received", amount: "500", state: "collected" },
      { kind: "withdrawal", amount: "200", state: "credited" },
    ]);
    const booked = lines(await wallet(b, "history", "--online"));
    expect(booked).toMatchObject([{ operation: "withdrawal", amount: "200" }]);
  });

  it("takes pasted text, with what mail does to it", async () => {
    const a = await net().wallet("text-a", { online: "9.00", deposited: "9.00" });
    const b = await net().wallet("text-b", { device: false });
    const { text } = (await done(b, "request", "1.50")) as { text: string };
    const mailed = `Hello,\n> ${text.slice(0, 70)}\n> ${text.slice(70)}\nbye\n`;
    const cwd = net().cwd;
    const args = ["--json", "wallet", "pay", "--wallet", a, "--in", "-", "--yes"];
    const paid = await bezant(args, { cwd, input: mailed });
    expect(paid).toMatchObject({ code: 0, stderr: "" });
    const payment = String(lines(paid)[0]?.["text"]);
    const collect = ["--json", "wallet", "collect", "--wallet", b, "--in", "-"];
    const taken = await bezant(collect, { cwd, input: payment });
    expect(lines(taken)).toMatchObject([{ state: "received", amount: "150", isRepeat: false }]);
    // Shown a second time it is nothing new, and says so.
    const again = await bezant(collect, { cwd, input: payment });
    expect(lines(again)).toMatchObject([{ state: "received", amount: "150", isRepeat: true }]);
    expect(await done(b, "balance")).toMatchObject({ claimable: "150", online: "0" });
    expect(await done(b, "claim")).toMatchObject({ count: 1, amount: "150" });
    expect(await done(b, "claim")).toMatchObject({ count: 0, amount: "0" });
    expect(await done(b, "balance")).toMatchObject({ claimable: "0", online: "150" });

    // Cut, changed, of another kind, or no message at all: refused, and nothing has moved.
    for (const [input, code] of [
      [text.slice(0, -20), "damaged-text"],
      [text.replace("A", "B"), "damaged-text"],
      [payment, "wrong-type"],
      ["Please pay me 5 euros.", "malformed"],
      ["", "malformed"],
    ] as const) {
      const refused = await bezant(args, { cwd, input });
      expect([refused.code, lines(refused)[0]?.["refused"]]).toEqual([1, code]);
      expect(lines(refused)[0]?.["state"]).toBe("nothing-moved");
    }
    const flood = await bezant(args, { cwd, input: "x".repeat(100_000) });
    expect(flood.code).toBe(1);
  });

  it("pays by tap; a payer who expects another amount does not pay, and the payee waits on", async () => {
    const a = await net().wallet("tap-a", { online: "9.00", deposited: "9.00" });
    const b = await net().wallet("tap-b");
    const socket = path("till");
    const receiving = start(
      ["--json", "wallet", "receive", "2.50", "--wallet", b, "--listen", socket],
      { cwd: net().cwd },
    );
    while (!existsSync(socket)) await new Promise(setImmediate);
    // Somebody who says something else, and somebody who says nothing, do not keep the payer away.
    connect(socket)
      .on("error", () => undefined)
      .end("GET / HTTP/1.1\r\n\r\n");
    connect(socket)
      .on("error", () => undefined)
      .end();
    const other = await wallet(a, "pay", "--connect", socket, "--amount", "2.00");
    expect(other.code).toBe(1);
    expect(lines(other)).toMatchObject([{ refused: "not-approved", state: "nothing-moved" }]);
    const paid = await done(a, "pay", "--connect", socket, "--amount", "2.50");
    expect(paid).toMatchObject({ amount: "250", verdict: "settled" });
    const received = await receiving.ended;
    expect(received.code).toBe(0);
    expect(lines(received)).toMatchObject([{ amount: "250", state: "collected", j: "1" }]);
    expect(await done(a, "balance", "--offline")).toMatchObject({ offline: "650", paid: "0" });
    const nobody = await wallet(a, "pay", "--connect", path("nobody-listens"), "--yes");
    expect(lines(nobody)).toMatchObject([{ state: "nothing-moved" }]);
    expect(nobody.code).toBe(1);
  });

  it("leaves a request open when nobody taps, and ends it on demand", async () => {
    const b = await net().wallet("open-b");
    const socket = path("lonely");
    const receiving = start(
      ["--json", "wallet", "receive", "3.00", "--wallet", b, "--listen", socket],
      { cwd: net().cwd },
    );
    while (!existsSync(socket)) await new Promise(setImmediate);
    const locked = await wallet(b, "show");
    expect(locked.code).toBe(1);
    expect(lines(locked)).toMatchObject([{ refused: "store-locked", state: "nothing-moved" }]);
    receiving.child.kill("SIGINT");
    expect((await receiving.ended).code).toBe(3);
    expect(await done(b, "show")).toMatchObject({ open: [{ r: "1", amount: "300" }] });
    expect(await done(b, "cancel", "1")).toMatchObject({ r: "1", ended: "void" });
    expect(await done(b, "show")).toMatchObject({ open: [] });
  });

  it("gives the money back for a request that was cancelled meanwhile", async () => {
    const a = await net().wallet("late-a", { online: "5.00", deposited: "5.00" });
    const b = await net().wallet("late-b");
    await done(b, "request", "4.00", "--out", path("late-request"));
    await done(a, "pay", "--in", path("late-request"), "--yes", "--out", path("late-payment"));
    await done(b, "cancel", "1", "--out", path("void"));
    const late = await wallet(b, "collect", "--in", path("late-payment"));
    expect(late.code).toBe(3);
    expect(lines(late).map(({ refused }) => refused)).toEqual([undefined, "request-void"]);
    expect(await done(a, "settle", "--in", path("void"))).toMatchObject({ verdict: "refund-due" });
    expect(await done(a, "balance", "--offline")).toMatchObject({
      offline: "100",
      refundable: "400",
    });
    expect(await done(a, "refund")).toMatchObject({ count: 1, amount: "400" });
    expect(await done(a, "balance", "--offline")).toMatchObject({
      offline: "500",
      refundable: "0",
    });
  });

  it("declines a payment, and the payer gets it back", async () => {
    const a = await net().wallet("kind-a", { online: "5.00", deposited: "5.00" });
    const b = await net().wallet("kind-b", { device: false });
    await done(b, "request", "2.00", "--out", path("kind-request"));
    const pay = ["--in", path("kind-request"), "--yes", "--out", path("kind-payment")];
    await done(a, "pay", ...pay);
    const { sender, j } = await done(b, "collect", "--in", path("kind-payment"));
    const declined = await done(b, "decline", String(sender), String(j), "--out", path("declined"));
    expect(declined).toMatchObject({ state: "never-settled" });
    await done(a, "settle", "--in", path("declined"));
    expect(await done(a, "refund")).toMatchObject({ count: 1, amount: "200" });
  });

  it("says how a payment goes back that came for a cancelled request, and knows its sender by a few digits", async () => {
    const a = await net().wallet("sorry-a", { online: "5.00", deposited: "5.00" });
    const b = await net().wallet("sorry-b", { device: false });
    await done(b, "request", "1.00", "--out", path("sorry-request"));
    await done(b, "cancel", "1");
    const pay = ["--in", path("sorry-request"), "--yes", "--out", path("sorry-payment")];
    await done(a, "pay", ...pay);
    const again = await wallet(a, "pay", ...pay);
    expect(again.code).toBe(1);
    expect(lines(again)[0]?.["failed"]).toContain("was paid earlier");
    const { cwd } = net();
    const collect = ["wallet", "collect", "--wallet", b, "--in", path("sorry-payment")];
    const { code, stderr } = await bezant(collect, { cwd });
    expect(code).toBe(3);
    const suggested = /wallet decline ([0-9a-f]{64}) 1 --out declined\.txt --wallet \S+/;
    expect(stderr).toMatch(suggested);
    const sender = suggested.exec(stderr)?.[1] ?? "";
    const decline = (...args: string[]) => wallet(b, "decline", ...args, "--out", path("sorry"));
    expect((await decline("00000000", "1")).code).toBe(2);
    expect((await decline(sender.slice(0, 7), "1")).code).toBe(2);
    expect((await decline(sender.slice(0, 8), "1")).code).toBe(0);
    expect(await done(a, "settle", "--in", path("sorry"))).toMatchObject({ verdict: "refund-due" });
    expect(await done(a, "refund")).toMatchObject({ count: 1, amount: "100" });
  });

  it("says that there is no device before it asks for a PIN", async () => {
    const shop = await net().wallet("pin-shop", { device: false });
    const set = await wallet(shop, "set-pin");
    expect(lines(set)).toMatchObject([{ refused: "no-device", state: "nothing-moved" }]);
  });

  it("asks for the PIN where the device wants it", async () => {
    const a = await net().wallet("pin-a", { online: "90.00" });
    const b = await net().wallet("pin-b");
    await writeFile(path("pin"), "2468\n");
    await writeFile(path("wrong-pin"), "1111\n");
    await done(a, "set-pin", "--pin-file", path("pin"));
    await done(a, "deposit", "90.00");
    // More than goes to a payee whose standing is not known: the list comes with the sync.
    await done(a, "sync");
    await done(b, "request", "60.00", "--out", path("large"));
    const pay = ["pay", "--in", path("large"), "--yes"] as const;
    const without = await wallet(a, ...pay);
    expect(without.code).toBe(2);
    const wrong = await wallet(a, ...pay, "--pin-file", path("wrong-pin"));
    expect(lines(wrong)).toMatchObject([{ refused: "pin-wrong", state: "nothing-moved" }]);
    await done(a, ...pay, "--pin-file", path("pin"));
    expect(await done(a, "balance", "--offline")).toMatchObject({ offline: "3000" });
  });

  it("pays online, and a device that is empty can be retired and registered anew", async () => {
    const a = await net().wallet("online-a", { online: "5.00" });
    const b = await net().wallet("online-b", { device: false });
    const { client } = await done(b, "show");
    await done(a, "pay-online", String(client), "2.00");
    expect(await done(b, "balance")).toMatchObject({ online: "200" });
    const { ta } = await done(a, "retire");
    const again = await done(a, "register-ta");
    expect(again["ta"]).not.toBe(ta);
  });

  it("keeps its key from other users, and says so where it cannot", async () => {
    const a = await net().wallet("private", { device: false });
    expect((await stat(a)).mode & 0o777).toBe(0o700);
    expect((await stat(join(a, "key.hex"))).mode & 0o777).toBe(0o600);
    const env = { BEZANT_WALLET: a };
    const shown = await bezant(["--json", "wallet", "show"], { cwd: net().cwd, env });
    expect(lines(shown)).toMatchObject([{ currency: "EUR", device: null }]);
    await chmod(a, 0o755);
    const refused = await wallet(a, "show");
    expect(refused.code).toBe(1);
    expect(lines(refused)).toMatchObject([{ refused: "store-failed" }]);
  });

  it("refuses what the limits, the balance and the provider do not allow; nothing has moved", async () => {
    const a = await net().wallet("poor-a", { online: "10.00", deposited: "1.00" });
    const b = await net().wallet("poor-b");
    const cases: readonly (readonly [string, readonly string[]])[] = [
      ["insufficient-balance", ["deposit", "9.01"]],
      ["limit-holding", ["deposit", "499.01"]],
      ["insufficient-balance", ["withdraw", "1.01"]],
      ["unknown-client", ["pay-online", "0".repeat(64), "1.00"]],
      ["insufficient-balance", ["withdraw", "184467440737095516.15"]],
    ];
    for (const [code, args] of cases) {
      const refused = await wallet(a, ...(args as [string]));
      expect([args, refused.code, lines(refused)[0]?.["refused"]]).toEqual([args, 1, code]);
      expect(lines(refused)[0]?.["state"]).toBe("nothing-moved");
    }
    await done(b, "request", "2.00", "--out", path("too-much"));
    const refused = await wallet(a, "pay", "--in", path("too-much"), "--yes");
    expect(lines(refused)).toMatchObject([{ refused: "insufficient-balance" }]);
    // A file that is there is not overwritten, and no money moves for a payment that has no place to go.
    await done(b, "request", "0.50", "--out", path("small"));
    const text = await readFile(path("small"), "utf8");
    const over = await wallet(a, "pay", "--in", path("small"), "--yes", "--out", path("small"));
    expect(over.code).toBe(1);
    expect(await readFile(path("small"), "utf8")).toBe(text);
    expect(await done(a, "balance")).toMatchObject({ online: "900", offline: "100", paid: "0" });
  });

  it("says that a provider is out of reach, and goes on when it is back", async () => {
    const a = await net().wallet("far-a", { online: "5.00", deposited: "5.00" });
    await net().network.stopProvider("aurum");
    const deposited = await wallet(a, "deposit", "1.00");
    expect(deposited.code).toBe(3);
    expect(lines(deposited)).toMatchObject([{ refused: "provider-unreachable", state: "pending" }]);
    const withdrawn = await wallet(a, "withdraw", "2.00");
    expect(withdrawn.code).toBe(3);
    expect(lines(withdrawn)).toMatchObject([{ credited: false }, { state: "pending" }]);
    expect(await done(a, "balance")).toMatchObject({
      online: null,
      offline: "300",
      withdrawing: "200",
      provider: "provider-unreachable",
    });
    const waiting = await wallet(a, "resume");
    expect(waiting.code).toBe(3);
    await net().network.startProvider("aurum");
    await done(a, "resume");
    expect(await done(a, "balance")).toMatchObject({ withdrawing: "0", depositing: "0" });
  });
});
