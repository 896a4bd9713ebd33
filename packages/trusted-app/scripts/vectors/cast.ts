import { p256 } from "@noble/curves/nist.js";
import {
  amount,
  counter,
  paymentRequest,
  seconds,
  toHex,
  unwrap,
  type CompressedKey,
  type Limits,
  type TaId,
} from "@bezant/protocol";
import { Crypto } from "../../test/world/crypto.ts";
import {
  CentralBank,
  limitsOf,
  type Certification,
  type ClaimChanges,
  type ProviderKey,
} from "../../test/world/institutions.ts";
import type { MakeTa } from "../../test/world/trusted-os.ts";
import { Random } from "../../test/world/random.ts";
import { signConfirmation, type Holder } from "../../test/world/signed.ts";
import { Recorder } from "./recorder.ts";

/** An instance that is active, and who it is. */
export type Active = Recorder & {
  readonly id: TaId;
  readonly key: CompressedKey;
  readonly certificate: Uint8Array;
  /** The number of its last confirmation. */
  d: number;
};

/** Everybody in the traces: a central bank, two providers, and whoever pays and is paid. The same for the same seed. */
export class Cast {
  readonly random: Random;
  readonly crypto = new Crypto((message, secret) =>
    p256.sign(message, secret, { prehash: true, lowS: true }),
  );
  readonly bank: CentralBank;
  readonly home: ProviderKey;
  readonly other: ProviderKey;
  readonly #make: MakeTa;

  constructor(seed: number, make: MakeTa) {
    this.random = new Random(seed);
    this.#make = make;
    this.bank = new CentralBank(this.crypto, this.random, "cb");
    this.home = this.bank.provider("bank-a");
    this.other = this.bank.provider("bank-b");
  }

  blank(): Recorder {
    return new Recorder(this.crypto, this.random, this.#make);
  }

  /** An instance after its first two commands. */
  active(limits: Limits = limitsOf()): Active {
    const device = this.blank();
    const { vk, id } = device.ok("an instance begins", "Init", { anchor: this.bank.anchor });
    const key = toHex(vk) as CompressedKey;
    const certification = this.certification({ key, id }, { limits });
    device.ok("it gets its certificate", "CertInit", certification);
    return Object.assign(device, { id, key, certificate: certification.certificate, d: 0 });
  }

  certification(
    subject: { readonly key: CompressedKey; readonly id: TaId },
    {
      limits = limitsOf(),
      provider = this.home,
      changes = {},
    }: {
      readonly limits?: Limits;
      readonly provider?: ProviderKey;
      readonly changes?: ClaimChanges;
    } = {},
  ): Certification {
    return this.bank.certification(provider, subject, limits, changes);
  }

  /** Another TA, which signs whatever a trace needs. */
  ta(provider = this.home, changes: ClaimChanges = {}): Holder & { readonly id: TaId } {
    return this.bank.openTa(provider, changes);
  }

  fund(device: Active, x: bigint): void {
    device.d += 1;
    const confirmation = signConfirmation(this.home, device.id, { d: device.d, x });
    device.ok(`${x} come from its provider`, "Deposit", { confirmation });
  }
}

/** Asks for x. */
export function ask(device: Recorder, x: bigint, name = `it asks for ${x}`): Uint8Array {
  const input = { amount: amount(x), expires: seconds(0), replaces: counter(0) };
  return device.ok(name, "RequestPayment", input);
}

export function termsOf(request: Uint8Array) {
  return unwrap(paymentRequest.parse(request)).payload;
}
