// Money between providers: what the oracle knows of it, and that all ledgers together are what was issued.
import { isBalanced, type Supply } from "@bezant/central-bank";
import { isBalanced as isProviderBalanced, type Provider } from "@bezant/provider";
import { unwrap, type ProviderId, type WalletId } from "@bezant/protocol";
import type { Bank } from "../bank.ts";
import { RESERVES, type SimulatedCentralBank } from "../central-bank.ts";
import type { Books } from "./books.ts";
import { Violation } from "./property.ts";

/** A payment between clients of two providers, and how it ended. */
export type InterbankEntry = {
  readonly payer: WalletId;
  readonly payee: WalletId;
  readonly provider: ProviderId;
  readonly amount: bigint;
  end: "flight" | "credited" | "returned";
};

/** A movement that a provider's rows tell of: the client, the change, and what is to be noted then. */
export type InterbankMove = {
  readonly changes: readonly (readonly [WalletId, bigint])[];
  readonly apply: () => void;
};

type Row = { instruction: string; what: "credited" | "returned"; client: WalletId };

const ENDED = {
  name: "oracle-interbank",
  text: `SELECT encode(instruction, 'hex') AS instruction, 'credited' AS what, encode(client, 'hex') AS client
      FROM advices WHERE kind = 'payment' AND status = 'credited'
    UNION ALL
    SELECT encode(instruction, 'hex'), 'returned', encode(client_id, 'hex')
      FROM orders WHERE status = 'returned'`,
};

/** What has ended at this provider and is not in the books yet. */
export async function interbankMoves(books: Books, bank: Bank): Promise<InterbankMove[]> {
  const found = unwrap(await bank.store.database.query<Row>(ENDED));
  return found.rows.flatMap(({ instruction, what, client }) => {
    const entry = books.interbank.get(instruction);
    if (entry === undefined) {
      throw new Violation("supply conservation", `${instruction} ${what}, and nobody sent it`);
    }
    if (entry.end === what) return [];
    if (entry.end !== "flight") {
      throw new Violation("exactly once", `${instruction} was ${entry.end}, and then ${what}`);
    }
    const wanted = what === "credited" ? entry.payee : entry.payer;
    const isPossible = books.clients.get(entry.payee)?.bank === entry.provider;
    if (client !== wanted || isPossible !== (what === "credited")) {
      throw new Violation("supply conservation", `${instruction} is ${what} to ${client}`);
    }
    const apply = (): void => {
      entry.end = what;
      books.flight -= entry.amount;
    };
    return [{ changes: [[client, entry.amount]], apply }];
  });
}

/** Healed and settled, each ledger adds up, and all of them together do. */
export async function checkSettled(
  books: Books,
  centralBank: SimulatedCentralBank,
  banks: readonly Bank[],
): Promise<void> {
  const supply = await centralBank.audit();
  if (!isBalanced(supply)) throw off("the central bank's ledger is off", supply);
  if (supply.loss !== 0n) throw off(`a loss of ${supply.loss}`, supply);
  const open = [...books.interbank.values()].filter(({ end }) => end === "flight");
  if (open.length > 0) throw off(`${open.length} payments between providers have no end`, supply);
  const circulation = books.offline + books.flight;
  if (supply.circulation !== circulation) {
    throw off(`${supply.circulation} in circulation, not ${circulation}`, supply);
  }
  const issuance = RESERVES * BigInt(banks.length);
  if (supply.issuance !== issuance) throw off(`${supply.issuance} issued, not ${issuance}`, supply);
  let held = 0n;
  for (const bank of banks) held += checkProvider(bank.id, supply, unwrap(await bank.audit()));
  if (held + circulation !== issuance) {
    throw off(`${held} held and ${circulation} in circulation, not ${issuance}`, supply);
  }
}

type Audited = Extract<Awaited<ReturnType<Provider["audit"]>>, { ok: true }>["value"];

/** @returns what it and its clients have at the central bank */
function checkProvider(id: ProviderId, supply: Supply, own: Audited): bigint {
  const there = supply.providers.find(({ provider }) => provider === id);
  if (there === undefined) throw off(`${id} has no account`, supply);
  if (!isProviderBalanced(own)) throw off(`${id}: its ledger is off`, supply);
  if (there.loss !== 0n) throw off(`${id}: a loss of ${there.loss}`, supply);
  if (there.pendingOutward !== 0n || there.pendingInward !== 0n) {
    throw off(`${id}: something is pending after the window was closed`, supply);
  }
  const { online, suspense } = own.balances;
  const free = own.position.free ?? -1n;
  const held = there.reserves + there.prefund;
  if (held === online + suspense + free && free >= 0n) return held;
  throw off(`${id} has ${held}: ${online} online, ${suspense} in suspense, ${free} free`, supply);
}

function off(what: string, { circulation, issuance }: Supply): Violation {
  return new Violation(
    "supply conservation",
    `settled: ${what} (issuance ${issuance}, circulation ${circulation})`,
  );
}
