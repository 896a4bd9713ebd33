import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { certifyDevice } from "@bezant/pki";
import { nodeVerifier } from "@bezant/pki/node";
import {
  chainVerify,
  decompress,
  payVerify,
  runChecks,
  seconds,
  TrustStore,
  unwrap,
} from "@bezant/protocol";
import { createDevice } from "@bezant/tee";
import { spawnTee } from "@bezant/tee/process";
import { initializeContext, OPS_TA_UUID } from "@bezant/tee/client";
import { COMMANDS, encodeInput, readAnswer } from "@bezant/trusted-app/commands";
import { CONTAINS, IN_ORDER } from "./contains.ts";
import { floorCalls, type Floor } from "./floor.ts";
import { round, timeInTurns } from "./measure.ts";
import { enrol, fund, requestOf, type Call, type Party } from "./party.ts";
import { rawDevices } from "./raw-devices.ts";
import type { Report } from "./report.ts";
import { createWorld, EUR, now, type World } from "./world.ts";

const RUNS = 1000;
const TURN = 50;

/** Request → Pay → verify → Collect → receipt, between two trusted OS processes with durable state. */
export async function offlinePayment(report: Report, scratch: string): Promise<void> {
  const folder = mkdtempSync(join(scratch, "bezant-bench-"));
  try {
    const world = await createWorld();
    const payer = await teeParty(world, join(folder, "payer"));
    const payee = await teeParty(world, join(folder, "payee"));
    await fund(world, payer.party, 1, 1_000_000n);
    const verify = verification(world);
    const raw = floorCalls(folder);
    const { calls } = raw;
    const devices = rawDevices(folder, raw);
    const { whole, inOrder, apart, ...floor } = await timeInTurns(RUNS, TURN, {
      whole: () => payOnce(payer.party, payee.party, verify),
      ...calls,
      inOrder: () => {
        for (const call of IN_ORDER) calls[call]();
      },
      apart: () => devices.pay(),
    });
    raw.close();
    await devices.stop();
    await payer.stop();
    await payee.stop();
    const least = leastOf(floor);
    report({
      name: "offline payment, both sides",
      value: whole.median,
      unit: "µs",
      floor: least,
      floorIs: `${CONTAINS.signs} signatures, ${CONTAINS.verifies} verifications, ${CONTAINS.fdatasyncs} fdatasyncs`,
      bar: "within 2 times the floor",
      held: whole.median <= 2 * least,
    });
    const waitedFor = round(least - CONTAINS.behindAnswers * floor.fdatasync.median);
    report({
      name: `  floor without the ${CONTAINS.behindAnswers} fdatasyncs behind answers`,
      value: waitedFor,
      unit: "µs",
    });
    report({ name: "offline payment, 95 of 100 within", value: whole.p95, unit: "µs" });
    for (const name of ["sign", "verify", "fdatasync"] as const) {
      report({ name: `  floor: one ${name}`, value: floor[name].median, unit: "µs" });
    }
    report({
      name: "  floor: all of them in one process, in this order",
      value: inOrder.median,
      unit: "µs",
    });
    report({
      name: "  floor: all of them in three processes, as a payment makes them",
      value: apart.median,
      unit: "µs",
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function leastOf({ sign, verify, fdatasync }: Floor): number {
  const { signs, verifies, fdatasyncs } = CONTAINS;
  return round(signs * sign.median + verifies * verify.median + fdatasyncs * fdatasync.median);
}

async function payOnce(payer: Party, payee: Party, verify: (payment: Uint8Array) => void) {
  const request = unwrap(await requestOf(payee));
  const payment = unwrap(await payer.call("Pay", { request, hint: seconds(0) }));
  verify(payment);
  const outcome = unwrap(await payee.call("Collect", { payment }));
  unwrap(await payer.call("Settle", { outcome }));
}

/** PayVerify as the payee's wallet does it: it knows the provider already, and the sender is new each time. */
function verification(world: World): (payment: Uint8Array) => void {
  const key = unwrap(decompress(world.root.claims.key));
  const trust = new TrustStore({ root: { id: world.root.claims.sub, key }, currency: EUR });
  const verifier = nodeVerifier();
  unwrap(runChecks(unwrap(chainVerify({ chain: world.chain, trust, now })), verifier));
  return (payment) => unwrap(runChecks(unwrap(payVerify(payment, { trust, now })), verifier));
}

async function teeParty(world: World, folder: string) {
  const certify = async (device: Parameters<typeof certifyDevice>[1]) =>
    unwrap(await certifyDevice(world.oem, device, { now, days: 365 }));
  unwrap(await createDevice(folder, { identity: { certify } }));
  const tee = unwrap(await spawnTee({ folder }));
  const context = unwrap(await initializeContext({ socket: tee.socket }));
  const session = unwrap(await context.openSession(OPS_TA_UUID));
  const call: Call = async (name, input) => {
    const command = COMMANDS[name].number;
    return readAnswer(name, unwrap(await session.invokeCommand(command, encodeInput(name, input))));
  };
  return { party: await enrol(world, call), stop: () => tee.stop() };
}
