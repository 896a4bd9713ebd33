import {
  depositReservation,
  evidence,
  parseCertificate,
  payment,
  paymentRequest,
  retirement,
  taIdOf,
  toHex,
  unwrap,
  withdrawal,
  type Result,
  type TaId,
} from "@bezant/protocol";
import type { Invocation, TeecError } from "@bezant/tee/client";
import {
  call,
  commandOf,
  COMMANDS,
  decodeInput,
  encodeInput,
  readAnswer,
  statusOf,
  type CommandName,
  type Output,
} from "@bezant/trusted-app/commands";
import type { SimulatedDevice } from "../../device.ts";
import { TIGHT } from "../limits.ts";
import {
  BLANK,
  markOf,
  noteCertificate,
  numbered,
  type Books,
  type RequestEntry,
  type TaBook,
  type TaFigures,
} from "./books.ts";
import { mustTake } from "./duties.ts";
import { differing, isSame } from "./figures.ts";
import { PinBook } from "./pins.ts";
import { predict, requestIn, type Effect, type Prediction } from "./predict.ts";
import { Violation } from "./property.ts";
import type { Wishes } from "./wishes.ts";

const NO_INPUT = encodeInput("GetInfo", {});
/** What brings a device money that was promised to it. */
const ISSUED = new Set<CommandName>(["Deposit", "Collect"]);
type Info = Output<"GetInfo">;

/** What was done, in order. */
type Path = readonly Prediction[];
/** Nothing is open: the figures are those of the book. */
const KNOWN: readonly Path[] = [[]];

/** Whose device it is. */
type Owner = {
  readonly number: number;
  readonly pin: string;
  readonly hasOlderFlash: boolean;
  readonly begins: (ta: TaId) => void;
};

/** Watches one device: after every command, what its TA says of itself must be what the oracle has in its books. */
export class TaWatch {
  readonly book: TaBook;
  readonly #books: Books;
  readonly #wishes: Wishes;
  readonly #device: SimulatedDevice;
  /** What commands whose end nobody knows may have done, one after the other: each list is one way it may have been. */
  #possible: readonly Path[] = KNOWN;
  #info: Info | undefined;
  readonly #open = new Map<number, RequestEntry>();
  /** Requests that had ended before anybody got their messages, for a moment. */
  readonly #unseen = new Set<number>();
  readonly #owner: Owner;
  readonly #pins = new PinBook(TIGHT.noPinCap);

  constructor(device: SimulatedDevice, owner: Owner, home: string, books: Books, wishes: Wishes) {
    this.#device = device;
    this.#owner = owner;
    this.#books = books;
    this.#wishes = wishes;
    this.book = { owner: owner.number, home, id: undefined, figures: BLANK };
    books.devices.push(this.book);
    device.observer = (command, input, answer) => this.#observe(command, input, answer);
  }

  /** Looks again at a TA whose last command's end is unknown; one that works must have its newest flash in it. */
  look(after = "the interrupted command"): void {
    const info = this.#ask();
    if (info !== undefined) this.#settle(this.#possible, info, after);
  }

  #observe(command: number, input: Uint8Array, answer: Result<Invocation, TeecError>): void {
    const name = commandOf(command);
    const isKnown = this.#possible === KNOWN;
    if (name === "GetInfo" && isKnown) return;
    const before = this.#info;
    const info = this.#ask();
    if (name === "PinVerify") this.#notePin(input, answer);
    if (name === "Retire" && answer.ok && answer.value.status === 0)
      this.#noteRetirement(answer.value);
    if (name === "ReserveDeposit" && answer.ok && answer.value.status === 0)
      this.#noteReservation(answer.value);
    if (name === "Attest" && answer.ok && answer.value.status === 0)
      this.#noteEvidence(answer.value);
    const predicted = name && predict(this.#books, this.book, name, input);
    const paths = this.#after(name, input, answer);
    // If it answered it is durable, and only the look at it was cut.
    if (info === undefined) this.#possible = paths;
    else if (answer.ok && isKnown) this.#judge(name, input, answer.value, predicted, before, info);
    else this.#settle(paths, info, name ?? "no command");
  }

  /** How it may have been with one more command. */
  #after(
    name: CommandName | undefined,
    input: Uint8Array,
    answer: Result<Invocation, TeecError>,
  ): readonly Path[] {
    const isRefused = answer.ok ? answer.value.status !== 0 : answer.error.state !== "unknown";
    if (name === undefined || isRefused) return this.#possible;
    const longer = this.#possible.flatMap((path) => {
      const figures = path.at(-1)?.figures ?? this.book.figures;
      const predicted = predict(this.#books, { ...this.book, figures }, name, input);
      if (predicted === undefined) return [path];
      const next = [...path, predicted];
      return answer.ok ? [next] : [path, next];
    });
    return longer.every((path) => path.length === 0) ? KNOWN : longer;
  }

  #judge(
    name: CommandName | undefined,
    input: Uint8Array,
    { status, output }: Invocation,
    predicted: Prediction | undefined,
    before: Info | undefined,
    info: Info,
  ): void {
    if (status !== 0) {
      this.#settle(KNOWN, info, `${name} refused`);
      if (name === undefined) return;
      // "Never refused for limits" (protocol document §13.2).
      if (ISSUED.has(name) && statusOf(status)?.startsWith("limit-") === true) {
        throw new Violation("wallet security", `${name} was refused: ${statusOf(status)}`);
      }
      const property = mustTake(this.#books, this.book, before, name, input);
      if (property === undefined || this.#wantsPin(name, input)) return;
      throw new Violation(property, `${name} was refused: ${statusOf(status)}`);
    }
    if (name === "ReserveDeposit") {
      this.#checkHolding(unwrap(depositReservation.parse(output)).payload.amount);
    }
    if (name === "CertInit" || name === "Renew") {
      this.#noteOwnCertificate(unwrap(decodeInput(name, input)).certificate);
    }
    if (predicted === undefined) this.#settle(KNOWN, info, `${name}, which may change nothing,`);
    else this.#settle([[predicted]], info, name ?? "");
  }

  /** What is there must be what one of these ways leads to. */
  #settle(paths: readonly Path[], info: Info, what: string): void {
    const done = paths.find((path) => isSame(path.at(-1)?.figures ?? this.book.figures, info));
    if (done === undefined) throw differing(what, this.book.figures, info);
    // What an older flash knows nothing of may have been written into the newest, which can come back.
    const isOpen = paths.length > 1 && this.#owner.hasOlderFlash;
    this.#possible = isOpen ? paths : KNOWN;
    if (isOpen) return;
    this.#info = info;
    for (const predicted of done) this.#apply(predicted, info);
  }

  #apply({ figures, effect }: Prediction, info: Info): void {
    this.#info = info;
    this.#checkForgotten(figures, effect);
    const { balance } = this.book.figures;
    this.book.figures = figures;
    this.#books.offline += figures.balance - balance;
    if (effect !== undefined) this.#book(effect, figures, info);
  }

  /** What left an outbox must be in safe hands. */
  #checkForgotten(next: TaFigures, effect: Effect | undefined): void {
    const { figures, id } = this.book;
    if (id === undefined || effect?.kind === "init") return;
    for (const w of figures.unacknowledged) {
      if (next.unacknowledged.includes(w)) continue;
      if (this.#books.withdrawals.get(numbered(id, w))?.isCredited === true) continue;
      throw new Violation("wallet security", `withdrawal ${w} was forgotten and never credited`);
    }
    for (const j of figures.unsettled) {
      if (next.unsettled.includes(j)) continue;
      const entry = this.#books.payments.get(numbered(id, j));
      const isStored = (this.#books.stored.get(id) ?? 0) >= j;
      if (entry?.end !== "flight" || isStored) continue;
      if (effect?.kind === "deposit" || effect?.kind === "release") continue;
      throw new Violation("wallet security", `payment ${j} was forgotten while it was on its way`);
    }
  }

  #book(effect: Effect, figures: TaFigures, info: Info): void {
    const books = this.#books;
    if (effect.kind === "init") {
      this.book.id = info.id === "" ? undefined : info.id;
      if (this.book.id === undefined) return;
      books.tas.set(this.book.id, this.book);
      this.#owner.begins(this.book.id);
      this.#pins.begin();
      return;
    }
    const id = this.book.id as TaId;
    switch (effect.kind) {
      case "deposit": {
        const issued = books.confirmationsOf(id)[effect.d - 1];
        if (issued === undefined || issued.isApplied) throw new Error("predicted wrongly");
        issued.isApplied = true;
        books.flight -= issued.amount;
        return;
      }
      case "withdraw": {
        this.#wishes.done(`withdraw ${this.book.owner} ${effect.amount}`);
        const { w } = figures;
        const parsed = unwrap(withdrawal.parse(this.#resend("withdrawal", w)));
        const signed = parsed.payload;
        if (signed.amount !== effect.amount || signed.w !== w) {
          throw new Violation("online redeemability", `withdrawal ${w} says ${signed.amount}`);
        }
        const entry = { ta: id, w, amount: effect.amount, isCredited: false };
        books.withdrawals.set(numbered(id, w), entry);
        books.withdrawalsByMark.set(markOf(parsed), entry);
        books.flight += effect.amount;
        return;
      }
      case "request":
        // A command that was cut off gave its message to nobody, and one that came after it may have ended the request already.
        if (info.open.some((r) => r === figures.r)) this.#noteRequest(id, figures.r);
        else this.#unseen.add(figures.r);
        if (effect.replaced !== 0) this.#end(effect.replaced);
        this.#checkHolding(0n);
        return;
      case "void":
        this.#end(effect.r);
        return;
      case "pay":
        this.#notePayment(id, figures.j, effect.request);
        return;
      case "collect":
        this.#collected(effect.payment);
        return;
      case "release": {
        const entry = books.payments.get(numbered(id, effect.j));
        if (entry !== undefined) entry.isReleased = true;
      }
    }
  }

  #noteRequest(id: TaId, r: number): void {
    const bytes = this.#resend("request", r);
    const parsed = unwrap(paymentRequest.parse(bytes));
    const { amount, challenge, expires } = parsed.payload;
    const entry: RequestEntry = {
      payee: id,
      r,
      bytes,
      amount,
      expires,
      challenge: toHex(challenge),
      mark: markOf(parsed),
      end: "open",
    };
    this.#books.addRequest(entry);
    this.#open.set(r, entry);
  }

  #end(r: number): void {
    if (!this.#unseen.delete(r)) {
      const entry = this.#open.get(r);
      this.#open.delete(r);
      if (entry?.end !== "open")
        throw new Violation("absolute finality", `request ${r} ended twice`);
      entry.end = "void";
    }
    // Without it nobody could ever give the payer its money back.
    this.#resend("outcome", r);
  }

  #notePayment(sender: TaId, j: number, request: RequestEntry): void {
    const books = this.#books;
    const bytes = this.#resend("payment", j);
    const parsed = unwrap(payment.parse(bytes));
    const { receiver, receiverClass, r, challenge, amount } = parsed.payload;
    const key = numbered(sender, j);
    if (books.payments.has(key)) {
      throw new Violation("no double spending", `${key} was signed twice`);
    }
    if (
      request.payee !== receiver ||
      request.r !== r ||
      request.challenge !== toHex(challenge) ||
      request.amount !== amount ||
      parsed.payload.j !== j
    ) {
      throw new Violation("wallet security", `payment ${key} is not what was asked for`);
    }
    this.#wishes.done(`pay ${this.book.owner} ${receiver}/${r}`);
    if (amount > TIGHT.maxPayment)
      throw new Violation("wallet security", `${amount} were paid at once`);
    this.#pins.pay(amount);
    const common = { key, sender, j, receiver, r, amount, bytes };
    books.addPayment({
      ...common,
      toWallet: receiverClass === "wallet",
      challenge: toHex(challenge),
      mark: markOf(parsed),
      end: "flight",
      declined: false,
      isReceived: false,
      isReleased: false,
    });
    books.flight += amount;
  }

  #collected(key: string): void {
    const entry = this.#books.payments.get(key);
    if (entry === undefined) throw new Error("predicted wrongly");
    if (entry.end !== "flight") {
      throw new Violation("no double spending", `${key} was ${entry.end}, and then collected`);
    }
    entry.end = "collected";
    this.#books.flight -= entry.amount;
    this.#open.delete(entry.r);
    const request = this.#books.requestOf(entry);
    if (request !== undefined) request.end = { collected: key };
    this.#resend("outcome", entry.r);
  }

  /** A PIN was tried: only the owner's may count. */
  #notePin(input: Uint8Array, answer: Result<Invocation, TeecError>): void {
    const { pin, allowance } = unwrap(decodeInput("PinVerify", input));
    const isRight = new TextDecoder().decode(pin) === this.#owner.pin;
    const isTaken = answer.ok && answer.value.status === 0;
    if (isTaken && !isRight) throw new Violation("wallet security", "a wrong PIN was taken");
    const mayBeTaken = isTaken || (!answer.ok && answer.error.state === "unknown");
    if (mayBeTaken && isRight) this.#pins.enter(allowance, isTaken);
  }

  #wantsPin(name: CommandName, input: Uint8Array): boolean {
    if (name !== "Pay") return false;
    const asked = requestIn(this.#books, unwrap(decodeInput("Pay", input)).request);
    return asked !== undefined && this.#pins.mayAsk(asked.amount);
  }

  /** Whether it is certain what the device has done; not while a command was cut off and nobody has looked since. */
  get isCertain(): boolean {
    return this.#possible === KNOWN;
  }

  get open(): readonly RequestEntry[] {
    return [...this.#open.values()];
  }

  /** What the device has and is to be paid. */
  get promised(): bigint {
    return this.open.reduce((sum, { amount }) => sum + amount, this.book.figures.balance);
  }

  /** It is at most what the device may hold; a refund comes back to it all the same. */
  #checkHolding(reserved: bigint): void {
    const all = this.promised + reserved;
    if (all <= TIGHT.maxHolding) return;
    throw new Violation("wallet security", `a device lets itself be promised ${all} in all`);
  }

  #noteRetirement({ output }: Invocation): void {
    const { id } = this.book;
    if (id !== undefined) this.#books.retirements.set(markOf(unwrap(retirement.parse(output))), id);
  }

  #noteOwnCertificate(bytes: Uint8Array): void {
    noteCertificate(this.#books, bytes);
    if (taIdOf(unwrap(parseCertificate(bytes)).key) === this.book.id) return;
    throw new Violation("wallet security", "a TA took another's certificate");
  }

  /** Also where what the device has done before is not sure: the wallet has it. */
  #noteReservation({ output }: Invocation): void {
    const parsed = depositReservation.parse(output);
    const { id } = this.book;
    if (!parsed.ok || id === undefined) return;
    const { amount } = parsed.value.payload;
    this.#books.reservations.set(markOf(parsed.value), { ta: id, amount });
  }

  #noteEvidence({ output }: Invocation): void {
    const { number: owner } = this.#owner;
    this.#books.evidence.set(markOf(unwrap(evidence.parse(output))), { owner });
  }

  #resend(kind: "payment" | "withdrawal" | "request" | "outcome", n: number): Uint8Array {
    const again = call(
      { invoke: (command, input) => unwrap(this.#device.ask(command, input)) },
      "Resend",
      { kind, n: n as never },
    );
    if (again.ok) return again.value;
    throw new Violation("wallet security", `${kind} ${n} cannot be had again: ${again.error}`);
  }

  #ask(): Info | undefined {
    const asked = this.#device.ask(COMMANDS.GetInfo.number, NO_INPUT);
    if (!asked.ok) return undefined;
    const info = readAnswer("GetInfo", asked.value);
    if (!info.ok) throw new Violation("no crash", `GetInfo answers ${info.error}`);
    return info.value;
  }
}
