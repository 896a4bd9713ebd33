import {
  attestationResultVerify,
  decode,
  deviceReport,
  encode,
  evidence,
  institutionId,
  releaseVerify,
  runChecks,
  sealedUpdate,
  seconds,
  sha256,
  taRelease,
  toHex,
  unwrap,
} from "@bezant/protocol";
import { nodeVerifier } from "@bezant/pki/node";
import { opsTrustedApp } from "@bezant/tee";
import { otherBuild } from "@bezant/testkit/other-build";
import { encodeInput } from "@bezant/trusted-app/commands";
import { beforeAll, describe, expect, test } from "vitest";
import { BANK, OEM, UUID, useWorld, type TestDevice } from "./support/world.ts";

const current = useWorld();
const verifier = nodeVerifier();
const nonce = new Uint8Array(16).fill(4);
const shipped = opsTrustedApp();
let version: number;
let next: Uint8Array;
beforeAll(async () => {
  const world = current();
  await world.publish(shipped);
  const { releases } = (await world.http.get("/oem/v1/releases")).json() as {
    releases: { version: number }[];
  };
  version = releases[0]!.version;
  next = await otherBuild(version + 1);
});

/** What a relying party makes of the manufacturer's answer. */
async function verdict(device: TestDevice, said?: Uint8Array): Promise<string> {
  const world = current();
  const bytes = said ?? (await device.evidence(nonce));
  const reply = await world.attestation(bytes, nonce);
  if (reply.status !== 200) return reply.code();
  const pending = attestationResultVerify(reply.bytes(), {
    roots: [world.oemRoot],
    relyingParty: BANK,
    evidence: unwrap(evidence.parse(bytes)).payload,
    now: seconds(world.now),
  });
  const result = pending.ok ? runChecks(pending.value, verifier) : pending;
  return result.ok ? result.value.result.verdict.status : result.error.code;
}

describe("OEMVerify", () => {
  test("affirms an enrolled device that runs a release, for the relying party that asks", async () => {
    expect(await verdict(await current().device())).toBe("affirming");
  });

  test("says nothing of a device that was never enrolled", async () => {
    expect(await verdict(await current().device({ enrolled: false }))).toBe("unknown-device");
  });

  test("speaks against a device once it is revoked, and for ever", async () => {
    const world = current();
    const device = await world.device();
    for (const _ of [1, 2]) {
      expect((await world.order({ kind: "revoke", device: device.id })).code()).toBe("ok");
      expect(await verdict(device)).toBe("device-revoked");
    }
    await world.order({ kind: "enrol", certificate: device.certificate });
    expect(await verdict(device)).toBe("device-revoked");
  });

  test.each([
    ["an unknown TA", "untrusted-measurement", {}, { taMeasurement: new Uint8Array(32) }],
    ["an unknown version", "untrusted-measurement", {}, { taVersion: 9999 }],
    ["an unknown trusted OS", "untrusted-measurement", {}, { tosVersion: 9999 }],
    ["debugging", "debug-enabled", { debug: 0 }, {}],
    ["a level above its certificate's", "security-level", {}, { securityLevel: 3 as const }],
  ])("speaks against %s: %s", async (_, code, changes, measured) => {
    const device = await current().device();
    expect(await verdict(device, await device.claims(nonce, changes, measured))).toBe(code);
  });

  test("refuses evidence of another nonce, for another relying party, of another device, or forged", async () => {
    const world = current();
    const [device, other] = [await world.device(), await world.device()];
    const said = await device.evidence(nonce);
    expect((await world.attestation(said, new Uint8Array(16))).code()).toBe("unknown-nonce");
    const bank = institutionId("bank-b");
    expect((await world.attestation(said, nonce, bank)).code()).toBe("bad-signature");
    const stolen = await device.claims(nonce, { device: other.id });
    expect((await world.attestation(stolen, nonce)).code()).toBe("wrong-key");
    const forged = said.with(-1, said.at(-1)! ^ 1);
    expect((await world.attestation(forged, nonce)).code()).toBe("bad-signature");
  });
});

describe("releases", () => {
  test("are endorsed once, and the same again gives the same", async () => {
    const world = current();
    const [first, second] = [await world.publish(shipped), await world.publish(shipped)];
    expect(second.bytes()).toEqual(first.bytes());
    const release = unwrap(decode(taRelease, first.bytes()));
    const pending = unwrap(releaseVerify(release, { roots: [world.oemRoot] }));
    expect(unwrap(runChecks(pending, verifier)).manifest.measurement).toEqual(sha256(shipped));
    const fetched = await world.http.get(`/oem/v1/releases/${UUID}/${version}`);
    expect(fetched.bytes()).toEqual(first.bytes());
    const missing = await world.http.get(`/oem/v1/releases/${UUID}/77`);
    expect([missing.status, missing.code()]).toEqual([404, "unknown-release"]);
  });

  test("that are not whole, not their developer's, or not ordered are refused", async () => {
    const world = current();
    const code = async (...input: Parameters<typeof world.publish>): Promise<string> =>
      (await world.publish(...input)).code();
    expect(await code(next, world.manifest(next, { size: 3 }))).toBe("wrong-release");
    expect(await code(next, world.manifest(shipped))).toBe("wrong-release");
    expect(await code(next, world.manifest(next, {}, world.operator))).toBe("unknown-issuer");
    expect(await code(next, world.manifest(next, { version }))).toBe("release-conflict");
    expect(await code(next, world.manifest(next), world.developer)).toBe("unknown-issuer");
    const rubbish = await world.http.post(
      "/operator/v1/releases",
      Uint8Array.of(1),
      "application/cbor",
    );
    expect([rubbish.status, rubbish.code()]).toEqual([400, "malformed"]);
  });

  test("unknown ones cannot be withdrawn", async () => {
    const order = { kind: "withdraw", uuid: UUID, version: 77 } as const;
    expect((await current().order(order)).code()).toBe("unknown-release");
  });
});

describe("orders", () => {
  test("count only from the operator's key, and only about its own devices", async () => {
    const world = current();
    const { id, certificate } = await world.device();
    const revoke = { kind: "revoke", device: id } as const;
    expect((await world.order(revoke, world.developer)).code()).toBe("unknown-issuer");
    const unknown = { kind: "revoke", device: "00".repeat(32) as typeof id } as const;
    expect((await world.order(unknown)).code()).toBe("unknown-device");
    const foreign = world.certifyDevice(
      { key: world.operator.publicKey.compressed, securityLevel: 1 },
      world.developer,
    );
    expect((await world.order({ kind: "enrol", certificate: foreign })).code()).toBe(
      "unknown-issuer",
    );
    expect((await world.order({ kind: "enrol", certificate: certificate.slice(1) })).code()).toBe(
      "malformed",
    );
    const publish = { kind: "publish", manifest: new Uint8Array(32) } as const;
    expect((await world.order(publish)).code()).toBe("malformed");
    expect((await world.http.cose("/operator/v1/orders", Uint8Array.of(9))).code()).toBe(
      "malformed",
    );
  });
});

describe("provisioning", () => {
  test("seals the newest release for the device that asks, which installs it, keeps its identity and says so", async () => {
    const world = current();
    const device = await world.device();
    const asked = await device.report();
    expect(await device.ask(asked)).toEqual({ kind: "current", value: version });
    await world.publish(next);
    expect(await verdict(device)).toBe("warning");

    const answer = await device.ask(asked);
    if (answer.kind !== "update") throw new Error("no update");
    const { nonce: asking } = unwrap(deviceReport.parse(asked)).payload;
    const sealed = encode(sealedUpdate, answer.value);
    const other = await world.device();
    expect(await other.running.agent.installSealed(sealed, asking)).toMatchObject({
      error: { code: "update-unreadable" },
    });
    const input = encodeInput("GetInfo", {});
    const before = await device.call("GetInfo", input);
    const report = unwrap(await device.running.agent.installSealed(sealed, asking));
    expect(await device.call("GetInfo", input)).toEqual(before);
    for (const _ of [1, 2]) {
      const confirmed = await world.http.cose("/oem/v1/installations", report);
      expect(confirmed.json()).toEqual({
        device: device.id,
        version: version + 1,
        measurement: toHex(sha256(next)),
      });
    }
    expect(await verdict(device)).toBe("affirming");
    expect(await device.ask(await device.report())).toEqual({
      kind: "current",
      value: version + 1,
    });

    // A device that says it has installed it, and has not, is found out.
    const late = await other.ask(await other.report());
    expect(late.kind).toBe("update");
    const lie = await other.report(unwrap(deviceReport.parse(report)).payload.nonce);
    expect((await world.http.cose("/oem/v1/installations", lie)).code()).toBe("unknown-nonce");

    // Withdrawn: nobody gets it any more, and it is no reference value.
    await world.order({ kind: "withdraw", uuid: UUID, version: version + 1 });
    expect(await verdict(device)).toBe("untrusted-measurement");
    expect(await verdict(other)).toBe("affirming");
    expect((await other.ask(await other.report())).kind).toBe("current");
    expect((await world.http.get(`/oem/v1/releases/${UUID}/${version + 1}`)).code()).toBe(
      "release-withdrawn",
    );
    await world.publish(next);
    expect((await other.ask(await other.report())).kind).toBe("current");
  });

  test("a device that reports another module than it was sent is found out", async () => {
    const world = current();
    const third = await otherBuild(version + 2);
    await world.publish(third);
    const device = await world.device();
    const answer = await device.ask(await device.report());
    if (answer.kind !== "update") throw new Error("no update");
    const offered = await world.offerOf(device.id);
    const lie = await device.report(offered);
    expect((await world.http.cose("/oem/v1/installations", lie)).code()).toBe("wrong-release");
  });

  test("refuses reports of strangers, of revoked devices, and to challenges that are not its own or too old", async () => {
    const world = current();
    const code = async (report: Uint8Array): Promise<string> =>
      (await world.http.cose("/oem/v1/updates", report)).code();
    const device = await world.device();
    expect(await code(await device.report(nonce))).toBe("unknown-nonce");
    const stranger = await world.device({ enrolled: false });
    expect(await code(await stranger.report())).toBe("unknown-device");
    const report = await device.report();
    expect(await code(report.with(-1, report.at(-1)! ^ 1))).toBe("bad-signature");
    expect(await code(Uint8Array.of(3))).toBe("malformed");
    world.now += 601;
    expect(await code(report)).toBe("unknown-nonce");
    world.now -= 601;
    await world.order({ kind: "revoke", device: device.id });
    expect(await code(report)).toBe("device-revoked");
  });

  test("signs nothing after its appointment has ended", async () => {
    const world = current();
    const device = await world.device();
    const said = await device.evidence(nonce);
    world.now += 100_001;
    expect((await world.attestation(said, nonce)).code()).toBe("unavailable");
    expect((await world.publish(shipped)).code()).toBe("unavailable");
    world.now -= 100_001;
  });
});

test("says who it is, and describes itself", async () => {
  const { http, root } = current();
  expect((await http.get("/oem/v1/manufacturer")).json()).toMatchObject({
    manufacturer: OEM,
    rootKey: root.publicKey.compressed,
  });
  const { paths } = (await http.get("/openapi.json")).json() as { paths: object };
  expect(Object.keys(paths)).toContain("/oem/v1/attestations");
  expect((await http.get("/readyz")).status).toBe(200);
});
