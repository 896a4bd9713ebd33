import { nodeVerifier } from "@bezant/pki/node";
import {
  allowance,
  allowanceRequest,
  amount,
  betweenInstitutions,
  concatBytes,
  counter,
  decode,
  decodeSequence,
  digestOfDigests,
  digestPage,
  equalBytes,
  err,
  FLOW_KINDS,
  institutionId,
  interbankAnswer,
  interbankPayment,
  INWARD,
  MAX_PAGE,
  MAX_PAGES,
  ok,
  OUTWARD,
  paymentAdvice,
  paymentReturn,
  providerVerify,
  refusal,
  reportDigest,
  runChecks,
  seconds,
  settlementQuery,
  settlementReport,
  settlementStatement,
  signCertificate,
  toHex,
  TrustStore,
  unwrap,
  type FromProvider,
  type InterbankAnswer,
  type Message,
  type PaymentAdvice,
  type ProviderId,
  type Refusal,
  type RefusalCode,
  type Result,
  type SettlementReport,
} from "@bezant/protocol";
import type { CentralBank, CentralBankRoute } from "../../../src/settlement/central-bank.ts";
import { EUR, newKey, START, YEAR, type Institutions, type TestClock } from "./institutions.ts";

type Answer = Result<Uint8Array, Refusal>;

interface Account {
  reserves: bigint;
  prefund: bigint;
  loss: bigint;
  allowed: bigint;
  n: number;
  limit: bigint;
  readonly reports: {
    readonly content: SettlementReport;
    readonly message: Uint8Array;
    readonly digest: Uint8Array;
    readonly window: number;
  }[];
  readonly advices: PaymentAdvice[];
}

/** What goes wrong with the next messages, in order. */
export type LinkFault = "none" | "lose-request" | "lose-answer" | "repeat";

/** A central bank by the rules of protocol document §15, in memory, as its providers see it. */
export class TestCentralBank {
  readonly #key = newKey();
  readonly #certificate: Uint8Array;
  readonly #trust: TrustStore;
  readonly #id = institutionId("bank");
  readonly #clock: TestClock;
  readonly #accounts = new Map<ProviderId, Account>();
  readonly #instructions = new Map<string, InterbankAnswer>();
  issuance = 0n;
  circulation = 0n;
  loss = 0n;
  window = 1;
  /** Every message that arrived, by route. */
  readonly arrived: CentralBankRoute[] = [];
  readonly conflicts: Uint8Array[] = [];

  constructor({ root, rootKey }: Institutions, clock: TestClock) {
    this.#clock = clock;
    this.#trust = new TrustStore({ root, currency: EUR });
    this.#certificate = signCertificate(
      {
        role: "central-bank",
        iss: this.#id,
        sub: this.#id,
        currency: EUR,
        key: this.#key.publicKey.compressed,
        serial: 1,
        nbf: seconds(START - YEAR),
        exp: seconds(START + 10 * YEAR),
      },
      rootKey,
    );
  }

  open(provider: ProviderId, limit = 10n ** 12n): void {
    const none = { reserves: 0n, prefund: 0n, loss: 0n, allowed: 0n, n: 0, limit };
    this.#accounts.set(provider, { ...none, reports: [], advices: [] });
  }

  issue(provider: ProviderId, x: bigint): void {
    this.issuance += x;
    this.of(provider).reserves += x;
  }

  of(provider: ProviderId): Account {
    const account = this.#accounts.get(provider);
    if (account === undefined) throw new Error(`no account of ${provider}`);
    return account;
  }

  /** Posts every report of the open window. */
  closeWindow(): void {
    for (const account of this.#accounts.values()) {
      for (const { content, window } of account.reports) {
        if (window !== this.window) continue;
        const outward = OUTWARD.reduce((sum, kind) => sum + content.flows[kind], 0n);
        const inward = INWARD.reduce((sum, kind) => sum + content.flows[kind], 0n);
        const covered = outward < account.prefund ? outward : account.prefund;
        account.prefund -= covered;
        account.loss += outward - covered;
        account.reserves += inward;
        this.circulation += outward - inward;
      }
    }
    if (this.circulation < 0n) {
      this.loss -= this.circulation;
      this.circulation = 0n;
    }
    this.window += 1;
  }

  /** Issuance + Σ losses = Σ reserves + Σ prefund + circulation. */
  isBalanced(): boolean {
    let [left, right] = [this.issuance + this.loss, this.circulation];
    for (const { loss, reserves, prefund } of this.#accounts.values()) {
      left += loss;
      right += reserves + prefund;
    }
    return left === right;
  }

  /** A provider's way to it, on which things go wrong as planned. */
  link(faults: LinkFault[] = []): CentralBank & { readonly faults: LinkFault[] } {
    return {
      faults,
      post: async (route, body) => {
        const fault = faults.shift();
        const lost = err(refusal("settlement-unreachable"));
        if (fault === "lose-request") return lost;
        if (fault === "repeat") this.receive(route, body);
        const answer = await Promise.resolve(this.receive(route, body));
        return fault === "lose-answer" ? lost : answer;
      },
    };
  }

  receive(route: CentralBankRoute, body: Uint8Array): Answer {
    this.arrived.push(route);
    switch (route) {
      case "reports":
        return this.#report(body);
      case "allowances":
        return this.#verified(allowanceRequest, body, ({ provider, payload }) =>
          this.#allow(provider, payload.amount),
        );
      case "payments":
        return this.#verified(interbankPayment, body, (said) => this.#pay(said));
      case "returns":
        return this.#verified(paymentReturn, body, (said) => this.#giveBack(said));
      case "queries":
        return this.#verified(settlementQuery, body, ({ provider, payload }) => {
          if (payload.kind === "status") {
            const { n } = this.of(provider);
            return ok(
              n === 0
                ? this.#statement(provider)
                : concatBytes(this.#statement(provider), this.#allowance(provider)),
            );
          }
          if (payload.kind === "report") {
            const last = this.of(provider).reports.at(-1);
            const statement = this.#statement(provider);
            return ok(last === undefined ? statement : concatBytes(statement, last.message));
          }
          if (payload.kind !== "advices") return this.#refuse("unknown-window");
          const next = this.of(provider).advices.slice(payload.after, payload.after + 256);
          return ok(concatBytes(...next.map((one) => this.#sign(paymentAdvice, one, provider))));
        });
    }
  }

  #verified<P>(
    message: Message<P>,
    body: Uint8Array,
    work: (said: FromProvider<P>) => Answer,
  ): Answer {
    const trusted = { audience: this.#id, trust: this.#trust, now: this.#clock.now() };
    const pending = providerVerify(message, body, trusted);
    if (!pending.ok) return pending;
    const said = runChecks(pending.value, nodeVerifier());
    if (!said.ok) return said;
    return this.#accounts.has(said.value.provider)
      ? work(said.value)
      : this.#refuse("unknown-provider");
  }

  #report(body: Uint8Array): Answer {
    const bounds = { maxItems: 1 + MAX_PAGES, maxItemSize: 40 * MAX_PAGE };
    const [first, ...rest] = unwrap(decodeSequence(body, bounds));
    const pages = rest.map((item) => unwrap(decode(digestPage, item)));
    return this.#verified(settlementReport, first!, ({ provider, payload, payloadBytes }) => {
      const { reports } = this.of(provider);
      const digest = reportDigest(payloadBytes);
      const known = reports[payload.n - 1];
      if (known !== undefined) {
        if (equalBytes(known.digest, digest)) return ok(this.#statement(provider));
        this.conflicts.push(body);
        return this.#refuse("report-conflict");
      }
      if (payload.n !== reports.length + 1) return this.#refuse("report-gap");
      const before = reports.at(-1);
      const adds = FLOW_KINDS.every(
        (kind) =>
          payload.totals[kind] === payload.flows[kind] + (before?.content.totals[kind] ?? 0n),
      );
      const follows = equalBytes(payload.previous, before?.digest ?? new Uint8Array(32));
      const digests = (kind: "certificates" | "confirmations") =>
        pages.filter((page) => page.kind === kind).flatMap((page) => page.value);
      const counts =
        equalBytes(digestOfDigests(digests("certificates")), payload.certificatesDigest) &&
        equalBytes(digestOfDigests(digests("confirmations")), payload.confirmationsDigest) &&
        digests("certificates").length === payload.certificates &&
        digests("confirmations").length === payload.confirmations;
      if (!adds || !follows || !counts) return this.#refuse("report-mismatch");
      reports.push({ content: payload, message: first!, digest, window: this.window });
      return ok(this.#statement(provider));
    });
  }

  #allow(provider: ProviderId, wanted: bigint): Answer {
    const account = this.of(provider);
    const more = wanted - account.allowed;
    if (more > 0n) {
      if (more > account.reserves) return this.#refuse("insufficient-reserves");
      if (account.prefund + more > account.limit) return this.#refuse("allowance-limit");
      account.reserves -= more;
      account.prefund += more;
      account.allowed = wanted;
      account.n += 1;
    }
    return ok(this.#allowance(provider));
  }

  #pay({
    provider,
    payload,
  }: FromProvider<typeof interbankPayment extends Message<infer P> ? P : never>): Answer {
    const key = `${provider}/${toHex(payload.instruction)}`;
    const common = {
      payerProvider: provider,
      instruction: payload.instruction,
      amount: payload.amount,
    };
    let answer = this.#instructions.get(key);
    if (answer === undefined) {
      const payer = this.of(provider);
      const payee = this.#accounts.get(payload.payeeProvider);
      const reason =
        payee === undefined
          ? "unknown-provider"
          : payer.reserves < payload.amount
            ? "insufficient-reserves"
            : undefined;
      if (reason === undefined && payee !== undefined) {
        payer.reserves -= payload.amount;
        payee.reserves += payload.amount;
        const n = counter(payee.advices.length + 1);
        payee.advices.push({ kind: "payment", n, payerProvider: provider, ...payload });
        answer = { kind: "settled", ...common };
      } else {
        answer = { kind: "refused", ...common, reason: reason ?? "" };
      }
      this.#instructions.set(key, answer);
    }
    return ok(this.#sign(interbankAnswer, answer, provider));
  }

  #giveBack({
    provider,
    payload,
  }: FromProvider<typeof paymentReturn extends Message<infer P> ? P : never>): Answer {
    const account = this.of(provider);
    const advice = account.advices[payload.n - 1];
    if (advice?.kind !== "payment" || advice.amount !== payload.amount)
      return this.#refuse("unknown-advice");
    const { payerProvider, instruction, amount: x } = advice;
    const key = `${payerProvider}/${toHex(instruction)}`;
    if (this.#instructions.get(key)?.kind !== "returned") {
      if (account.reserves < x) return this.#refuse("insufficient-reserves");
      const payer = this.of(payerProvider);
      account.reserves -= x;
      payer.reserves += x;
      const n = counter(payer.advices.length + 1);
      payer.advices.push({ ...advice, kind: "return", n, reason: payload.reason });
      const common = { payerProvider, instruction, amount: x };
      this.#instructions.set(key, { kind: "returned", ...common, reason: payload.reason });
    }
    return ok(this.#sign(interbankAnswer, this.#instructions.get(key)!, provider));
  }

  #statement(provider: ProviderId): Uint8Array {
    const { reports, reserves, prefund, advices } = this.of(provider);
    const last = reports.at(-1);
    return this.#sign(
      settlementStatement,
      {
        report: counter(reports.length),
        digest: last?.digest ?? new Uint8Array(32),
        window: counter(last?.window ?? 0),
        closed: counter(this.window - 1),
        reserves: amount(reserves),
        prefund: amount(prefund),
        advices: counter(advices.length),
      },
      provider,
    );
  }

  #allowance(provider: ProviderId): Uint8Array {
    const { n, allowed } = this.of(provider);
    return this.#sign(allowance, { n: counter(n), amount: amount(allowed) }, provider);
  }

  #sign<P>(message: Message<P>, payload: P, provider: ProviderId): Uint8Array {
    const context = betweenInstitutions({ currency: EUR, signer: this.#id, audience: provider });
    return message.sign(payload, context, this.#key, { certificate: this.#certificate });
  }

  #refuse(code: RefusalCode): Answer {
    return err(refusal(code));
  }
}
