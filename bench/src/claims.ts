import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  asyncNodeSigner,
  asyncNodeVerifier,
  generatePrivateKey,
  nodeSigner,
} from "@bezant/pki/node";
import {
  amount,
  concatBytes,
  counter,
  decompress,
  decodeSequence,
  payment,
  paymentContext,
  registration,
  taIdOf,
  unwrap,
  walletIdOf,
  type SignatureCheck,
  type SyncSigner,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import { DEFAULT_POLICY, startProvider, type RunningProvider } from "@bezant/provider";
import { round } from "./measure.ts";
import type { Report } from "./report.ts";
import { createWorld, EUR, HOME, LIMITS, now, random, type World } from "./world.ts";

const SENDERS = 200;
const RECEIVERS = 50;
const BATCH = 2048;
const BATCHES = 24;
/** POSTs under way at once. */
const IN_FLIGHT = 4;
const VERIFICATIONS = 40_000;
const ENOUGH_IN_FLIGHT = 128;

/**
 * Durable claims over HTTP, in batches: strict decoding, PayVerify, and a group commit with fsync on. The floor is the one
 * thing a claim cannot do without, one verification, as fast as all cores together do nothing else.
 */
export async function claimRate(report: Report, scratch: string): Promise<void> {
  const folder = mkdtempSync(join(scratch, "bezant-bench-"));
  try {
    const world = await createWorld();
    const raw = await rawVerifications();
    const running = await start(world, join(folder, "db"));
    try {
      const batches = await makeBatches(world, running);
      const warmUp = batches.splice(0, IN_FLIGHT);
      await postAll(running, warmUp);
      const begun = performance.now();
      await postAll(running, batches);
      const seconds = (performance.now() - begun) / 1000;
      const rate = Math.round((batches.length * BATCH) / seconds);
      report({
        name: "claims over HTTP, durable",
        value: rate,
        unit: "/s",
        floor: raw,
        floorIs: "raw verifications on all cores",
        bar: "at least half of the raw verifications",
        held: rate >= raw / 2,
      });
      report({ name: "  share of raw verifications", value: round((100 * rate) / raw), unit: "%" });
      const supply = unwrap(await running.provider.audit());
      const credited = supply.balances.online;
      if (credited !== BigInt(BATCHES * BATCH)) throw new Error(`credited ${credited}`);
    } finally {
      await running.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function start(world: World, dataDir: string): Promise<RunningProvider> {
  const attestation = {
    oemRoots: [],
    trustedApps: [],
    trustedOses: [],
    minimumLevel: 1,
  } as const;
  const root = { id: world.root.claims.sub, key: unwrap(decompress(world.root.claims.key)) };
  return unwrap(
    await startProvider({
      identity: { id: HOME, currency: EUR, chain: world.chain, root },
      signer: asyncNodeSigner(world.providerKey),
      policy: { ...DEFAULT_POLICY, attestation, limits: LIMITS },
      operators: [],
      secret: random(32),
      database: { dataDir },
      host: "127.0.0.1",
      port: 0,
      http: {
        requestsPerMinute: 1_000_000,
        registrationsPerMinute: 1_000_000,
        trustProxy: false,
        log: undefined,
      },
    }),
  );
}

/** Payments as TAs sign them, each sender to many receivers, so that neither rows nor certificates are all the same. */
async function makeBatches(world: World, running: RunningProvider): Promise<Uint8Array[]> {
  const receivers: WalletId[] = [];
  for (let i = 0; i < RECEIVERS; i++) receivers.push(await register(running));
  const senders: Sender[] = [];
  for (let i = 0; i < SENDERS; i++) senders.push(await makeSender(world));
  const batches: Uint8Array[] = [];
  let made = 0;
  for (let b = 0; b < BATCHES; b++) {
    const batch: Uint8Array[] = [];
    for (let i = 0; i < BATCH; i++, made++) {
      const sender = senders[made % SENDERS] as Sender;
      const receiver = receivers[made % RECEIVERS] as WalletId;
      batch.push(pay(sender, receiver, 1 + Math.floor(made / SENDERS)));
    }
    batches.push(concatBytes(...batch));
  }
  return batches;
}

type Sender = { readonly signer: SyncSigner; readonly id: TaId; readonly certificate: Uint8Array };

async function makeSender(world: World): Promise<Sender> {
  const signer = nodeSigner(generatePrivateKey());
  const key = signer.publicKey.compressed;
  const claims = { role: "ta", key, limitsProfile: 1, securityLevel: 1 };
  return { signer, id: taIdOf(signer.publicKey), certificate: await world.certify(claims) };
}

function pay({ signer, id, certificate }: Sender, receiver: WalletId, j: number): Uint8Array {
  const payload = {
    amount: amount(1n),
    receiver,
    receiverClass: "wallet",
    j: counter(j),
    r: counter(j),
    challenge: random(8),
    time: now,
    type: "basic",
  } as const;
  const context = paymentContext({ currency: EUR, home: HOME, sender: id, receiver });
  return payment.sign(payload, context, signer, { certificate });
}

async function register({ url }: RunningProvider): Promise<WalletId> {
  const signer = nodeSigner(generatePrivateKey());
  const client = walletIdOf(HOME, signer.publicKey);
  const context = { currency: EUR, home: HOME, signer: client, audience: HOME };
  const key = signer.publicKey.compressed;
  await post(`${url}/v1/clients`, "application/cose", registration.sign({ key }, context, signer));
  return client;
}

async function postAll({ url }: RunningProvider, batches: readonly Uint8Array[]): Promise<void> {
  const waiting = [...batches];
  const worker = async (): Promise<void> => {
    for (let batch = waiting.pop(); batch !== undefined; batch = waiting.pop()) {
      const answer = await post(`${url}/v1/claims`, "application/cbor-seq", batch);
      const items = unwrap(decodeSequence(answer, { maxItems: BATCH, maxItemSize: 4096 }));
      // [0, outcome]: credited. [1, code]: refused.
      if (items.length !== BATCH || items.some((item) => item[1] !== 0)) {
        throw new Error("a claim of the bench was refused");
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

async function post(url: string, type: string, body: Uint8Array): Promise<Uint8Array> {
  const bytes = Uint8Array.from(body);
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": type },
    body: bytes,
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** Verifications a second with enough in flight for all cores, and nothing else to do. */
async function rawVerifications(): Promise<number> {
  const signer = nodeSigner(generatePrivateKey());
  const verifier = asyncNodeVerifier();
  const checks: SignatureCheck[] = Array.from({ length: 256 }, () => {
    const message = random(160);
    return { key: signer.publicKey.compressed, message, signature: signer.sign(message) };
  });
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < VERIFICATIONS) {
      const check = checks[next++ % checks.length] as SignatureCheck;
      if (!(await verifier.verify(check))) throw new Error("a good signature did not verify");
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: ENOUGH_IN_FLIGHT }, worker));
  return Math.round(VERIFICATIONS / ((performance.now() - begun) / 1000));
}
