import { generatePrivateKey, nodeSigner, nodeVerifier } from "@bezant/pki/node";
import { seconds, unwrap } from "@bezant/protocol";
import { opsTrustedApp } from "@bezant/tee";
import { call as callTa } from "@bezant/trusted-app/commands";
import { inMemoryTa } from "./in-memory-ta.ts";
import { time } from "./measure.ts";
import { enrol, fund, requestOf, type Call } from "./party.ts";
import type { Report } from "./report.ts";
import { createWorld, random } from "./world.ts";

const MAX_MODULE = 16 * 1024;
const RUNS = 2000;

/** What the TA itself costs: its module, its memory, its state, and Pay and Collect beside the cryptography in them. */
export async function trustedApp(report: Report): Promise<void> {
  const module = opsTrustedApp();
  const size = module.length;
  report({
    name: "TA: Wasm module",
    value: size,
    unit: "bytes",
    bar: "at most 16 KB",
    held: size <= MAX_MODULE,
  });

  const world = await createWorld();
  const [payer, payee] = [inMemoryTa(), inMemoryTa()];
  report({ name: "TA: linear memory, fixed", value: linearMemory(module), unit: "bytes" });
  const from = await enrol(world, directCall(payer.ta));
  const to = await enrol(world, directCall(payee.ta));
  await fund(world, from, 1, 1_000_000n);
  report({ name: "TA: state", value: payer.stateBytes(), unit: "bytes" });

  const { sign, verify } = await rawCalls();
  const times = { Pay: [] as number[], Collect: [] as number[] };
  await time(RUNS, async () => {
    const request = unwrap(await requestOf(to));
    const payment = unwrap(
      await clocked(times.Pay, () => from.call("Pay", { request, hint: seconds(0) })),
    );
    const outcome = unwrap(await clocked(times.Collect, () => to.call("Collect", { payment })));
    unwrap(await from.call("Settle", { outcome }));
  });
  const floor = Math.round(sign + 2 * verify);
  const floorIs = "1 signature, 2 verifications";
  for (const name of ["Pay", "Collect"] as const) {
    const value = median(times[name]);
    report({ name: `TA: ${name}, in memory`, value, unit: "µs", floor, floorIs });
  }
}

function directCall(ta: ReturnType<typeof inMemoryTa>["ta"]): Call {
  return (name, input) => Promise.resolve(callTa(ta, name, input));
}

async function rawCalls(): Promise<{ readonly sign: number; readonly verify: number }> {
  const signer = nodeSigner(generatePrivateKey());
  const verifier = nodeVerifier();
  const message = random(160);
  const signature = signer.sign(message);
  const check = { key: signer.publicKey.compressed, message, signature };
  const sign = await time(RUNS, () => signer.sign(message));
  const verify = await time(RUNS, () => verifier.verify(check));
  return { sign: sign.median, verify: verify.median };
}

async function clocked<T>(into: number[], work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  const value = await work();
  into.push((performance.now() - begun) * 1000);
  return value;
}

function median(times: readonly number[]): number {
  return Math.round(times.toSorted((a, b) => a - b)[times.length >> 1] ?? 0);
}

type WebAssemblyApi = {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { readonly memory: { readonly buffer: ArrayBuffer } } };
};

/** The memory that every instance of the module has, asked of one that can call nothing. */
function linearMemory(module: Uint8Array): number {
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyApi };
  const nothing = new Proxy({}, { get: () => () => 0 });
  const compiled = new WebAssembly.Module(module);
  return new WebAssembly.Instance(compiled, { tee: nothing }).exports.memory.buffer.byteLength;
}
