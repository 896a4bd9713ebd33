import { cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bezant, lines, start, type Ran } from "./support/bezant.ts";
import { temporaryFolder } from "@bezant/service/testing";
import { leftOver } from "./support/processes.ts";

const env = { BEZANT_PASSPHRASE: "a passphrase of the manufacturer" };
let cwd: string;

function run(...args: string[]): Promise<Ran> {
  return bezant(["--json", ...args], { cwd, env });
}

function make(dir: string): Promise<Ran> {
  return run("device", "create", "--dir", dir, "--oem", "oem");
}

describe("bezant device", () => {
  beforeAll(async () => {
    cwd = temporaryFolder();
    await run("ca", "root", "--dir", "oem", "--id", "oem", "--oem");
    await run("ca", "root", "--dir", "cb", "--id", "cb", "--currency", "EUR");
  });

  it("makes a device, says that it is software, and never makes it again", async () => {
    const made = await make("phone");
    expect(lines(made)).toMatchObject([{ dir: "phone", securityLevel: 1 }]);
    expect((await make("phone")).code).toBe(1);
    const other = await run("device", "create", "--dir", "no", "--oem", "cb");
    expect(lines(other)).toMatchObject([{ refused: "wrong-role" }]);
  });

  it("starts the trusted OS for a question, or asks the one that runs", async () => {
    await make("asked");
    const info = () => run("device", "info", "--dir", "asked");
    expect(lines(await info())).toMatchObject([{ phase: "blank", balance: "0" }]);
    expect(await leftOver(join(cwd, "asked"))).toEqual([]);
    const serving = start(["--json", "device", "serve", "--dir", "asked"], { cwd });
    const { pid } = await serving.said({ event: "serving" });
    expect(lines(await info())).toMatchObject([{ phase: "blank" }]);
    const second = await run("device", "serve", "--dir", "asked");
    expect(second.code).toBe(1);
    expect(lines(second)).toMatchObject([{ refused: "already-running", state: "nothing-moved" }]);
    serving.child.kill("SIGTERM");
    expect((await serving.ended).code).toBe(0);
    expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH");
  });

  it("ends with who started it, and says when it ends by itself", async () => {
    await make("killed");
    const first = start(["--json", "device", "serve", "--dir", "killed"], { cwd });
    await first.said({ event: "serving" });
    first.child.kill("SIGKILL");
    expect(await leftOver(join(cwd, "killed"))).toEqual([]);
    const second = start(["--json", "device", "serve", "--dir", "killed"], { cwd });
    const { pid } = await second.said({ event: "serving" });
    process.kill(Number(pid), "SIGKILL");
    const ended = await second.ended;
    expect(ended.code).not.toBe(0);
    expect(lines(ended).at(-1)).toMatchObject({
      failed: expect.stringContaining("SIGKILL") as string,
    });
  });

  it.each([
    ["object-missing", (device: string) => rmSync(join(device, "ta-object"))],
    ["rpmb-missing", (device: string) => rmSync(join(device, "rpmb"))],
    ["device-missing", (device: string) => rmSync(join(device, "fuses"))],
    [
      "trusted-app-refused",
      (device: string) => cpSync(join(device, "fuses"), join(device, "trusted-app.wasm")),
    ],
  ])("does not serve with %s, and says what became of the money", async (code, damage) => {
    await make(code);
    damage(join(cwd, code));
    const refused = await run("device", "info", "--dir", code);
    expect(refused.code).toBe(1);
    expect(lines(refused)).toMatchObject([{ refused: code, state: "nothing-moved" }]);
  });

  it("serves a wallet that knows only its socket, and a wallet says that nobody is there", async () => {
    await make("lent");
    const socket = join(cwd, "sockets", "tee");
    const trust = ["--root", "cb/certificate.hex", "--provider", "http://127.0.0.1:1"];
    await run("wallet", "create", "--wallet", "borrower", ...trust, "--socket", socket);
    const show = async () => lines(await run("wallet", "show", "--wallet", "borrower"));
    expect(await show()).toMatchObject([{ device: "device-unreachable" }]);
    const deposit = await run("wallet", "deposit", "1.00", "--wallet", "borrower");
    expect(lines(deposit)).toMatchObject([{ state: "nothing-moved" }]);
    const args = ["--json", "device", "serve", "--dir", "lent", "--socket", socket];
    const serving = start(args, { cwd });
    await serving.said({ event: "serving" });
    expect(await show()).toMatchObject([{ device: "blank" }]);
    serving.child.kill("SIGTERM");
    expect((await serving.ended).code).toBe(0);
  });

  it("ends an update that cannot be, also while another process serves the device", async () => {
    await make("served");
    const serving = start(["--json", "device", "serve", "--dir", "served"], { cwd });
    await serving.said({ event: "serving" });
    const update = (...from: string[]) => run("device", "update", "--dir", "served", ...from);
    expect((await update()).code).toBe(2);
    expect((await update("--release", "nothing", "--module", "nothing")).code).toBe(2);
    serving.child.kill("SIGTERM");
    expect((await serving.ended).code).toBe(0);
  });

  it("does not serve another device's storage", async () => {
    await make("one");
    await make("two");
    renameSync(join(cwd, "one", "ta-object"), join(cwd, "two", "ta-object"));
    const refused = await run("device", "info", "--dir", "two");
    expect(refused.code).toBe(1);
    expect(lines(refused)).toMatchObject([{ refused: "object-damaged" }]);
  });
});
