// What users ask their wallets for. Operations are begun here and go on as their messages arrive.
import {
  amount,
  parseCertificate,
  paymentRequest,
  subjectId,
  unwrap,
  type Amount,
  type Counter,
  type PayeeId,
  type ProviderId,
} from "@bezant/protocol";
import { COMMANDS, encodeInput } from "@bezant/trusted-app/commands";
import { kindOf, type PaymentId, type Wallet } from "@bezant/wallet";
import { take } from "../net.ts";
import { Violation } from "../oracle/property.ts";
import type { Process, User } from "../user.ts";
import type { World } from "../world.ts";
import type { Action, Doings } from "./action.ts";

/** Operations of one process at once. */
const AT_ONCE = 3;

export const WALLET_ACTIONS: Doings = {
  request: { weight: 14, run: request },
  hear: { weight: 45, run: hear },
  cancel: { weight: 5, run: cancel },
  deposit: {
    weight: 4,
    run: (world, action) => {
      const x = small(action);
      const user = deviceUser(world, action);
      if (user === undefined) return false;
      return begin(
        world,
        user,
        "deposit",
        (wallet) => wallet.deposit({ amount: x }),
        () => {
          world.oracle.wishes.wish(`deposit ${user.number} ${x}`);
        },
      );
    },
  },
  withdraw: {
    weight: 4,
    run: (world, action) => {
      const x = small(action);
      const user = deviceUser(world, action);
      if (user === undefined) return false;
      return begin(
        world,
        user,
        "withdraw",
        (wallet) => wallet.withdraw({ amount: x }),
        () => {
          world.oracle.wishes.wish(`withdraw ${user.number} ${x}`);
        },
      );
    },
  },
  payOnline: {
    weight: 2,
    run: (world, action) => {
      const [user, other] = [someUser(world, action), world.users[action.v % world.users.length]];
      const receiver = other?.wallet;
      if (receiver === undefined || other === user) return false;
      const x = small(action);
      const provider = payeesProvider(world, other, action);
      const pay = (wallet: Wallet) => wallet.payOnline({ amount: x, receiver, provider });
      return begin(world, user, "pay-online", pay, () => {
        world.oracle.wishes.wish(`pay-online ${user.number} ${receiver} ${x}`);
      });
    },
  },
  enterPin: {
    weight: 1,
    run: (world, action) => {
      const user = deviceUser(world, action);
      const x = small(action);
      if (user === undefined) return false;
      return begin(world, user, "enter-pin", (wallet) => wallet.enterPin(user.pin, x));
    },
  },
  claim: { weight: 4, run: plain("claim", (wallet) => wallet.claim()) },
  decline: { weight: 3, run: decline },
  sync: { weight: 3, run: plain("sync", (wallet) => wallet.sync(), true) },
  refund: { weight: 3, run: plain("refund", (wallet) => wallet.refund(), true) },
  resume: { weight: 8, run: plain("resume", (wallet) => wallet.resume()) },
  renew: { weight: 1, run: plain("registerTa", (wallet) => wallet.registerTa(), true) },
  look: { weight: 1, run: plain("onlineBalance", (wallet) => wallet.onlineBalance()) },
};

/** Where an online payment goes: to the payee's provider, now and then to another one, which does not know the payee. */
function payeesProvider(
  { banks, centralBank }: World,
  payee: User | undefined,
  { n }: Action,
): ProviderId | undefined {
  if (centralBank === undefined) return undefined;
  const home = payee?.parts.home;
  return (n % 8 === 0 ? banks.find((bank) => bank !== home) : home)?.id;
}

/** Begins an operation; when it ends, in this step or a later one, `then` goes on with its answer. */
async function begin<T>(
  world: World,
  user: User,
  name: string,
  operation: (wallet: Wallet) => Promise<T>,
  before: () => void = () => undefined,
  then: (answer: T) => void = () => undefined,
): Promise<boolean> {
  const process = processOf(world, user);
  if (process.running >= AT_ONCE) return false;
  await process.open();
  before();
  const ended = process.run(operation).then((answer) => {
    world.note(user.number, name, codeOf(answer));
    if (answer !== undefined) then(answer);
  });
  ended.catch((error: unknown) => {
    world.failed ??= error instanceof Violation ? error : bug(name, error);
  });
  return true;
}

function bug(name: string, error: unknown): Violation {
  const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
  const at = stack.split("\n").find((line) => line.includes("/packages/")) ?? "";
  return new Violation("no crash", `${name}: ${message} ${at.trim()}`);
}

function processOf(world: World, user: User): Process {
  const { copy, main } = user;
  return copy !== undefined && world.rng.oneIn(2) ? copy : main;
}

function codeOf(answer: unknown): string {
  const { ok, error } = (answer ?? {}) as { ok?: boolean; error?: { code?: string } };
  return ok === true ? "ok" : (error?.code ?? "crash");
}

function plain(name: string, operation: (wallet: Wallet) => Promise<unknown>, needsDevice = false) {
  return (world: World, action: Action): Promise<boolean> | boolean => {
    const user = needsDevice ? deviceUser(world, action) : someUser(world, action);
    return user === undefined ? false : begin(world, user, name, operation);
  };
}

function request(world: World, action: Action): Promise<boolean> {
  const user = someUser(world, action);
  const payers = world.users.filter((one) => one !== user && one.device !== undefined);
  const payer = payers[action.v % payers.length];
  const { rng, clock } = world;
  // Now and then more than anybody has.
  const x = rng.oneIn(40) ? amount(50_000n) : small(action);
  const expires = rng.oneIn(8) ? clock.at(600) : undefined;
  const asWallet = rng.oneIn(6) ? "wallet" : undefined;
  const withChain = rng.oneIn(2);
  const ask = (wallet: Wallet) =>
    wallet.requestPayment({ amount: x, expires, as: asWallet, withChain });
  return begin(world, user, "request", ask, undefined, (asked) => {
    if (!asked.ok && asked.error.code === "limit-holding") makeRoom(world, user);
    if (!asked.ok || payer === undefined) return;
    world.oracle.noteWalletRequest(asked.value.message);
    user.requests.push(asked.value);
    if (user.requests.length > 8) user.requests.shift();
    world.net.hand(payer.number, asked.value.message);
  });
}

/** Its owner finds the device full, and has it end the request for most; one that somebody else has made, perhaps. */
function makeRoom({ oracle }: World, user: User): void {
  const open = oracle.tas.get(user)?.open ?? [];
  const [most] = open.toSorted((a, b) => Number(b.amount - a.amount));
  if (most === undefined) return;
  const input = encodeInput("CancelRequest", { r: most.r as Counter });
  user.device?.give(COMMANDS.CancelRequest.number, input);
}

function cancel(world: World, action: Action): Promise<boolean> | boolean {
  const user = someUser(world, action);
  const asked = world.rng.pick(user.requests);
  if (asked === undefined) return false;
  return begin(
    world,
    user,
    "cancel",
    (wallet) => wallet.cancel(asked),
    undefined,
    (cancelled) => {
      const outcome = cancelled.ok ? cancelled.value.outcome : undefined;
      if (outcome === undefined) return;
      for (const { receiver, r, sender } of world.oracle.books.recent) {
        const payer = receiver === asked.payee && r === asked.r ? world.ownerOf(sender) : undefined;
        if (payer !== undefined) world.net.hand(payer.number, outcome);
      }
    },
  );
}

function decline(world: World, action: Action): Promise<boolean> | boolean {
  // Only what came to a wallet can be declined.
  const { payments } = world.oracle.books;
  const ofWallets = ({ received: all }: User): readonly PaymentId[] =>
    all.filter(({ sender, j }) => payments.get(`${sender}/${j}`)?.toWallet === true);
  const users = world.users.filter((one) => ofWallets(one).length > 0);
  const user = users[action.u % users.length];
  const received = user && world.rng.pick(ofWallets(user));
  if (user === undefined || received === undefined) return false;
  return begin(
    world,
    user,
    "decline",
    (wallet) => wallet.decline(received),
    undefined,
    (declined) => {
      if (!declined.ok) return;
      const payer = world.ownerOf(received.sender);
      if (payer !== undefined) world.net.hand(payer.number, declined.value.outcome);
    },
  );
}

/** The next message reaches somebody, who does with it what is to be done. */
async function hear(world: World, { n }: Action): Promise<boolean> {
  const handed = take(world.net.handed, n);
  const user = handed && world.users[handed.to];
  if (user === undefined || handed === undefined) return false;
  world.net.delivered += 1;
  world.note(user.number, handed.message);
  await hand(world, user, handed.message);
  return true;
}

export function hand(world: World, user: User, message: Uint8Array): Promise<boolean> | boolean {
  switch (kindOf(message)) {
    case "request":
      return payRequest(world, user, message);
    case "payment":
      return receive(world, user, message);
    case "outcome":
      return begin(world, user, "settle", (wallet) => wallet.settle(message));
    default:
      // Whatever it is, one of them has to take it without a bug.
      return begin(world, user, "receive", (wallet) => wallet.receive(message));
  }
}

function payRequest(world: World, user: User, message: Uint8Array): Promise<boolean> | boolean {
  if (user.device === undefined) return false;
  const pay = (wallet: Wallet) => wallet.pay(message);
  const wish = (): void => {
    const parsed = paymentRequest.parse(message);
    if (!parsed.ok || parsed.value.certificate === undefined) return;
    const certificate = parseCertificate(parsed.value.certificate);
    if (!certificate.ok) return;
    const payee = subjectId(certificate.value) as PayeeId;
    world.oracle.wishes.wish(`pay ${user.number} ${payee}/${parsed.value.payload.r}`);
  };
  return begin(world, user, "pay", pay, wish, (paid) => {
    if (!paid.ok) {
      if (paid.error.code === "pin-required") payWithPin(world, user, message);
      return;
    }
    const payee = world.ownerOf(paid.value.payee);
    if (payee !== undefined) world.net.hand(payee.number, paid.value.message);
  });
}

/** Its owner enters the PIN, and pays then. */
function payWithPin(world: World, user: User, message: Uint8Array): void {
  const x = world.rng.oneIn(2) ? amount(0n) : unwrap(paymentRequest.parse(message)).payload.amount;
  const enter = (wallet: Wallet) => wallet.enterPin(user.pin, x);
  void begin(world, user, "enter-pin", enter, undefined, () => {
    world.net.hand(user.number, message);
  });
}

function receive(world: World, user: User, message: Uint8Array): Promise<boolean> {
  const take_ = (wallet: Wallet) => wallet.receive(message);
  const isClockRight = user.skew === 0;
  return begin(world, user, "receive", take_, undefined, (received) => {
    world.oracle.judgeReceipt(message, received, isClockRight);
    const outcome = received.ok ? received.value.outcome : received.error.outcome;
    const sender = world.senderOf(message);
    if (outcome !== undefined && sender !== undefined) world.net.hand(sender.number, outcome);
    if (!received.ok) return;
    const { sender: ta, j } = received.value;
    user.received.push({ sender: ta, j });
    if (user.received.length > 8) user.received.shift();
  });
}

function small({ n }: Action): Amount {
  return amount(BigInt(1 + (n % 60)));
}

export function someUser(world: World, { u }: Action): User {
  return world.users[u % world.users.length] as User;
}

export function deviceUser(world: World, { u }: Action): User | undefined {
  const users = world.users.filter(({ device }) => device !== undefined);
  return users[u % users.length];
}
