import { deviceReport, evidence, institutionId, sha256, unwrap } from "@bezant/protocol";
import { encodeInput } from "@bezant/trusted-app/commands";
import { otherBuild } from "@bezant/testkit/other-build";
import { beforeAll, describe, expect, it } from "vitest";
import { loadTrustedApp, opsTrustedApp } from "../src/index.ts";
import { FATES, PowerLoss, type Fate } from "../src/simulation/index.ts";
import { Maker } from "./support/maker.ts";
import { Updatable } from "./support/updatable.ts";

const maker = new Maker();
const shipped = opsTrustedApp();
const { version } = unwrap(loadTrustedApp(shipped));
let next: Uint8Array;
let second: Uint8Array;
beforeAll(async () => {
  next = await otherBuild(version + 1);
  second = await otherBuild(version + 2);
});

async function funded(): Promise<Updatable> {
  const device = await Updatable.make(maker);
  device.fund();
  return device;
}

const codeOf = (result: Awaited<ReturnType<Updatable["install"]>>): string =>
  result.ok ? "ok" : result.error.code;

describe("an update", () => {
  it("keeps identity, balance and sequences, and is attested from then on", async () => {
    const device = await funded();
    const before = device.info();
    expect(before.balance).toBe(100n);
    const nonce = new Uint8Array(16).fill(9);
    const report = unwrap(await device.install(maker.update(next, {}, nonce)));
    expect(unwrap(deviceReport.parse(report)).payload).toMatchObject({
      version: version + 1,
      measurement: sha256(next),
      nonce,
    });
    for (const restart of [false, true]) {
      if (restart) device.crash();
      expect(device.info()).toEqual(before);
      const bytes = device.call(
        "Attest",
        encodeInput("Attest", { audience: institutionId("bank-a"), nonce }),
      );
      expect(unwrap(evidence.parse(bytes)).payload.measurements).toMatchObject({
        taMeasurement: sha256(next),
        taVersion: version + 1,
      });
    }
    device.call("Deposit", device.bank.deposit(before.id as never, 2, 11n));
    unwrap(await device.install(maker.update(second)));
    expect(device.info()).toMatchObject({ balance: 111n, d: 2 });
    device.crash();
    expect(device.info().balance).toBe(111n);
  });

  it("a second time changes nothing, and reports again", async () => {
    const device = await funded();
    unwrap(await device.install(maker.update(next)));
    const { writes } = device.files;
    unwrap(await device.install(maker.update(next)));
    expect(device.files.writes).toBe(writes);
  });

  it("to an older version is refused, and no restored file brings it back", async () => {
    const device = await funded();
    const old = device.files.image();
    unwrap(await device.install(maker.update(next)));
    expect(codeOf(await device.install(maker.update(shipped)))).toBe("update-downgrade");
    const updated = device.files.image();
    const start = (names: readonly string[]): number | string => {
      device.crash();
      device.files.restore(updated);
      device.files.restore(old, names);
      const started = device.start();
      if (!started.ok) return started.error.code;
      started.value.close();
      return started.value.trustedOs.installed.version;
    };
    // What the update changed stands in the anchor; the module of the TA that it took the place of is of no use any more.
    expect(start(["ta-object"])).toBe(version + 1);
    expect(start(["trusted-app.wasm"])).toBe(version + 1);
    for (const names of [
      ["trusted-app-next.wasm"],
      [...old.keys()].filter((name) => name !== "rpmb"),
    ]) {
      expect(start(names)).toBe("trusted-app-refused");
    }
    device.crash();
    device.files.restore(updated);
    expect(device.info().balance).toBe(100n);
  });
});

describe("an update whose power is cut", () => {
  it.each(Object.entries(FATES))(
    "at any write that is %s, leaves the old TA or the new one, with all the money",
    async (_, fate: Fate) => {
      const device = await funded();
      const before = device.info();
      const start = device.files.image();
      const { writes } = device.files;
      unwrap(await device.install(maker.update(next)));
      const count = device.files.writes - writes;
      expect(count).toBe(2);
      const outcomes = new Set<number>();
      for (let cut = 0; cut < count; cut += 1) {
        device.crash();
        device.files.restore(start);
        // Opened before the power goes: a device that starts writes nothing.
        expect(device.running.trustedOs.installed.version).toBe(version);
        device.files.cutPower(cut, fate);
        await expect(device.install(maker.update(next))).rejects.toThrow(PowerLoss);
        device.crash();
        expect(device.info()).toEqual(before);
        outcomes.add(device.running.trustedOs.installed.version);
        // Whichever it is, the update goes through now.
        unwrap(await device.install(maker.update(next)));
        expect(device.info()).toEqual(before);
        expect(device.running.trustedOs.installed.version).toBe(version + 1);
      }
      expect([...outcomes].every((each) => [version, version + 1].includes(each))).toBe(true);
      expect(outcomes.has(version)).toBe(true);
    },
  );

  it.each([0, 1])("where write %i fails, goes on with what is there", async (after) => {
    const device = await funded();
    const before = device.info();
    device.files.failWrites("EIO", { after });
    expect((await device.install(maker.update(next))).ok).toBe(false);
    device.files.mend();
    expect(device.info()).toEqual(before);
    unwrap(await device.install(maker.update(next)));
    expect(device.info()).toEqual(before);
    expect(device.running.trustedOs.installed.version).toBe(version + 1);
  });
});

describe("an update that is not right", () => {
  const cases: readonly (readonly [string, string, () => Uint8Array])[] = [
    ["malformed", "malformed", () => Uint8Array.of(0)],
    [
      "of another manufacturer",
      "unknown-issuer",
      () => maker.update(next, { root: maker.service }),
    ],
    [
      "that no developer signed",
      "unknown-issuer",
      () => maker.update(next, { developer: maker.root }),
    ],
    ["of another TA", "wrong-release", () => maker.update(next, { uuid: "00".repeat(16) })],
    ["of another size", "wrong-release", () => maker.update(next, { size: 5 })],
    [
      "of another measurement",
      "wrong-release",
      () => maker.update(next, { measurement: sha256(shipped) }),
    ],
    [
      "of another version than it says",
      "wrong-release",
      () => maker.update(next, { version: version + 5 }),
    ],
    ["of this version with another module", "wrong-release", () => maker.update(next, { version })],
    ["that skips one", "update-gap", () => maker.update(next, { minimumVersion: version + 1 })],
  ];
  it.each(cases)("%s is refused: %s, and nothing changes", async (_, code, make) => {
    const device = await funded();
    const { writes } = device.files;
    expect(codeOf(await device.install(make()))).toBe(code);
    expect(device.files.writes).toBe(writes);
    expect(device.info().balance).toBe(100n);
  });

  it("whose TA cannot read the state is refused", async () => {
    const device = await funded();
    // The same TA with another layout of its state.
    const stranger = await otherBuild(version + 1, {
      file: "state/commit.ts",
      from: /const VERSION: u8 = [0-9]+;/,
      to: "const VERSION: u8 = 99;",
    });
    expect(codeOf(await device.install(maker.update(stranger)))).toBe("update-refused");
    expect(device.info().balance).toBe(100n);
  });

  it("whose TA shows another balance is refused", async () => {
    const device = await funded();
    const thief = await otherBuild(version + 1, {
      file: "state/commit.ts",
      from: "copyWords(COMMITTED, STATE);",
      to: "copyWords(COMMITTED, STATE); if (T.balance > 0) { T.balance += 1; T.deposited += 1; }",
    });
    expect(codeOf(await device.install(maker.update(thief)))).toBe("update-refused");
    expect(device.info().balance).toBe(100n);
  });

  it("is refused by a device that was made without a manufacturer's key", async () => {
    const device = await Updatable.make(undefined);
    expect(codeOf(await device.install(maker.update(next)))).toBe("not-updatable");
    expect(await device.running.agent.report(new Uint8Array(16))).toMatchObject({
      error: { code: "not-updatable" },
    });
  });
});

describe("a sealed update", () => {
  it("opens for the device and the report that it answers, and no other", async () => {
    const device = await funded();
    const nonce = new Uint8Array(16).fill(3);
    const { agent } = device.running;
    const report = unwrap(await agent.report(nonce));
    const sealed = await maker.seal(report, maker.update(next));
    const tampered = sealed.with(-1, (sealed.at(-1) ?? 0) ^ 1);
    const other = await funded();
    for (const [who, bytes, answered] of [
      [agent, sealed, new Uint8Array(16)],
      [agent, tampered, nonce],
    ] as const) {
      expect(await who.installSealed(bytes, answered)).toMatchObject({
        error: { code: "update-unreadable" },
      });
    }
    expect(await agent.installSealed(sealed.slice(1), nonce)).toMatchObject({
      error: { code: "malformed" },
    });
    unwrap(await agent.installSealed(sealed, nonce));
    expect(device.info()).toEqual(other.info());
  });
});
