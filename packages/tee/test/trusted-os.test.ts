import { nodeVerifier } from "@bezant/pki/node";
import {
  deviceIdOf,
  evidence,
  fromHex,
  institutionId,
  toHex,
  unwrap,
  type CompressedKey,
  type Result,
} from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { MAX_INPUT, OPS_TA_UUID, type Invocation, type TeecError } from "../src/client/index.ts";
import type { TrustedApp, TrustedOs } from "../src/index.ts";
import { FATES, PowerLoss } from "../src/simulation/index.ts";
import { COUNTER, COUNTER_AUDIENCE, counterApp } from "./support/counter-app.ts";
import { memoryDevice, TOS, type MemoryDevice } from "./support/device.ts";

type Run = (command: number, ...input: number[]) => Result<Invocation, TeecError>;

function runOn(os: TrustedOs, { writesBack = false } = {}): Run {
  const session = unwrap(os.openSession(OPS_TA_UUID));
  return (command, ...input) => {
    const answer = os.invokeCommand(session, command, Uint8Array.from(input));
    if (writesBack) os.writeBack();
    return answer;
  };
}

const started = ({ start }: MemoryDevice): Run => runOn(unwrap(start()));
const output = (answer: Result<Invocation, TeecError>): Uint8Array => unwrap(answer).output;
const sum = (run: Run): number | undefined => output(run(COUNTER.read))[3] ?? 0;

describe("the trusted OS", () => {
  it("opens sessions with the OPS TA only, and serves only those", async () => {
    const os = unwrap((await memoryDevice("sessions")).start());
    expect(os.openSession("00000000-0000-0000-0000-000000000000")).toMatchObject({
      error: { code: "TEEC_ERROR_ITEM_NOT_FOUND", origin: "tee", state: "unchanged" },
    });
    const session = unwrap(os.openSession(OPS_TA_UUID));
    const input = new Uint8Array();
    expect(os.invokeCommand(session, COUNTER.read, input).ok).toBe(true);
    const badState = { error: { code: "TEEC_ERROR_BAD_STATE", state: "unchanged" } };
    expect(os.invokeCommand(session + 1, COUNTER.read, input)).toMatchObject(badState);
    os.closeSession(session);
    expect(os.invokeCommand(session, COUNTER.read, input)).toMatchObject(badState);
  });

  it("refuses inputs that are too long and commands that are no number, before the TA sees them", async () => {
    const os = unwrap((await memoryDevice("arguments")).start());
    const session = unwrap(os.openSession(OPS_TA_UUID));
    const longest = new Uint8Array(MAX_INPUT).fill(3);
    expect(os.invokeCommand(session, COUNTER.echo, longest)).toMatchObject({
      value: { output: longest },
    });
    expect(os.invokeCommand(session, COUNTER.echo, new Uint8Array(MAX_INPUT + 1))).toMatchObject({
      error: { code: "TEEC_ERROR_EXCESS_DATA" },
    });
    for (const command of [-1, 1.5, 2 ** 32, NaN]) {
      expect(os.invokeCommand(session, command, new Uint8Array())).toMatchObject({
        error: { code: "TEEC_ERROR_BAD_PARAMETERS" },
      });
    }
  });

  it("keeps what a command staged, whatever its status, and nothing of one that staged nothing", async () => {
    const device = await memoryDevice("status");
    const run = started(device);
    unwrap(run(COUNTER.add, 5));
    expect(unwrap(run(COUNTER.refuseAndStage, 2)).status).toBe(26);
    const { writes } = device.files;
    expect(unwrap(run(COUNTER.refuse)).status).toBe(17);
    expect(unwrap(run(COUNTER.read)).status).toBe(0);
    expect(device.files.writes).toBe(writes);
    expect(sum(started(device))).toBe(7);
  });

  it("discards an instance that trapped, with all that it staged", async () => {
    const device = await memoryDevice("trap");
    const run = started(device);
    unwrap(run(COUNTER.makeKey));
    unwrap(run(COUNTER.add, 4));
    const signature = output(run(COUNTER.sign, 1));
    for (const command of [COUNTER.trapAfterStaging, COUNTER.stageTooMuch]) {
      expect(run(command)).toEqual({
        ok: false,
        error: { code: "TEEC_ERROR_TARGET_DEAD", origin: "trusted-app", state: "unchanged" },
      });
      expect(sum(run)).toBe(4);
      expect(output(run(COUNTER.sign, 1))).toEqual(signature);
    }
  });

  it("makes, uses and replaces the TA's key with its state", async () => {
    const device = await memoryDevice("key");
    const run = started(device);
    expect(run(COUNTER.sign, 1)).toMatchObject({ error: { code: "TEEC_ERROR_TARGET_DEAD" } });
    const point = output(run(COUNTER.makeKey));
    const key = toHex(Uint8Array.of(2 + ((point[63] ?? 0) & 1), ...point.subarray(0, 32)));
    const message = Uint8Array.of(1, 2, 3);
    const signature = output(started(device)(COUNTER.sign, ...message));
    const check = { key: key as CompressedKey, message, signature };
    expect(nodeVerifier().verify(check)).toBe(true);
    unwrap(run(COUNTER.makeKey));
    for (const now of [run, started(device)]) {
      const later = { ...check, signature: output(now(COUNTER.sign, ...message)) };
      expect(nodeVerifier().verify(later)).toBe(false);
    }
  });

  it("verifies for the TA, and takes no high-s signature and no key off the curve", async () => {
    const run = started(await memoryDevice("verify"));
    const point = output(run(COUNTER.makeKey));
    const key = Uint8Array.of(2 + ((point[63] ?? 0) & 1), ...point.subarray(0, 32));
    const message = Uint8Array.of(4, 5, 6);
    const low = output(run(COUNTER.sign, ...message));
    const s = BigInt(`0x${toHex(low.subarray(32))}`);
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const highS = fromHex((order - s).toString(16).padStart(64, "0"));
    const high = Uint8Array.of(...low.subarray(0, 32), ...highS);
    const status = (verifying: Uint8Array, signature: Uint8Array, text: Uint8Array): number =>
      unwrap(run(COUNTER.verify, ...verifying, ...signature, ...text)).status;
    expect(status(key, low, message)).toBe(0);
    expect(status(key, high, message)).toBe(12);
    expect(status(key, low, Uint8Array.of(4, 5, 7))).toBe(12);
    expect(status(key, new Uint8Array(64), message)).toBe(12);
    expect(status(new Uint8Array(33).fill(2), low, message)).toBe(12);
  });

  it("stages a copy, and shows the TA what is committed until the commit", async () => {
    const device = await memoryDevice("stage");
    const run = started(device);
    unwrap(run(COUNTER.add, 1));
    expect(output(run(COUNTER.stageThenRead, 3))).toEqual(Uint8Array.of(0, 0, 0, 1));
    expect(output(run(COUNTER.read))).toEqual(Uint8Array.of(3, 3, 3, 3));
    expect(output(started(device)(COUNTER.read))).toEqual(Uint8Array.of(3, 3, 3, 3));
  });

  it("attests what runs, under the device key, for one audience and nonce", async () => {
    const device = await memoryDevice("attest");
    const run = started(device);
    unwrap(run(COUNTER.makeKey));
    const nonce = new Uint8Array(16).fill(8);
    const parsed = unwrap(evidence.parse(output(run(COUNTER.attest, ...nonce))));
    const rootOfTrust = device.rootOfTrust();
    const signer = deviceIdOf(rootOfTrust.deviceKey);
    expect(parsed.certificate).toEqual(rootOfTrust.deviceCertificate);
    expect(parsed.payload).toMatchObject({ nonce, device: signer, debug: 1 });
    expect(parsed.payload.measurements).toEqual({
      taMeasurement: counterApp.measurement,
      taVersion: counterApp.version,
      tosMeasurement: TOS.measurement,
      tosVersion: TOS.version,
      securityLevel: 1,
      anchor: new Uint8Array(32).fill(5),
    });
    const verifies = (audience: string): boolean =>
      nodeVerifier().verify(
        evidence.signatureCheck(
          parsed,
          { currency: "", home: "", signer, audience: institutionId(audience) },
          rootOfTrust.deviceKey.compressed,
        ),
      );
    expect(verifies(COUNTER_AUDIENCE)).toBe(true);
    expect(verifies("bank-b")).toBe(false);
  });

  it("opens the object of no other TA", async () => {
    const changed: TrustedApp = { ...counterApp, measurement: new Uint8Array(32).fill(0xc1) };
    const { files, start } = await memoryDevice("mine");
    const theirs = await memoryDevice("mine", changed);
    expect(start().ok).toBe(true);
    files.restore(theirs.files.image());
    expect(start()).toMatchObject({ error: { code: "wrong-trusted-app" } });
  });
});

describe("the trusted OS when storage fails", () => {
  it("releases no output before it is durable, wherever the power goes", async () => {
    const device = await memoryDevice("crash");
    const run = started(device);
    unwrap(run(COUNTER.makeKey));
    unwrap(run(COUNTER.add, 1));
    const image = device.files.image();
    const commands = [
      [COUNTER.add, 9, 10],
      [COUNTER.refuseAndStage, 7, 8],
    ] as const;
    for (const [command, input, after] of commands) {
      for (const fate of Object.values(FATES)) {
        device.files.restore(image);
        const cutRun = started(device);
        device.files.cutPower(0, fate);
        expect(() => cutRun(command, input)).toThrow(PowerLoss);
        device.files.restart();
        expect([1, after]).toContain(sum(started(device)));
      }
    }
  });

  it("says that the effect is unknown when the medium fails, and goes on when it is mended", async () => {
    const device = await memoryDevice("full");
    const run = started(device);
    unwrap(run(COUNTER.add, 1));
    // A chip says only that its write failed; the file says why.
    for (const [errno, command, code] of [
      ["EIO", COUNTER.add, "TEE_ERROR_STORAGE_NOT_AVAILABLE"],
      ["EIO", COUNTER.makeMuch, "TEE_ERROR_STORAGE_NOT_AVAILABLE"],
      ["ENOSPC", COUNTER.makeMuch, "TEE_ERROR_STORAGE_NO_SPACE"],
    ] as const) {
      device.files.failWrites(errno);
      expect(run(command, 1)).toEqual({
        ok: false,
        error: { code, origin: "tee", state: "unknown", reason: "io-failed" },
      });
      expect(sum(run)).toBe(1);
      device.files.mend();
    }
    unwrap(run(COUNTER.add, 1));
    expect(sum(run)).toBe(2);
    expect(sum(started(device))).toBe(2);
  });

  it("finishes, once the medium is mended, a commit whose anchor could not be written", async () => {
    const device = await memoryDevice("anchor");
    const run = started(device);
    unwrap(run(COUNTER.add, 1));
    // So much changes that the image is written first.
    device.files.failWrites("EIO", { after: 1 });
    const failed = { error: { code: "TEE_ERROR_STORAGE_NOT_AVAILABLE" } };
    expect(run(COUNTER.makeMuch, 2)).toMatchObject({
      error: { ...failed.error, state: "unknown" },
    });
    // Until it knows what its state is, the TA answers nothing at all.
    expect(run(COUNTER.read)).toMatchObject({ error: { ...failed.error, state: "unchanged" } });
    device.files.mend();
    expect(sum(run)).toBe(2);
    expect(sum(started(device))).toBe(2);
  });

  it("has lost nothing where the power or the medium goes while it writes back", async () => {
    for (const fate of Object.values(FATES)) {
      const device = await memoryDevice("behind");
      const os = unwrap(device.start());
      const run = runOn(os);
      unwrap(run(COUNTER.add, 1));
      device.files.failWrites("EIO", { fate });
      os.writeBack();
      // The failure shows where it matters: the TA is not asked before its state is read again.
      device.files.mend();
      expect(sum(run)).toBe(1);
      unwrap(run(COUNTER.add, 1));
      device.files.cutPower(0, fate);
      expect(() => os.writeBack()).toThrow(PowerLoss);
      device.files.restart();
      expect(sum(started(device))).toBe(2);
    }
  });

  it("refuses to start, by name, on storage that was set back", async () => {
    const device = await memoryDevice("rollback");
    const run = runOn(unwrap(device.start()), { writesBack: true });
    const images = [device.files.image()];
    for (const step of [1, 2, 3]) {
      unwrap(run(COUNTER.add, step));
      images.push(device.files.image());
    }
    const now = device.files.image();
    const restored = (name: string, at: number): string => {
      device.files.restore(now);
      device.files.restore(images[at] ?? now, [name]);
      const os = device.start();
      return os.ok ? `sum ${sum(runOn(os.value))}` : os.error.code;
    };
    // The anchor has what changed since the image that it names, which is in the file of the time before.
    expect([0, 1, 2].map((at) => restored("ta-object", at))).toEqual([
      "object-rolled-back",
      "object-rolled-back",
      "sum 6",
    ]);
    expect([0, 1, 2].map((at) => restored("rpmb", at))).toEqual([
      "anchor-rolled-back",
      "anchor-rolled-back",
      "sum 6",
    ]);
  });
});
