import { unwrap, type Limits, type Result, type TaId } from "@bezant/protocol";
import {
  COMMANDS,
  encodeInput,
  readAnswer,
  type CommandName,
  type Input,
  type Output,
  type TaRefusal,
} from "../../src/commands.ts";
import { decodeState, type TaState } from "../../src/reference/index.ts";
import { Crypto, type Key } from "./crypto.ts";
import { CentralBank, limitsOf, type ProviderKey } from "./institutions.ts";
import { Random } from "./random.ts";
import { signConfirmation } from "./signed.ts";
import { TrustedOs, type MakeTa } from "./trusted-os.ts";

/** A central bank, its provider, and TAs of one make: what most tests need. */
export class SmallWorld {
  readonly random = new Random(1);
  readonly crypto = new Crypto();
  readonly bank = new CentralBank(this.crypto, this.random, "bank");
  readonly provider = this.bank.provider("alpha");
  readonly #make: MakeTa;

  constructor(make: MakeTa) {
    this.#make = make;
  }

  newKey(): Key {
    return this.crypto.newKey(this.random);
  }

  /** A device whose TA nobody has set up yet. */
  device(): Device {
    const entropy = {
      random: (length: number) => this.random.bytes(length),
      newKey: () => this.newKey(),
    };
    return new Device(new TrustedOs(this.crypto, entropy, this.newKey(), this.#make), this.bank);
  }

  /** A TA that is registered with the provider, with money in it. */
  ta(money = 0n, limits: Limits = limitsOf()): Device {
    const device = this.device();
    device.enrol(this.provider, limits);
    if (money > 0n) device.fund(this.provider, money);
    return device;
  }
}

/** A secure device with its TA, as a wallet drives it. */
export class Device {
  readonly os: TrustedOs;
  readonly #bank: CentralBank;

  constructor(os: TrustedOs, bank: CentralBank) {
    this.os = os;
    this.#bank = bank;
  }

  get state(): TaState {
    return decodeState(this.os.committed);
  }

  get id(): TaId {
    return this.state.id;
  }

  get balance(): bigint {
    return this.state.balance;
  }

  try<N extends CommandName>(name: N, input: Input<N>): Result<Output<N>, TaRefusal> {
    return readAnswer(name, this.os.invoke(COMMANDS[name].number, encodeInput(name, input)));
  }

  /** A command that cannot be refused here. */
  do<N extends CommandName>(name: N, input: Input<N>): Output<N> {
    return unwrap(this.try(name, input));
  }

  /** Why a command is refused; "ok" if it is not. */
  refusal<N extends CommandName>(name: N, input: Input<N>): TaRefusal | "ok" {
    const result = this.try(name, input);
    return result.ok ? "ok" : result.error;
  }

  enrol(provider: ProviderKey, limits: Limits = limitsOf()): void {
    this.do("Init", { anchor: this.#bank.anchor });
    this.do("CertInit", this.certification(provider, limits));
  }

  certification(provider: ProviderKey, limits: Limits = limitsOf()): Input<"CertInit"> {
    const { id, vk } = this.state;
    return {
      certificate: this.#bank.taCertificate(provider, vk, limits),
      chain: provider.chain,
      limitsProfile: this.#bank.limitsFor(id, provider, limits),
    };
  }

  fund(provider: ProviderKey, x: bigint): void {
    const confirmation = signConfirmation(provider, this.id, { d: this.state.d + 1, x });
    this.do("Deposit", { confirmation });
  }

  /** A request for x, then. */
  ask(x: bigint): Uint8Array {
    return this.do("RequestPayment", request(x));
  }

  pay(asked: Uint8Array): Uint8Array {
    return this.do("Pay", { request: asked, hint: 0 as Input<"Pay">["hint"] });
  }
}

/** Input of `RequestPayment` without an end, in the place of none. */
export function request(x: bigint, replaces = 0): Input<"RequestPayment"> {
  return { amount: x, expires: 0, replaces } as Input<"RequestPayment">;
}
