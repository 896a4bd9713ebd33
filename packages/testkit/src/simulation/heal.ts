// The day on which everything works again: all money is where it belongs, to the unit.
import { amount, unwrap, type TaId } from "@bezant/protocol";
import { bringNewestFlash } from "./actions/faults.ts";
import { checkAtRest } from "./at-rest.ts";
import { MOST_TO_FILL } from "./limits.ts";
import type { Bank } from "./bank.ts";
import type { PaymentEntry } from "./oracle/books.ts";
import { checkSettled } from "./oracle/settlement-watch.ts";
import { Violation } from "./oracle/property.ts";
import { run } from "./run.ts";
import { flying, hasHolder, strandedIn } from "./stranded.ts";
import type { User } from "./user.ts";
import { withChain } from "./with-chain.ts";
import type { World } from "./world.ts";

const ROUNDS = 8;
const LIST = 5;
const LITTLE = 50n;
/** A payment, its return to the central bank, the return's advice. */
const SETTLINGS = 3;

/** Heals network, disks, devices and clocks, then lets everybody finish, and counts. */
export async function heal(world: World): Promise<void> {
  await mend(world);
  for (let round = 0; round < ROUNDS; round++) {
    for (const user of world.users) await run(world, user, (wallet) => wallet.resume());
    for (const user of world.users) await bringUpToDate(world, user);
    for (const user of world.users) checkAdopted(world, user);
    for (const entry of flying(world)) {
      if (hasHolder(world, entry)) await bringHome(world, entry);
    }
    for (const user of world.users) await empty(world, user);
    for (const bank of openBetween(world)) await world.oracle.settle(bank);
    const { flight, offline } = world.oracle.books;
    if (flight === strandedIn(world) && offline === 0n) break;
  }
  await settle(world);
  await count(world);
  await checkAtRest(world);
}

/** Everybody who has a device fills it again, so that a long run goes on with money offline. */
export async function refill(world: World): Promise<void> {
  for (const user of world.users) {
    const online = user.wallet && world.oracle.books.clients.get(user.wallet)?.online;
    if (user.device === undefined || online === undefined || online < 2n) continue;
    // Every second one has little, and lives on what it is paid.
    const half = online / 2n < MOST_TO_FILL ? online / 2n : MOST_TO_FILL;
    const x = user.number % 2 === 0 ? half : LITTLE;
    if (x > online) continue;
    world.oracle.wishes.wish(`deposit ${user.number} ${x}`);
    await run(world, user, (wallet) => wallet.deposit({ amount: amount(x) }));
  }
}

async function mend(world: World): Promise<void> {
  const { net, users, banks } = world;
  for (const lost of [...net.requests.splice(0), ...net.answers.splice(0)]) lost.settle(undefined);
  net.handed.length = 0;
  await world.settle();
  for (const user of users) {
    user.skew = 0;
    user.join();
    user.main.kill();
    user.main.mend();
    user.device?.files.mend();
    user.device?.restart();
    bringNewestFlash(user);
    world.oracle.tas.get(user)?.look();
  }
  for (const { database } of banks) database.mend();
  world.centralBank?.mend();
  world.failed = undefined;
}

/** All providers settle, so that what is between two of them arrives or comes back; then the window is closed. */
async function settle({ centralBank, banks, oracle }: World): Promise<void> {
  if (centralBank === undefined) return;
  for (let round = 0; round < SETTLINGS; round++) {
    for (const bank of banks) await oracle.settle(bank);
  }
  await centralBank.closeWindow();
  // A statement after the closing: the accounts are as they are now.
  for (const bank of banks) await oracle.settle(bank);
}

/** Who has to settle before the payments between providers have ended. */
function openBetween({ banks, oracle }: World): readonly Bank[] {
  const isOpen = [...oracle.books.interbank.values()].some(({ end }) => end === "flight");
  return isOpen ? banks : [];
}

/** Certificates, and whatever is outstanding between a TA and its provider. */
async function bringUpToDate(world: World, user: User): Promise<void> {
  if (user.device === undefined) return;
  await run(world, user, (wallet) => wallet.registerTa());
  await run(world, user, (wallet) => wallet.sync());
  await run(world, user, (wallet) => wallet.refund());
  const { books, wishes } = world.oracle;
  const ta = user.ta as TaId;
  if (books.confirmationsOf(ta).some(({ isApplied }) => !isApplied)) {
    // A deposit fetches what was confirmed before it.
    wishes.wish(`deposit ${user.number} 1`);
    await run(world, user, (wallet) => wallet.deposit({ amount: amount(1n) }));
  }
}

/** What is in the device's outbox, whoever had it put there, its wallet has come to know by the synchronisation. */
function checkAdopted(world: World, user: User): void {
  const { id, figures } = world.oracle.tas.get(user)?.book ?? {};
  for (const j of figures?.unsettled ?? []) {
    if (isInStore(user, id as TaId, j)) continue;
    throw new Violation(
      "wallet security",
      `user ${user.number}'s wallet knows nothing of payment ${j}`,
    );
  }
}

/** A payment reaches its payee, who takes it, or says that he will not; then it goes back. */
async function bringHome(world: World, entry: PaymentEntry): Promise<void> {
  const payer = world.ownerOf(entry.sender);
  const payee = world.ownerOf(entry.receiver);
  if (payer === undefined || payee === undefined) throw new Error(`${entry.key} is nobody's`);
  const message = withChain(world, entry.bytes);
  const received = await run(world, payee, (wallet) => wallet.receive(message));
  if (received !== undefined) world.oracle.judgeReceipt(message, received, true);
  if (entry.toWallet) {
    const { sender, j } = entry;
    await run(world, payee, (wallet) => wallet.claim([{ sender, j: j as never }]));
  }
  const outcome = received?.ok === true ? received.value.outcome : received?.error.outcome;
  if (outcome !== undefined) {
    await run(world, payer, (wallet) => wallet.settle(outcome));
    if (!knows(payer, entry)) await handIn(world, payer, message, outcome);
  }
  await run(world, payer, (wallet) => wallet.sync());
  await run(world, payer, (wallet) => wallet.refund());
}

/** Whether the payer's own wallet has the payment; a copy of it that is gone may have been the only one. */
function knows(user: User, { sender, j }: PaymentEntry): boolean {
  return !user.isAbused || isInStore(user, sender, j);
}

function isInStore({ main }: User, sender: TaId, j: number): boolean {
  const key = `${sender}/${j.toString().padStart(10, "0")}`;
  return main.disk.image().get("outgoing")?.has(key) === true;
}

/** P and its outcome authorise themselves (protocol document §3): the payee, who has both, gives them to the payer's provider. */
async function handIn(
  world: World,
  { wallet, parts: { home } }: User,
  message: Uint8Array,
  outcome: Uint8Array,
): Promise<void> {
  const path = `/v1/clients/${wallet}/refunds`;
  const body = Buffer.concat([message, outcome]);
  await world.serve(home, { method: "POST", path, token: undefined, body });
}

/** All that is in the device goes to the online balance. */
async function empty(world: World, user: User): Promise<void> {
  const book = user.ta && world.oracle.books.tas.get(user.ta);
  if (book === undefined) return;
  const { balance } = book.figures;
  if (balance > 0n) {
    world.oracle.wishes.wish(`withdraw ${user.number} ${balance}`);
    await run(world, user, (wallet) => wallet.withdraw({ amount: amount(balance) }));
  }
  await run(world, user, (wallet) => wallet.resume());
}

async function count(world: World): Promise<void> {
  const { books } = world.oracle;
  world.oracle.check();
  if (books.flight !== strandedIn(world) || books.offline !== 0n) {
    const left = flying(world).slice(0, LIST);
    const why = left.map((entry) => {
      const end = JSON.stringify(books.requestOf(entry)?.end);
      return `${entry.key.slice(0, 8)} ${entry.j}, ${entry.amount}, ${entry.declined}, ${end}`;
    });
    throw new Violation(
      "wallet security",
      `healed, yet ${books.flight} are on their way, ${books.offline} offline: ${why.join("; ")}`,
    );
  }
  for (const bank of world.banks) {
    const audited = unwrap(await bank.audit());
    const own = [...books.clients.values()].filter(({ bank: id }) => id === bank.id);
    const sum = own.reduce((total, { online }) => total + online, 0n);
    const { online, suspense } = audited.balances;
    if (online + suspense === sum && audited.tampered.length === 0) continue;
    throw new Violation("supply conservation", `${bank.id} has ${online + suspense}, not ${sum}`);
  }
  const { centralBank, banks } = world;
  if (centralBank !== undefined) await checkSettled(books, centralBank, banks);
}
