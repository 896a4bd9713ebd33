import { DAY } from "../world/institutions.ts";
import { holderOf, signRequest } from "../world/signed.ts";
import type { FlyingPayment } from "./ledger.ts";
import type { World } from "./world.ts";

// What happens outside the devices, between two commands.

/** A wallet without secure hardware asks for money. */
function walletAsks(world: World): void {
  const { random } = world;
  const wallet = random.pick(world.wallets);
  world.r += 1;
  const bytes = signRequest(holderOf(wallet), {
    x: BigInt(random.between(1, 300)),
    r: world.r,
    challenge: random.bytes(8),
    ...(random.chance(0.2) ? { expires: world.time + random.between(-5, 500) } : {}),
  });
  const { certificate, provider, id: from } = wallet;
  world.keep("request", { bytes, from, certificate, provider });
}

/** A wallet's provider disposes of a payment to it, and says so as often as it is asked. */
function walletClaims(world: World): void {
  const { random, ledger, wallets } = world;
  const message = random.pickRecent(
    world.sent.payment.filter(({ to }) => wallets.some(({ id }) => id === to)),
  );
  const payment = ledger.find(message?.from ?? "", message?.j ?? 0);
  const wallet = wallets.find(({ id }) => id === payment?.payee);
  if (payment === undefined || wallet === undefined) return;
  const { provider } = wallet;
  const model = provider.id === world.alpha.id ? world.alpha : world.beta;
  const bytes = model.dispose(payment, random.chance(0.8) ? "claimed" : "declined", provider);
  const { certificate, id: from } = wallet;
  world.keep("outcome", { bytes, to: payment.sender, j: payment.j, from, certificate, provider });
}

/** The payer's provider refunds what it has seen proof for: that the request ended otherwise. */
function providerRefunds(world: World): void {
  const { random, ledger } = world;
  const message = random.pickRecent(world.sent.payment);
  const payment = ledger.find(message?.from ?? "", message?.j ?? 0);
  if (payment === undefined || !canBeRefunded(world, payment)) return;
  const provider = world.providerOf(payment.sender);
  if (provider !== undefined) provider.refund(payment, random.pick(provider.keys));
}

function canBeRefunded(world: World, payment: FlyingPayment): boolean {
  if (payment.fate === "declined") return true;
  const payee = world.agentOf(payment.payee);
  if (payment.fate !== "in flight" || payee === undefined) return false;
  return !payee.state.requests.some(({ r }) => r === payment.r);
}

function timePasses(world: World): void {
  world.time += world.random.pick([1, 60, 3_600, DAY, 10 * DAY]);
}

export function worldStep(world: World): void {
  const { random } = world;
  if (random.chance(0.12)) walletAsks(world);
  if (random.chance(0.1)) walletClaims(world);
  if (random.chance(0.15)) providerRefunds(world);
  if (random.chance(0.01)) timePasses(world);
  world.renewKey();
}
