// Whom providers certify. A certificate is all that tells a genuine TA from anybody's key, so the oracle asks for each who has earned it.
import {
  decode,
  evidence,
  parseCertificate,
  registration,
  registrationAnswer,
  taRegistration,
  taRegistrationAnswer,
  type Certificate,
  type Evidence,
  type Parsed,
  type WalletId,
} from "@bezant/protocol";
import type { Bank } from "../bank.ts";
import type { Request, Response } from "../router.ts";
import { markOf, type Books } from "./books.ts";
import { Violation } from "./property.ts";

const TO_ATTEST = JSON.stringify({ purpose: "attest" });

/** What a provider gave a client to attest with, and the order that has used it up. */
type Nonce = { readonly expires: number; usedBy?: string };

export class Certifications {
  readonly #books: Books;
  /** Registrations that were signed with the very key that they bring. */
  readonly #registrations = new Set<string>();
  readonly #nonces = new Map<string, Nonce>();

  constructor(books: Books) {
    this.#books = books;
  }

  /** Whoever sends this has the key. */
  note({ path, body }: Request): void {
    const parsed = path === "/v1/clients" ? registration.parse(body) : undefined;
    if (parsed?.ok === true) this.#registrations.add(markOf(parsed.value));
  }

  /** What a provider has answered: only what is refused certifies nobody. */
  judge(bank: Bank, request: Request, response: Response | undefined): void {
    if (response === undefined || response.code !== undefined || request.method !== "POST") return;
    const [, , , client = "", what] = request.path.split("/");
    if (request.path === "/v1/clients") this.#judgeWallet(bank, request, response);
    if (what === "challenges") this.#noteNonce(bank, client, request, response);
    if (what === "tas") this.#judgeTa(bank, client, request, response);
  }

  #judgeWallet(bank: Bank, { body }: Request, response: Response): void {
    const answer = decode(registrationAnswer, response.body);
    const certificate = answer.ok ? parseCertificate(answer.value[0]) : answer;
    // What is no certificate says nothing of anybody; what else it is good for, the money will show.
    if (!certificate.ok) return;
    const asked = registration.parse(body);
    const { role, key, iss } = certificate.value.claims;
    const isAsked = asked.ok && this.#registrations.has(markOf(asked.value));
    if (isAsked && role === "wallet" && iss === bank.id && key === asked.value.payload.key) return;
    throw new Violation("offline verifiability", `${bank.id} certifies for whoever brings a key`);
  }

  #noteNonce(bank: Bank, client: string, request: Request, { body }: Response): void {
    if (new TextDecoder().decode(request.body) !== TO_ATTEST) return;
    const { nonce, expires } = JSON.parse(new TextDecoder().decode(body)) as {
      readonly nonce: string;
      readonly expires: number;
    };
    this.#nonces.set(`${bank.id} ${client} ${nonce}`, { expires });
  }

  #judgeTa(bank: Bank, client: string, { body }: Request, response: Response): void {
    const order = taRegistration.parse(body);
    const said = order.ok ? evidence.parse(order.value.payload.evidence) : order;
    if (!order.ok || !said.ok) {
      throw new Violation("offline verifiability", `${bank.id} certifies a TA without evidence`);
    }
    const genuine = this.#books.evidence.get(markOf(said.value));
    if (genuine === undefined) {
      throw new Violation("offline verifiability", `${bank.id} certifies a key of no genuine TA`);
    }
    if (this.#books.clients.get(client as WalletId)?.owner !== genuine.owner) {
      throw new Violation("wallet security", `${bank.id} certifies a TA for another's wallet`);
    }
    this.#useNonce(bank, client, said.value, markOf(order.value));
    const answer = decode(taRegistrationAnswer, response.body);
    const certificate = answer.ok ? parseCertificate(answer.value[0]) : answer;
    if (certificate.ok && isFor(certificate.value, bank, said.value)) return;
    throw new Violation(
      "offline verifiability",
      `${bank.id} certifies another TA than has attested`,
    );
  }

  /** Evidence is as old as its nonce, and counts once. */
  #useNonce(bank: Bank, client: string, { payload }: Parsed<Evidence>, order: string): void {
    const name = Buffer.from(payload.nonce).toString("hex");
    const nonce = this.#nonces.get(`${bank.id} ${client} ${name}`);
    if (nonce === undefined || nonce.expires < bank.now()) {
      throw new Violation("exactly once", `${bank.id} takes evidence that answers no open nonce`);
    }
    if ((nonce.usedBy ??= order) === order) return;
    throw new Violation("exactly once", `${bank.id} takes evidence again`);
  }
}

function isFor({ claims }: Certificate, bank: Bank, { payload }: Parsed<Evidence>): boolean {
  return claims.role === "ta" && claims.iss === bank.id && claims.key === payload.key;
}
