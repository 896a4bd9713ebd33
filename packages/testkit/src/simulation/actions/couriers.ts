// What anybody does who holds a message: a withdrawal, P and an outcome authorise themselves (protocol document §3), so they may be
// brought by whoever has them, in any order, for the wrong purpose, and under a signature that was made for something else.
import { amount, outcome, typOf, type Counter } from "@bezant/protocol";
import { COMMANDS, encodeInput, type CommandName } from "@bezant/trusted-app/commands";
import type { Bank } from "../bank.ts";
import type { PaymentEntry } from "../oracle/books.ts";
import type { Response } from "../router.ts";
import type { User } from "../user.ts";
import { withChain } from "../with-chain.ts";
import type { World } from "../world.ts";
import type { Action, Doings } from "./action.ts";
import { forgePayment, give, giveReceipt } from "./malware.ts";
import { deviceUser, hand, someUser } from "./wallet.ts";

/** Places for payments in a TA. */
const OUTBOX = 16;

export const COURIER_ACTIONS: Doings = {
  bringWithdrawal: { weight: 2, run: bringWithdrawal },
  bringClaim: { weight: 3, run: bringClaim },
  bringRefund: { weight: 2, run: bringRefund },
  bringSync: { weight: 1, run: bringSync },
  handForged: { weight: 2, run: handForged },
  rush: { weight: 1, run: rush },
};

export function bring(
  world: World,
  bank: Bank,
  path: string,
  body: Uint8Array,
): Promise<Response | undefined> {
  world.net.delivered += 1;
  return world.serve(bank, { method: "POST", path, token: undefined, body });
}

/** Its owner takes money out of the device past the wallet, and any of what is not acknowledged reaches the provider first. */
async function bringWithdrawal(world: World, action: Action): Promise<boolean> {
  const { rng, oracle } = world;
  const user = deviceUser(world, action);
  const book = user?.ta && oracle.books.tas.get(user.ta);
  if (user?.device === undefined || book === undefined) return false;
  const x = 1n + BigInt(action.n % 60);
  for (let times = rng.int(3); times > 0 && book.figures.balance >= x; times--) {
    user.isAbused = true;
    oracle.wishes.wish(`withdraw ${user.number} ${x}`);
    give(world, user, "Withdraw", { amount: amount(x) });
  }
  const w = rng.pick(book.figures.unacknowledged);
  // What a TA says of its balance is signed by the same key.
  const [name, input] =
    w === undefined || rng.oneIn(4)
      ? (["GetBalance", encodeInput("GetBalance", { nonce: rng.bytes(16) })] as const)
      : (["Resend", encodeInput("Resend", { kind: "withdrawal", n: w as Counter })] as const);
  const message = answerOf(user, name, input);
  const path = `/v1/clients/${user.wallet}/withdrawals`;
  if (message !== undefined) await bring(world, user.parts.home, path, message);
  return true;
}

/** What a device says when it is asked for a message, if it does. */
function answerOf(user: User, name: CommandName, input: Uint8Array): Uint8Array | undefined {
  const answer = user.device?.ask(COMMANDS[name].number, input);
  return answer?.ok === true && answer.value.status === 0 ? answer.value.output : undefined;
}

/** Somebody else than the wallet lets a device synchronise, and keeps some of its payments back. */
async function bringSync(world: World, action: Action): Promise<boolean> {
  const user = deviceUser(world, action);
  const book = user?.ta && world.oracle.books.tas.get(user.ta);
  if (user === undefined || book === undefined) return false;
  // What the provider stores then the device forgets, and the wallet may never have heard of it.
  user.isAbused = true;
  const request = answerOf(user, "SyncRequest", encodeInput("SyncRequest", {}));
  if (request === undefined) return false;
  const payments = book.figures.unsettled.flatMap((j) => {
    const input = encodeInput("Resend", { kind: "payment", n: j as Counter });
    return world.rng.oneIn(2) ? (answerOf(user, "Resend", input) ?? []) : [];
  });
  const body = Buffer.concat([request, ...payments]);
  const path = `/v1/clients/${user.wallet}/syncs`;
  const answer = await bring(world, user.parts.home, path, body);
  if (answer?.code === undefined && answer !== undefined)
    give(world, user, "Sync", { response: answer.body });
  return true;
}

/** A payment is claimed for its payee, or for the wallet of the payee's device, as it is or under another's signature. */
async function bringClaim(world: World): Promise<boolean> {
  const { rng, oracle } = world;
  const isForWallet = !rng.oneIn(4);
  const recent = [...oracle.books.recent].filter(({ toWallet }) => toWallet === isForWallet);
  const entry = rng.pick(recent);
  const payee = entry && world.ownerOf(entry.receiver);
  if (entry === undefined || payee?.wallet === undefined) return false;
  const whole = withChain(world, entry.bytes);
  const body = rng.oneIn(3) ? forgePayment(whole) : whole;
  await bring(world, payee.parts.home, `/v1/clients/${payee.wallet}/claims`, body);
  return true;
}

/** A payment is to go back, on the ground of whatever was said of it, or of another one. */
async function bringRefund(world: World): Promise<boolean> {
  const { rng, oracle, net } = world;
  const entry = rng.pick([...oracle.books.recent]);
  const payer = entry && world.ownerOf(entry.sender);
  if (entry === undefined || payer?.wallet === undefined) return false;
  const outcomes = net.seenMessages.filter((one) => typOf(one) === outcome.typ);
  const said = outcomes.filter((one) => isAbout(entry, one));
  const ground = rng.pick(said.length > 0 && !rng.oneIn(4) ? said : outcomes);
  if (ground === undefined) return false;
  const body = Buffer.concat([entry.bytes, ground]);
  await bring(world, payer.parts.home, `/v1/clients/${payer.wallet}/refunds`, body);
  return true;
}

function isAbout({ sender, j, r }: PaymentEntry, message: Uint8Array): boolean {
  const parsed = outcome.parse(message);
  if (!parsed.ok) return false;
  const { payload } = parsed.value;
  return "sender" in payload ? payload.sender === sender && payload.j === j : payload.r === r;
}

/** A payee is given what nobody has signed in place of a payment that it waits for. */
async function handForged(world: World): Promise<boolean> {
  const { rng, oracle, net } = world;
  const waiting = [...oracle.books.recent].filter(
    ({ end, isReceived }) => end === "flight" && !isReceived,
  );
  const entry = rng.pick(waiting);
  const payee = entry && world.ownerOf(entry.receiver);
  if (entry === undefined || payee === undefined) return false;
  net.delivered += 1;
  await hand(world, payee, forgePayment(withChain(world, entry.bytes)));
  return true;
}

/** A till asks for little again and again, and its customer's outbox fills before an answer comes back. */
async function rush(world: World, action: Action): Promise<boolean> {
  const payer = deviceUser(world, action);
  const payee = someUser(world, { ...action, u: action.v });
  const book = payer?.ta && world.oracle.books.tas.get(payer.ta);
  if (payer === undefined || payer === payee || book === undefined) return false;
  // Half of the time so little that it goes without the PIN.
  const most = world.rng.oneIn(2) ? 1 : 60;
  for (let left = OUTBOX - book.figures.unsettled.length; left > 0; left--) {
    const paid = await payAtTill(world, payer, payee, most);
    if (paid === "pin-required" && world.rng.oneIn(2)) {
      await world.finish(payer.main.run((wallet) => wallet.enterPin(payer.pin)));
    } else if (paid !== "paid") break;
  }
  if (world.rng.oneIn(2)) giveReceipt(world, payer, book.figures.unsettled);
  return true;
}

async function payAtTill(world: World, payer: User, payee: User, most: number): Promise<string> {
  const { oracle, net, rng } = world;
  const ask = {
    amount: amount(1n + BigInt(rng.int(most))),
    as: "wallet",
    withChain: true,
  } as const;
  const asked = await world.finish(payee.main.run((wallet) => wallet.requestPayment(ask)));
  if (asked?.ok !== true) return "not asked";
  const { message, r } = asked.value;
  oracle.noteWalletRequest(message);
  oracle.wishes.wish(`pay ${payer.number} ${payee.wallet}/${r}`);
  const paid = await world.finish(payer.main.run((wallet) => wallet.pay(message)));
  if (paid?.ok !== true) return paid?.error.code ?? "crash";
  net.hand(payee.number, paid.value.message);
  return "paid";
}
