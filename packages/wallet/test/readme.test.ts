import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { unwrap } from "@bezant/protocol";
import { createDevice } from "@bezant/tee";
import { spawnTee } from "@bezant/tee/process";
import { createNetwork, START } from "@bezant/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const run = promisify(execFile);

let folder: string;
beforeAll(() => {
  const readme = readFileSync(join(ROOT, "packages/wallet/README.md"), "utf8");
  const [, sample = ""] = /^```ts\n(\/\/ my-wallet\.ts\n.*?)^```$/ms.exec(readme) ?? [];
  folder = mkdtempSync(join(tmpdir(), "bezant-readme-"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "my-wallet.ts"), sample);
});
afterAll(() => rmSync(folder, { recursive: true }));

it("shows a program that compiles", async () => {
  const config = { extends: join(ROOT, "tsconfig.base.json"), files: ["my-wallet.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const compiled = run(join(ROOT, "node_modules/.bin/tsc"), ["-p", folder]);
  const { stdout } = await compiled.catch((error: unknown) => error as { stdout: string });
  expect(stdout).toBe("");
});

it("shows a program that registers a wallet with its device, and is the same wallet the next time", async () => {
  const network = await createNetwork();
  const device = join(folder, "phone");
  const certify = network.institutions.certifyDevice;
  unwrap(await createDevice(device, { identity: { certify } }));
  const tee = unwrap(await spawnTee({ folder: device }));
  const start = async (): Promise<string> => {
    // It goes by the machine's clock; the network has one of its own.
    const clock = `data:text/javascript,Date.now=()=>${START * 1000}`;
    const key = network.institutions.root.key.compressed;
    const words = [join(folder, "wallet"), tee.socket, key, network.provider().url];
    const args = ["--import", clock, join(folder, "my-wallet.ts"), ...words];
    return (await run(process.execPath, args)).stdout;
  };
  try {
    const who = /provider: '(\w+)',\s+wallet: '([0-9a-f]{64})'\s+\},\s+ta: '([0-9a-f]{64})'/;
    const first = who.exec(await start())?.slice(1);
    expect(first?.[0]).toBe("alpha");
    expect(who.exec(await start())?.slice(1)).toEqual(first);
  } finally {
    await tee.stop();
    await network.close();
  }
});
