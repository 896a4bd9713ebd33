// Payments that nobody can bring home any more, and the only reasons that there may be.
import type { Counter } from "@bezant/protocol";
import { COMMANDS, encodeInput } from "@bezant/trusted-app/commands";
import type { PaymentEntry } from "./oracle/books.ts";
import { Violation } from "./oracle/property.ts";
import type { User } from "./user.ts";
import type { World } from "./world.ts";

export function flying(world: World): readonly PaymentEntry[] {
  return [...world.oracle.books.payments.values()].filter(({ end }) => end === "flight");
}

/**
 * What comes back only by the recovery of funds: the payee's TA ended the request for somebody else than its wallet, who kept its word
 * from everybody until the TA had forgotten it. A payee who says nothing is as bad, and no more is lost by it.
 */
export function strandedIn(world: World): bigint {
  return flying(world).reduce(
    (sum, entry) => sum + (isStranded(world, entry) ? entry.amount : 0n),
    0n,
  );
}

function isStranded(world: World, entry: PaymentEntry): boolean {
  if (!hasHolder(world, entry)) return true;
  const payee = world.ownerOf(entry.receiver);
  const end = world.oracle.books.requestOf(entry)?.end;
  if (entry.toWallet || payee?.device === undefined || !payee.isAbused || end === "open")
    return false;
  if (payee.ta !== entry.receiver) return true;
  const input = encodeInput("Resend", { kind: "outcome", n: entry.r as Counter });
  const again = payee.device.ask(COMMANDS.Resend.number, input);
  return again.ok && again.value.status !== 0;
}

/**
 * The payer's device or wallet, its provider, or the payee still has it. False: the device let go of it on the payee's word, and both
 * wallets have lost the stores in which they had it (ADR 89).
 */
export function hasHolder(world: World, entry: PaymentEntry): boolean {
  const { books } = world.oracle;
  const payer = world.ownerOf(entry.sender);
  const payee = world.ownerOf(entry.receiver);
  const device = books.tas.get(entry.sender);
  const isInDevice = device?.id === entry.sender && device.figures.unsettled.includes(entry.j);
  const isStored = (books.stored.get(entry.sender) ?? 0) >= entry.j;
  const isThis = (key: string): boolean =>
    key.startsWith(`${entry.sender}/${entry.j.toString().padStart(10, "0")}`);
  const has = (user: User | undefined, kind: string): boolean =>
    [...(user?.main.disk.image().get(kind)?.keys() ?? [])].some(isThis);
  if (isInDevice || isStored || has(payer, "outgoing") || has(payee, "incoming")) return true;
  const lost = (user: User | undefined, kind: string): boolean =>
    [...(user?.lost ?? [])].some((key) => key.startsWith(`${kind} `) && isThis(key.slice(9)));
  if (entry.isReleased && lost(payer, "outgoing") && lost(payee, "incoming")) return false;
  throw new Violation("wallet security", `nobody has payment ${entry.key} any more`);
}
