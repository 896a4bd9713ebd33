import { attach, parseCertificate, seconds, unwrap, type TaId } from "@bezant/protocol";
import {
  COMMANDS,
  commandOf,
  encodeInput,
  type CommandName,
  type Input,
  type Status,
} from "../../src/commands.ts";
import { Crypto } from "../world/crypto.ts";
import {
  CentralBank,
  DAY,
  limitsOf,
  START,
  type ProviderKey,
  type Wallet,
} from "../world/institutions.ts";
import { Random } from "../world/random.ts";
import { Agent } from "./agent.ts";
import { encodeLoosely } from "./input.ts";
import { Ledger } from "./ledger.ts";
import { fadingHolder, holder, oddHolders, oddProviders, type OddHolder } from "./odd.ts";
import { pathOf, pathOfStanding } from "./paths.ts";
import { ModelProvider } from "./provider.ts";
import { damage, tamper } from "./tamper.ts";
import { Twin } from "./twin.ts";

/** A message that the network has seen, and will never forget. */
export interface Sent {
  readonly bytes: Uint8Array;
  /** The only party for which it is any good. */
  readonly to?: string;
  readonly from?: string;
  /** Index of the payment that it is or is about. */
  readonly j?: number;
  /** Number of the request that it ends. */
  readonly r?: number;
  /** What can be attached to it. */
  readonly certificate?: Uint8Array;
  readonly provider?: ProviderKey | undefined;
}
export type Kind =
  | "request"
  | "payment"
  | "outcome"
  | "confirmation"
  | "acknowledgement"
  | "sync"
  | "other";

/** What a wallet gets to hear of a command. */
export interface Heard {
  readonly status: Status | "lost";
  readonly output: Uint8Array;
}

const KEPT = 300;
const WHALE = 0xffff_ffff_ffff_ffffn;

/** Everybody there is, and a network that loses, repeats, reorders and changes what they say. */
export class World {
  readonly random: Random;
  readonly crypto = new Crypto();
  readonly ledger = new Ledger();
  readonly bank: CentralBank;
  readonly alpha: ModelProvider;
  readonly beta: ModelProvider;
  readonly agents: readonly Agent[];
  readonly wallets: readonly Wallet[];
  /** A TA whose key has leaked: it signs anything. */
  readonly broken: OddHolder;
  readonly oddProviders: readonly ProviderKey[];
  readonly oddHolders: readonly OddHolder[];
  readonly sent: Record<Kind, Sent[]> = {
    request: [],
    payment: [],
    outcome: [],
    confirmation: [],
    acknowledgement: [],
    sync: [],
    other: [],
  };
  /** How often each command, or number of none, was answered how. */
  readonly answers = new Map<string, number>();
  /** How often each way was taken that a status alone does not tell. */
  readonly paths = new Map<string, number>();
  commands = 0;
  time = START;
  r = 0;
  readonly #fading = new Set<string>();

  constructor(seed: number) {
    this.random = new Random(seed);
    const { crypto, random, ledger } = this;
    this.bank = new CentralBank(crypto, random, "bank");
    const short = { exp: seconds(START + 400 * DAY) };
    const alphaKeys = [this.bank.provider("alpha"), this.bank.provider("alpha", short)];
    const betaKeys = [this.bank.provider("beta")];
    this.alpha = new ModelProvider(crypto, ledger, alphaKeys);
    this.beta = new ModelProvider(crypto, ledger, betaKeys);
    const keys = [...alphaKeys, ...betaKeys];
    this.wallets = keys.map((key) => this.bank.wallet(key, key === alphaKeys[1] ? short : {}));
    this.oddProviders = oddProviders(crypto, random, this.bank, alphaKeys[0]!);
    this.oddHolders = oddHolders(this.bank, keys, this.oddProviders);
    const ta = { role: "ta", limitsProfile: 1, securityLevel: 3 };
    this.broken = holder(this.bank, alphaKeys[0]!, ta);
    this.agents = [
      new Agent(new Twin(crypto, random), this.alpha, limitsOf()),
      new Agent(
        new Twin(crypto, random),
        this.alpha,
        limitsOf({ maxCount: 6, maxValue: 3_000n, uncheckedCap: 2_000n }),
      ),
      new Agent(
        new Twin(crypto, random),
        this.alpha,
        limitsOf({ noPinCap: 400n, maxPayment: 1_000n, maxHolding: 5_000n }),
      ),
      new Agent(
        new Twin(crypto, random),
        this.beta,
        limitsOf({
          profile: 7,
          maxHolding: WHALE,
          maxPayment: WHALE,
          maxValue: WHALE,
          noPinCap: 20_000n,
        }),
      ),
    ];
    ledger.isBroken = (sender) => sender === this.broken.id || this.isOdd(sender);
    ledger.issued = (ta_, d) =>
      this.providerOf(ta_)?.account(ta_ as TaId)?.confirmations[d - 1]?.digest;
  }

  isOdd(id: string): boolean {
    return this.#fading.has(id) || this.oddHolders.some((it) => it.id === id);
  }

  /** A broken TA whose certificates expired when this time was, or up to a month before. */
  fadingSince(time: number): OddHolder {
    const { bank, random, alpha, beta } = this;
    const home = random.pick([...alpha.keys, ...beta.keys]);
    const ago = random.pick([0, 1, 29 * DAY, 30 * DAY, 30 * DAY + 1, 40 * DAY]);
    const fading = fadingHolder(bank, random, home, Math.max(time, START) - ago);
    this.#fading.add(fading.id);
    return fading;
  }

  /** The key of alpha whose certificate runs out gets another one, mostly in time. */
  renewKey(): void {
    const key = this.alpha.keys[1]!;
    const { exp } = unwrap(parseCertificate(key.chain[0])).claims;
    if (this.time + 40 * DAY < exp || !this.random.chance(0.02)) return;
    const chain = this.bank.renewed(key, { exp: seconds(this.time + 200 * DAY) });
    Object.assign(key, { chain });
  }

  providerOf(ta: string): ModelProvider | undefined {
    return [this.alpha, this.beta].find((provider) => provider.account(ta as TaId) !== undefined);
  }

  agentOf(id: string): Agent | undefined {
    return this.agents.find((agent) => agent.id === id);
  }

  keep(kind: Kind, message: Sent): void {
    const kept = this.sent[kind];
    kept.push(message);
    if (kept.length > KEPT) kept.splice(0, KEPT / 2);
  }

  /** Any message of any kind. */
  anything(): Sent | undefined {
    const kinds = Object.values(this.sent).filter(({ length }) => length > 0);
    return kinds.length === 0 ? undefined : this.random.pickRecent(this.random.pick(kinds));
  }

  /** The message as the receiver's wallet hands it to its TA: with the chain where it is needed, mostly. */
  delivered(message: Sent, receiver: Agent): Uint8Array {
    const { bytes, certificate, provider } = message;
    if (provider === undefined) return bytes;
    const { providerExp, time } = receiver.state;
    const isKnown = receiver.homeKey?.key === provider.key && time <= providerExp;
    const chain = this.random.chance(isKnown ? 0.1 : 0.97) ? provider.chain : undefined;
    return unwrap(attach(bytes, { certificate, chain }));
  }

  /** One command, sometimes changed on the way, sometimes in a device that loses its power. */
  execute<N extends CommandName>(agent: Agent, name: N, input: Input<N>): Heard {
    return this.run(agent, COMMANDS[name].number, this.#onTheWire(name, input));
  }

  run(agent: Agent, number: number, input: Uint8Array): Heard {
    const { twin } = agent;
    if (this.random.chance(0.02)) twin.kill();
    const cut = this.random.chance(0.01);
    const before = agent.state;
    const answer = twin.invoke(number, input, cut);
    if (agent.state !== before) {
      this.ledger.observe(before, agent.state);
      this.#rehome(agent);
    }
    this.ledger.check();
    this.commands += 1;
    count(this.answers, `${commandOf(number) ?? "?"}: ${answer.status}`);
    const path = pathOf(before, commandOf(number), input, answer.status);
    const standing = pathOfStanding(before, agent.state, input);
    for (const taken of [path, standing]) if (taken !== undefined) count(this.paths, taken);
    // What the power failure or the network swallowed nobody has seen.
    const isLost = cut || this.random.chance(0.02);
    return isLost ? { status: "lost", output: new Uint8Array() } : answer;
  }

  /** The old device goes to a drawer, with whatever is in it. */
  replaceDevice(agent: Agent): void {
    agent.twin = new Twin(this.crypto, this.random);
  }

  /** The home provider follows what its TA accepted: another's certificate, or limits under its own leaked key. */
  #rehome(agent: Agent): void {
    const { phase, home, id, limits } = agent.state;
    if (phase !== "active") return;
    agent.provider = home === this.alpha.id ? this.alpha : this.beta;
    const account = agent.provider.open(id, limits);
    if (account.limits.version < limits.version) account.limits = limits;
  }

  #onTheWire<N extends CommandName>(name: N, input: Input<N>): Uint8Array {
    const { random } = this;
    if (random.chance(0.015)) return damage(random, encodeInput(name, input));
    if (!random.chance(0.1)) return encodeInput(name, input);
    const other = this.anything()?.bytes ?? random.bytes(100);
    const change = (message: Uint8Array): Uint8Array => {
      if (random.chance(0.1)) return other;
      if (random.chance(0.02)) return random.bytes(random.pick([0, 1, 257, 2048, 2049, 4200]));
      return tamper(random, message, other);
    };
    return encodeLoosely(name, input, random, change);
  }
}

function count(times: Map<string, number>, what: string): void {
  times.set(what, (times.get(what) ?? 0) + 1);
}
