import {
  err,
  keyIdOf,
  ok,
  type Currency,
  type InstitutionId,
  type KeyId,
  type ProviderId,
  type Refusal,
  type Reported,
  type ReserveOrder,
  type Result,
} from "@bezant/protocol";
import type { InstitutionName } from "@bezant/pki/x509";
import { fromDatabase, transact } from "@bezant/service";
import { requestAllowance } from "./allowance/request.ts";
import { askSupply } from "./audit/ask.ts";
import { audit, type Supply } from "./audit/audit.ts";
import { createCore, type Core } from "./core/core.ts";
import type { CentralBankParts } from "./core/parts.ts";
import { acceptLists, loadLists } from "@bezant/service/institutions";
import { acceptEntry } from "./directory/accept.ts";
import { serveDirectory } from "./directory/serve.ts";
import { carryOut } from "./orders/carry-out.ts";
import { giveBack } from "./payment/give-back.ts";
import { pay } from "./payment/pay.ts";
import { query } from "./query/query.ts";
import { findReported } from "./query/reported.ts";
import { acceptReport } from "./report/accept.ts";
import { closeWindow } from "./window/close.ts";

type Answer<T = Uint8Array> = Promise<Result<T, Refusal>>;

export interface CentralBankInfo {
  readonly id: InstitutionId;
  readonly currency: Currency;
  readonly certificate: Uint8Array;
  readonly rootKeyId: KeyId;
}

/**
 * The operations of a central bank, one for each route of the protocol document's §15. Each moves money in one atomic transaction, signs only
 * after its COMMIT, and may be repeated: the same message counts once. After `commit-unknown` the repetition tells what happened. `from` is
 * who has proved to be bringing a message, which then has to be its signer.
 */
export interface CentralBank {
  readonly info: CentralBankInfo;
  /** `reserveOrder`: issues, redeems, opens and suspends providers, closes windows, raises allowances. */
  readonly carryOut: (body: Uint8Array, from?: InstitutionName) => Answer<ReserveOrder>;
  /** CBOR sequence of a `settlementReport` and its `digestPage`s → `settlementStatement`. */
  readonly report: (body: Uint8Array, from?: InstitutionName) => Answer;
  /** `allowanceRequest` → `allowance`. */
  readonly requestAllowance: (body: Uint8Array, from?: InstitutionName) => Answer;
  /** `interbankPayment` → `interbankAnswer`. */
  readonly pay: (body: Uint8Array, from?: InstitutionName) => Answer;
  /** `paymentReturn` → `interbankAnswer`. */
  readonly giveBack: (body: Uint8Array, from?: InstitutionName) => Answer;
  /** `settlementQuery` → CBOR sequence. */
  readonly query: (body: Uint8Array, from?: InstitutionName) => Answer;
  /** Whether a provider has reported a certificate or a deposit confirmation. */
  readonly findReported: (
    provider: ProviderId,
    kind: Reported["kind"],
    digest: Uint8Array,
  ) => Answer<Reported>;
  /** `providerEntry` → the provider's entry that the directory has. */
  readonly acceptEntry: (body: Uint8Array, from?: InstitutionName) => Answer;
  /** CBOR sequence of a page of `providerEntry`s: those of the providers whose ids are behind this one. */
  readonly directory: (after?: string) => Answer;
  /** CBOR sequence of `institutionStatus`es, which may be empty → the newest of each issuer. */
  readonly exchangeLists: (body: Uint8Array) => Answer;
  /** What other servers of this central bank were told of revoked institutions: for a timer. */
  readonly loadLists: () => Answer<void>;
  /** Closes the window that is open, as an order of the operator would: for a timer. */
  readonly closeWindow: (window: bigint) => Answer<void>;
  /** The number of the window that is open. */
  readonly openWindow: () => Answer<bigint>;
  /** The operator's signed query → the supply audit. */
  readonly askSupply: (body: Uint8Array, from?: InstitutionName) => Answer<Supply>;
  readonly audit: () => Answer<Supply>;
  /** Whether the database answers. */
  readonly ready: () => Answer<void>;
}

const OPEN_WINDOW = "SELECT max(number) AS number FROM windows";

/** Fails where the service's own certificate does not lead to its root. */
export async function createCentralBank(
  parts: CentralBankParts,
): Promise<Result<CentralBank, Refusal>> {
  const created = await createCore(parts);
  if (!created.ok) return created;
  const core = created.value;
  const { id, currency, certificate, root } = parts.identity;
  const heard = (from: InstitutionName | undefined): Core =>
    from === undefined ? core : { ...core, from };
  return ok({
    info: { id, currency, certificate, rootKeyId: keyIdOf(root.key) },
    carryOut: (body, from) => carryOut(heard(from), body),
    report: (body, from) => acceptReport(heard(from), body),
    requestAllowance: (body, from) => requestAllowance(heard(from), body),
    pay: (body, from) => pay(heard(from), body),
    giveBack: (body, from) => giveBack(heard(from), body),
    query: (body, from) => query(heard(from), body),
    findReported: async (provider, kind, digest) => {
      const found = await findReported(core, kind, [[provider, digest]]);
      return found.ok ? ok(found.value[0] ?? { kind, provider, digest }) : found;
    },
    acceptEntry: (body, from) => acceptEntry(heard(from), body),
    directory: (after = "") => serveDirectory(core, after),
    exchangeLists: (body) => acceptLists(core, body),
    loadLists: () => loadLists(core),
    closeWindow: (window) =>
      transact(core.db, (transaction) => closeWindow(transaction, window, core.clock.now())),
    openWindow: async () => {
      const read = await parts.db.query<{ number: bigint }>(OPEN_WINDOW);
      return read.ok ? ok(read.value.rows[0]?.number ?? 0n) : err(fromDatabase(read.error));
    },
    askSupply: (body, from) => askSupply(heard(from), body),
    audit: () => audit(core),
    ready: async () => {
      const answered = await parts.db.query("SELECT 1");
      return answered.ok ? ok(undefined) : err(fromDatabase(answered.error));
    },
  });
}
