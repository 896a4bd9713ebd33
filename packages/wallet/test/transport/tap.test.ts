import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unwrap } from "@bezant/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { channelPair, type Channel } from "../../src/index.ts";
import { dialTap, listenTap, type TapAddress, type TapListener } from "../../src/node/index.ts";

let folder: string;
let open: { close(): Promise<void> }[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bezant-tap-"));
  open = [];
});
afterEach(async () => {
  for (const one of open) await one.close();
  rmSync(folder, { recursive: true });
});

async function listener(address: TapAddress): Promise<TapListener> {
  const listening = unwrap(await listenTap(address));
  open.push(listening);
  return listening;
}

async function connected(address: TapAddress): Promise<readonly [Channel, Channel]> {
  const listening = await listener(address);
  const [dialled, accepted] = await Promise.all([dialTap(listening.address), listening.accept()]);
  const both = [unwrap(dialled), accepted!] as const;
  open.push(...both);
  return both;
}

const ADDRESSES: Readonly<Record<string, () => TapAddress>> = {
  "a Unix socket": () => ({ path: join(folder, "tap") }),
  "a TCP port": () => ({ port: 0 }),
};
const WAYS: Readonly<Record<string, () => Promise<readonly [Channel, Channel]>>> = {
  "a Unix socket": () => connected({ path: join(folder, "tap") }),
  "a TCP port": () => connected({ port: 0 }),
  "this process": () => Promise.resolve(channelPair()),
};

const bytes = (length: number, fill = 7): Uint8Array => new Uint8Array(length).fill(fill);

describe.each(Object.entries(WAYS))("a channel over %s", (_, connect) => {
  it("carries messages of any length both ways, each whole and in order", async () => {
    const [left, right] = await connect();
    for (const length of [0, 1, 255, 256, 2048]) expect(await left.send(bytes(length))).toBe(true);
    expect(await right.send(bytes(3))).toBe(true);
    for (const length of [0, 1, 255, 256, 2048])
      expect(await right.receive()).toEqual(bytes(length));
    expect(await left.receive()).toEqual(bytes(3));
  });

  it("gives what was sent before it was closed, and then nothing", async () => {
    const [left, right] = await connect();
    const waiting = right.receive();
    await left.send(bytes(1));
    await left.close();
    expect(await waiting).toEqual(bytes(1));
    expect(await right.receive()).toBeUndefined();
    expect(await left.receive()).toBeUndefined();
    expect(await left.send(bytes(1))).toBe(false);
    await left.close();
  });

  it("keeps its own copy of what it was given", async () => {
    const [left, right] = await connect();
    const message = bytes(4);
    await left.send(message);
    message.fill(0);
    expect(await right.receive()).toEqual(bytes(4));
  });
});

describe.each(Object.entries(ADDRESSES))("a listener at %s", (_, address) => {
  it("takes one party after the other", async () => {
    const listening = await listener(address());
    for (const fill of [1, 2, 3]) {
      const dialled = unwrap(await dialTap(listening.address));
      const accepted = (await listening.accept())!;
      await dialled.send(bytes(2, fill));
      expect(await accepted.receive()).toEqual(bytes(2, fill));
      await dialled.close();
      await accepted.close();
    }
  });

  it("ends its waiting when it is closed", async () => {
    const listening = await listener(address());
    const waiting = listening.accept();
    await listening.close();
    expect(await waiting).toBeUndefined();
    expect(await listening.accept()).toBeUndefined();
    expect(await dialTap(listening.address)).toMatchObject({ error: { code: "no-channel" } });
  });

  it("cuts off whoever does not speak in messages, byte by byte or all at once", async () => {
    const listening = await listener(address());
    const target = listening.address;
    const raw = (): Socket =>
      createConnection("path" in target ? { path: target.path } : { port: target.port });
    const slow = raw();
    const first = (await listening.accept())!;
    for (const byte of [0, 3, 9, 9, 9, 0]) slow.write(Uint8Array.of(byte));
    expect(await first.receive()).toEqual(bytes(3, 9));
    slow.destroy();
    expect(await first.receive()).toBeUndefined();

    const loud = raw();
    const second = (await listening.accept())!;
    loud.on("error", () => undefined);
    const closed = new Promise((resolve) => loud.once("close", resolve));
    loud.write(bytes(100_000, 0xff));
    expect(await second.receive()).toBeUndefined();
    await closed;
  });
});

describe("a Unix socket", () => {
  it("is this user's alone", async () => {
    const path = join(folder, "tap");
    await listener({ path });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("is taken over from a process that died, never from one that lives, nor from a file", async () => {
    const path = join(folder, "tap");
    const living = await listener({ path });
    expect(await listenTap({ path })).toMatchObject({ error: { code: "no-channel" } });
    expect(await dialTap(living.address)).toMatchObject({ ok: true });
    await living.close();

    const dead = createServer();
    dead.listen(path);
    await once(dead, "listening");
    // As if the process were killed: the socket's file stays.
    const stays = join(folder, "stays");
    renameSync(path, stays);
    dead.close();
    renameSync(stays, path);
    expect(await dialTap({ path })).toMatchObject({ error: { code: "no-channel" } });
    await listener({ path });
    expect(await dialTap({ path })).toMatchObject({ ok: true });

    const file = join(folder, "file");
    writeFileSync(file, "mine");
    expect(await listenTap({ path: file })).toMatchObject({ error: { code: "no-channel" } });
    expect(statSync(file).size).toBe(4);
  });

  it("stops dialling when it is told to", async () => {
    const signal = AbortSignal.abort();
    expect(await dialTap({ port: 1 }, signal)).toMatchObject({ error: { code: "no-channel" } });
  });
});
