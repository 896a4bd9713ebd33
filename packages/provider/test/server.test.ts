import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generatePrivateKey, publicKeyOf, writeCertificate, writeKey } from "@bezant/pki/node";
import {
  amount,
  institutionId,
  signCertificate,
  toHex,
  unwrap,
  walletId,
  type Claims,
  type SyncSigner,
} from "@bezant/protocol";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { auditLedger, isLedgerBalanced } from "../src/ledger/index.ts";
import {
  loadConfig,
  operatorContext,
  operatorOrder,
  readConfig,
  startProvider,
} from "../src/index.ts";
import { openDatabase } from "../src/database.ts";
import { temporaryFolder, createDatabase, useServer } from "@bezant/service/testing";
import {
  EUR,
  foundInstitutions,
  foundManufacturer,
  makeDevice,
  newKey,
  overSocket,
  START,
  TestWallet,
  YEAR,
  type Institutions,
  type Manufacturer,
} from "./support/world/index.ts";
import { releaseOf } from "./support/world/manufacturer.ts";
import { TA_MEASUREMENT, TOS_MEASUREMENT } from "./support/world/ta.ts";

const server = useServer();
const id = institutionId("provider");
const PASSPHRASE = "correct horse battery staple";
const tls = { identity: "nowhere", roots: ["root.pem"] };

let folder: string;
let institutions: Institutions;
let manufacturer: Manufacturer;
let operator: SyncSigner;
let config: Record<string, unknown>;

const validity = { nbf: START - YEAR, exp: START + 10 * YEAR };

function hexFile(name: string, bytes: Uint8Array): string {
  writeFileSync(join(folder, name), `${toHex(bytes)}\n`);
  return name;
}

function selfSigned(role: "root" | "oem-root", issuer: string, key: SyncSigner): Uint8Array {
  const name = institutionId(issuer);
  const own = role === "root" ? { role, currency: EUR } : { role };
  const common = { iss: name, sub: name, key: key.publicKey.compressed, serial: 1, ...validity };
  return signCertificate({ ...own, ...common } as Claims, key);
}

beforeAll(async () => {
  // Its clock is the machine's, which the certificates of these tests enclose.
  folder = temporaryFolder(0o755);
  institutions = foundInstitutions();
  manufacturer = foundManufacturer();
  operator = newKey();
  const key = generatePrivateKey();
  const authority = join(folder, "authority");
  unwrap(await writeKey(authority, key, PASSPHRASE, "random"));
  const claims = { role: "provider", iss: institutionId("inter"), sub: id, currency: EUR };
  const subject = { ...claims, key: publicKeyOf(key).compressed, serial: 1, ...validity };
  await writeCertificate(
    authority,
    signCertificate(subject as Claims, institutions.intermediaryKey),
  );
  writeFileSync(join(folder, "passphrase"), `${PASSPHRASE}\n`);
  config = {
    authority: "authority",
    passphraseFile: "passphrase",
    intermediary: hexFile("intermediary.hex", institutions.intermediary),
    root: hexFile("root.hex", selfSigned("root", "bank", institutions.rootKey)),
    dataDir: "data",
    databaseUrl: await createDatabase(server()),
    port: 0,
    operators: [operator.publicKey.compressed],
    attestation: {
      oemRoots: [hexFile("oem.hex", selfSigned("oem-root", "oem", manufacturer.key))],
      trustedApps: [{ measurement: toHex(TA_MEASUREMENT), version: 1 }],
      trustedOses: [{ measurement: toHex(TOS_MEASUREMENT), version: 1 }],
      minimumLevel: 1,
    },
    limits: {
      profile: 1,
      version: 1,
      maxHolding: "1000000",
      maxPayment: "100000",
      maxCount: 1000,
      maxValue: "1000000",
      noPinCap: "1000000",
    },
    logLevel: "error",
  };
});

function writeConfig(changes: Record<string, unknown> = {}): string {
  const path = join(folder, "provider.json");
  writeFileSync(path, JSON.stringify({ ...config, ...changes }));
  return path;
}

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
}

/** The provider as its operator runs it: a process of its own. */
async function run(path: string): Promise<Running> {
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const child = spawn(process.execPath, [main, path], { stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  let text = "";
  const url = await new Promise<string>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`exit ${code}: ${text}`)));
    child.stderr.on("data", (bytes: Buffer) => (text += bytes.toString()));
    child.stdout.on("data", (bytes: Buffer) => {
      text += bytes.toString();
      const line = /"event":"listening","url":"([^"]+)"/.exec(text);
      if (line?.[1] !== undefined) resolve(line[1]);
    });
  });
  return { child, url };
}

function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once("exit", resolve));
}

async function fund(
  url: string,
  wallet: TestWallet,
  x: bigint,
  orderId: Uint8Array,
): Promise<string> {
  const content = {
    kind: "fund",
    orderId,
    client: walletId(wallet.id),
    amount: amount(x),
  } as const;
  const order = operatorOrder.sign(content, operatorContext({ id, currency: EUR }), operator);
  return (await overSocket(url).cose("/operator/v1/orders", order)).code();
}

describe("a provider's process", () => {
  test("starts from its configuration, and stops when told to", async () => {
    const { child, url } = await run(writeConfig());
    const reply = await overSocket(url).get("/v1/provider");
    expect(reply.json()).toMatchObject({ provider: "provider", currency: "EUR" });
    child.kill("SIGTERM");
    expect(await ended(child)).toBe(0);
  });

  test("keeps its secret to itself, and for the next start", async () => {
    const path = writeConfig();
    const first = unwrap(await loadConfig(unwrap(await readConfig(path)), {}));
    const second = unwrap(await loadConfig(unwrap(await readConfig(path)), {}));
    expect(second.secret).toEqual(first.secret);
    expect(statSync(join(folder, "data", "secret.hex")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, "data", "secret.hex"), "utf8")).toHaveLength(65);
  });

  test("killed in the middle of everything and started again, it has lost nothing and counts nothing twice", async () => {
    const path = writeConfig();
    let { child, url } = await run(path);
    const wallet = async (): Promise<TestWallet> =>
      new TestWallet(overSocket(url), id, institutions.root).register();
    const [payer, merchant] = [await wallet(), await wallet()];
    const funding = new Uint8Array(16);
    expect(await fund(url, payer, 10_000n, funding)).toBe("ok");
    const ta = await payer.registerTa(makeDevice(manufacturer, 1));
    await payer.deposit(ta, 5000n);
    const claims = Array.from({ length: 300 }, () => ta.pay(merchant.payee, 3n));
    const out = [ta.withdraw(100n), ta.withdraw(200n), ta.withdraw(300n)];
    const order = payer.order(merchant.id, 700n, new Uint8Array(16));
    const reservation = payer.depositRequest(ta.reserve(400n));

    const sendAll = (origin: string): Promise<boolean>[] => {
      const http = overSocket(origin);
      const at = (who: TestWallet, what: string): string => `/v1/clients/${who.id}/${what}`;
      const requests = [
        ...claims.map((body) => [at(merchant, "claims"), body] as const),
        ...out.map((body) => [at(payer, "withdrawals"), body] as const),
        [at(payer, "payments"), order] as const,
        [at(payer, "deposits"), reservation] as const,
      ];
      return requests.map(async ([path_, body]) =>
        http.cose(path_, body).then(
          (reply) => reply.status === 200,
          () => false,
        ),
      );
    };
    // Killed once some are answered, which is in the middle of the others; then again.
    let acknowledged = new Set<number>();
    for (const share of [10, 150]) {
      const answers = sendAll(url);
      let count = 0;
      await new Promise<void>((resolve) => {
        for (const answer of answers)
          void answer.then((ok) => ok && (count += 1) === share && resolve());
      });
      child.kill("SIGKILL");
      await ended(child);
      const answered = await Promise.all(answers);
      acknowledged = acknowledged.union(new Set(answered.flatMap((ok, i) => (ok ? [i] : []))));
      ({ child, url } = await run(path));
      // What was acknowledged is there before anybody repeats it.
      const db = unwrap(await openDatabase({ databaseUrl: config["databaseUrl"] as string }));
      const stored = unwrap(
        await db.query("SELECT FROM claims WHERE client_id = $1", [`\\x${merchant.id}`]),
      ).count;
      expect(stored).toBeGreaterThanOrEqual([...acknowledged].filter((i) => i < 300).length);
      expect(isLedgerBalanced(unwrap(await auditLedger(db)))).toBe(true);
      await db.close();
    }
    expect(acknowledged.size).toBeGreaterThan(0);
    for (const _ of [1, 2, 3]) await Promise.all(sendAll(url));

    const [payerNow, merchantNow] = [payer, merchant].map(
      (one) => new TestWallet(overSocket(url), id, institutions.root, one.key),
    );
    expect(await payerNow!.online()).toBe(10_000n - 5000n + 600n - 700n - 400n);
    expect(await merchantNow!.online()).toBe(900n + 700n);
  });
});

describe("a configuration", () => {
  test.each([
    ["that is not there", "config-unreadable", () => join(folder, "nothing.json")],
    ["with an unknown setting", "config-malformed", () => writeConfig({ prot: 1 })],
    ["without operators", "config-malformed", () => writeConfig({ operators: undefined })],
    ["with a wrong amount", "config-malformed", () => writeConfig({ limits: { maxHolding: 1 } })],
  ])("%s is refused: %s", async (_, code, make) => {
    expect(await readConfig(make())).toMatchObject({ ok: false, error: { code } });
  });

  test.each<[string, () => Record<string, unknown>, RegExp]>([
    ["a missing key", () => ({ authority: "nowhere" }), /no-such-authority/],
    ["another passphrase", () => ({ passphraseFile: passphraseFile() }), /wrong-passphrase/],
    ["another role as root", () => ({ root: "intermediary.hex" }), /no root's certificate/],
    ["a key that is none", () => ({ operators: [`02${"ff".repeat(32)}`] }), /bad-key/],
    ["a file that is missing", () => ({ intermediary: "nothing.hex" }), /ENOENT/],
    ["a release that is none", () => attesting({ releases: ["root.hex"] }), /root.hex: /],
    ["a release of another manufacturer", () => attesting(strangeRelease()), /unknown-issuer/],
    [
      "a service of no manufacturer",
      () => attesting({ verifiers: [{ oemRoot: "root.hex", url: "http://127.0.0.1:1" }] }),
      /no oem-root's certificate/,
    ],
    [
      "a service over https, and nothing to prove who asks",
      () => attesting({ verifiers: [{ oemRoot: "oem.hex", url: "https://127.0.0.1:1" }] }),
      /https:.* needs tls/,
    ],
    [
      "a TLS identity for a service that speaks none",
      () => attesting({ verifiers: [{ oemRoot: "oem.hex", url: "http://127.0.0.1:1", tls }] }),
      /http:.* has no tls/,
    ],
    [
      "a TLS identity that is none",
      () => attesting({ verifiers: [{ oemRoot: "oem.hex", url: "https://127.0.0.1:1", tls }] }),
      /nowhere: no-such-authority/,
    ],
  ])("with %s is refused", async (_, changes, message) => {
    const read = unwrap(await readConfig(writeConfig(changes())));
    const loaded = await loadConfig(read, {});
    expect(loaded).toMatchObject({ ok: false, error: { code: "config-malformed" } });
    expect(loaded.ok ? "" : loaded.error.message).toMatch(message);
  });

  function attesting(changes: object): Record<string, unknown> {
    return { attestation: { ...(config["attestation"] as object), ...changes } };
  }

  function strangeRelease(): object {
    const stranger = releaseOf(foundManufacturer());
    return { releases: [hexFile("strange-release.hex", stranger)] };
  }

  test("takes reference values from releases, and services to ask", async () => {
    const release = hexFile("release.hex", releaseOf(manufacturer));
    const verifiers = [{ oemRoot: "oem.hex", url: "http://127.0.0.1:1" }];
    const changes = { trustedApps: [], releases: [release], minimumTaVersion: 1, verifiers };
    const read = unwrap(await readConfig(writeConfig(attesting(changes))));
    const { policy, oemVerifiers } = unwrap(await loadConfig(read, {}));
    expect(policy.attestation).toMatchObject({
      trustedApps: [{ measurement: TA_MEASUREMENT, version: 1 }],
      minimumTaVersion: 1,
    });
    expect(oemVerifiers).toHaveLength(1);
  });

  function passphraseFile(): string {
    writeFileSync(join(folder, "wrong"), "wrong");
    return "wrong";
  }

  test("whose chain leads to another root does not start", async () => {
    const stranger = hexFile("stranger.hex", selfSigned("root", "bank", newKey()));
    const read = unwrap(await readConfig(writeConfig({ root: stranger })));
    const started = await startProvider(unwrap(await loadConfig(read, {})));
    expect(started).toMatchObject({ ok: false, error: { code: "chain-refused" } });
  });

  test("with a port that is taken says so", async () => {
    const read = unwrap(await readConfig(writeConfig()));
    const options = unwrap(await loadConfig(read, {}));
    const first = unwrap(await startProvider(options));
    const port = Number(new URL(first.url).port);
    const second = await startProvider({ ...options, port });
    expect(second).toMatchObject({ ok: false, error: { code: "port-unusable" } });
    await first.close();
  });

  test("without DATABASE_URL brings a PostgreSQL of its own", async () => {
    mkdirSync(join(folder, "own"), { recursive: true, mode: 0o755 });
    const changes = { databaseUrl: undefined, dataDir: "own" };
    const read = unwrap(await readConfig(writeConfig(changes)));
    const started = unwrap(await startProvider(unwrap(await loadConfig(read, {}))));
    expect((await overSocket(started.url).get("/readyz")).status).toBe(200);
    await started.close();
  });
});
