import {
  err,
  keyIdOf,
  ok,
  type CertRefusal,
  type Currency,
  type InstitutionId,
  type KeyId,
  type ProviderId,
  type Refusal,
  type Reported,
  type ReserveOrder,
  type Result,
} from "@bezant/protocol";
import { fromDatabase, transact } from "@bezant/service";
import { requestAllowance } from "./allowance/request.ts";
import { askSupply } from "./audit/ask.ts";
import { audit, type Supply } from "./audit/audit.ts";
import { createCore } from "./core/core.ts";
import type { CentralBankParts } from "./core/parts.ts";
import { carryOut } from "./orders/carry-out.ts";
import { giveBack } from "./payment/give-back.ts";
import { pay } from "./payment/pay.ts";
import { findReported, query } from "./query/query.ts";
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
 * after its COMMIT, and may be repeated: the same message counts once. After `commit-unknown` the repetition tells what happened.
 */
export interface CentralBank {
  readonly info: CentralBankInfo;
  /** `reserveOrder`: issues, redeems, opens and suspends providers, closes windows, raises allowances. */
  readonly carryOut: (body: Uint8Array) => Answer<ReserveOrder>;
  /** CBOR sequence of a `settlementReport` and its `digestPage`s → `settlementStatement`. */
  readonly report: (body: Uint8Array) => Answer;
  /** `allowanceRequest` → `allowance`. */
  readonly requestAllowance: (body: Uint8Array) => Answer;
  /** `interbankPayment` → `interbankAnswer`. */
  readonly pay: (body: Uint8Array) => Answer;
  /** `paymentReturn` → `interbankAnswer`. */
  readonly giveBack: (body: Uint8Array) => Answer;
  /** `settlementQuery` → CBOR sequence. */
  readonly query: (body: Uint8Array) => Answer;
  /** Whether a provider has reported a certificate or a deposit confirmation. */
  readonly findReported: (
    provider: ProviderId,
    kind: Reported["kind"],
    digest: Uint8Array,
  ) => Answer<Reported>;
  /** Closes the window that is open, as an order of the operator would: for a timer. */
  readonly closeWindow: (window: bigint) => Answer<void>;
  /** The number of the window that is open. */
  readonly openWindow: () => Answer<bigint>;
  /** The operator's signed query → the supply audit. */
  readonly askSupply: (body: Uint8Array) => Answer<Supply>;
  readonly audit: () => Answer<Supply>;
  /** Whether the database answers. */
  readonly ready: () => Answer<void>;
}

const OPEN_WINDOW = "SELECT max(number) AS number FROM windows";

/** Fails where the service's own certificate does not lead to its root. */
export async function createCentralBank(
  parts: CentralBankParts,
): Promise<Result<CentralBank, CertRefusal | Refusal<"bad-signature" | "wrong-key">>> {
  const created = await createCore(parts);
  if (!created.ok) return created;
  const core = created.value;
  const { id, currency, certificate, root } = parts.identity;
  return ok({
    info: { id, currency, certificate, rootKeyId: keyIdOf(root.key) },
    carryOut: (body) => carryOut(core, body),
    report: (body) => acceptReport(core, body),
    requestAllowance: (body) => requestAllowance(core, body),
    pay: (body) => pay(core, body),
    giveBack: (body) => giveBack(core, body),
    query: (body) => query(core, body),
    findReported: (provider, kind, digest) => findReported(core, provider, kind, digest),
    closeWindow: (window) =>
      transact(core.db, (transaction) => closeWindow(transaction, window, core.clock.now())),
    openWindow: async () => {
      const read = await parts.db.query<{ number: bigint }>(OPEN_WINDOW);
      return read.ok ? ok(read.value.rows[0]?.number ?? 0n) : err(fromDatabase(read.error));
    },
    askSupply: (body) => askSupply(core, body),
    audit: () => audit(core),
    ready: async () => {
      const answered = await parts.db.query("SELECT 1");
      return answered.ok ? ok(undefined) : err(fromDatabase(answered.error));
    },
  });
}
