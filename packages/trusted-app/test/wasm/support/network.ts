import {
  amount,
  counter,
  seconds,
  toHex,
  type CompressedKey,
  type Limits,
  type TaId,
} from "@bezant/protocol";
import { Random } from "../../world/random.ts";
import {
  CentralBank,
  limitsOf,
  type Certification,
  type ClaimChanges,
  type ProviderKey,
} from "../../world/institutions.ts";
import { signConfirmation, type Holder } from "../../world/signed.ts";
import { crypto, Device } from "./device.ts";

/** A device whose TA is active, and what its provider knows of it. */
export type Enrolled = Device & {
  readonly key: CompressedKey;
  readonly id: TaId;
  readonly certificate: Uint8Array;
  readonly provider: ProviderKey;
};

/** One central bank, two providers, and devices; the same for the same seed. */
export class Network {
  readonly random: Random;
  readonly bank: CentralBank;
  readonly home: ProviderKey;
  readonly other: ProviderKey;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.bank = new CentralBank(crypto, this.random, "ecb");
    this.home = this.bank.provider("bank-a");
    this.other = this.bank.provider("bank-b");
  }

  /** A device with nothing on it. */
  blank(): Device {
    return new Device(this.random);
  }

  /** A device after `Init`. */
  initialised(
    anchor = this.bank.anchor,
  ): Device & { readonly key: CompressedKey; readonly id: TaId } {
    const device = this.blank();
    const { vk, id } = device.call("Init", { anchor });
    return Object.assign(device, { key: toHex(vk) as CompressedKey, id });
  }

  /** A device after `CertInit`. */
  active(provider = this.home, limits = limitsOf()): Enrolled {
    const device = this.initialised();
    const certification = this.certification(provider, device, limits);
    device.call("CertInit", certification);
    return Object.assign(device, { provider, certificate: certification.certificate });
  }

  certification(
    provider: ProviderKey,
    subject: { readonly key: CompressedKey; readonly id: TaId },
    limits: Limits = limitsOf(),
    changes: ClaimChanges = {},
  ): Certification {
    return this.bank.certification(provider, subject, limits, changes);
  }

  /** A broken TA: it signs whatever it is told to, under a genuine certificate. */
  broken(provider = this.home, changes: ClaimChanges = {}): Holder & { readonly id: TaId } {
    return this.bank.openTa(provider, changes);
  }
}

/** Deposits x from the home provider. */
export function fund(device: Enrolled, x: bigint): void {
  const d = device.call("GetInfo", {}).d + 1;
  const confirmation = signConfirmation(device.provider, device.id, { d, x });
  device.call("Deposit", { confirmation });
}

/** Asks for x; gives the request as the payer receives it. */
export function ask(device: Enrolled, x: bigint, expires = 0, replaces = 0): Uint8Array {
  return device.call("RequestPayment", {
    amount: amount(x),
    expires: seconds(expires),
    replaces: counter(replaces),
  });
}

export function pay(device: Device, request: Uint8Array, hint = 0): Uint8Array {
  return device.call("Pay", { request, hint: seconds(hint) });
}
