import {
  amount,
  counter,
  institutionId,
  seconds,
  toHex,
  unwrap,
  type CompressedKey,
  type TaId,
} from "@bezant/protocol";
import {
  COMMANDS,
  encodeInput,
  readAnswer,
  statusNumber,
  type CommandName,
  type Input,
  type Output,
} from "@bezant/trusted-app/commands";
import { OPS_TA_UUID, type Invocation } from "../../src/client/index.ts";
import { loadTrustedApp, opsTrustedApp, type TrustedApp, type TrustedOs } from "../../src/index.ts";
import { seededRandom, type Image } from "../../src/simulation/index.ts";
import { Bank } from "./bank.ts";
import { memoryDevice, type MemoryDevice } from "./device.ts";

/** One command of the story, and all that is needed to run it again. */
export type Step = {
  readonly title: string;
  readonly name: CommandName;
  readonly input: Uint8Array;
  readonly device: MemoryDevice;
  /** The device's files before the command. */
  readonly before: Image;
  /** Makes every random byte of the step. */
  readonly seed: string;
  readonly invocation: Invocation;
};

/** Starts the step's device as it is now, with the step's randomness. */
export function startFor({ device, seed }: Pick<Step, "device" | "seed">): TrustedOs {
  return unwrap(device.start(seededRandom(seed)));
}

/** Runs the step's command in a new session. */
export function run(os: TrustedOs, { name, input }: Pick<Step, "name" | "input">): Invocation {
  const session = unwrap(os.openSession(OPS_TA_UUID));
  return unwrap(os.invokeCommand(session, COMMANDS[name].number, input));
}

/** The TA that this release ships. */
export const opsApp: TrustedApp = unwrap(loadTrustedApp(opsTrustedApp()));

/** Two devices with the real TA, a wallet and their bank: a story in which every command of the TA has its effect. */
export async function playStory(): Promise<readonly Step[]> {
  const bank = new Bank();
  const steps: Step[] = [];
  const [right, wrong] = [pin("1234"), pin("9999")];
  const payer = new User(await memoryDevice("payer", opsApp), bank, steps);
  const payee = new User(await memoryDevice("payee", opsApp), bank, steps);
  for (const user of [payer, payee]) {
    user.enrol();
    user.call("SetPin", { pin: right });
    user.call("ReserveDeposit", { amount: amount(1000n) });
    user.raw("Deposit", bank.deposit(user.id, 1, 1000n));
  }

  payer.call("PinBegin", {});
  payer.raw(
    "PinVerify",
    encodeInput("PinVerify", { pin: wrong, allowance: amount(1n) }),
    "pin-wrong",
  );
  payer.call("PinBegin", {});
  payer.call("PinVerify", { pin: right, allowance: amount(100n) });

  const first = { expires: seconds(0), replaces: counter(0) };
  const request = payee.call("RequestPayment", { amount: amount(40n), ...first });
  const paid = payer.call("Pay", { request, hint: seconds(0) });
  const collected = payee.call("Collect", { payment: paid });
  payer.call("Resend", { kind: "payment", n: counter(1) });
  payer.call("Settle", { outcome: collected });
  payee.call("RequestPayment", { amount: amount(7n), ...first });
  payee.call("CancelRequest", { r: counter(2) });

  payer.raw("Settle", bank.claimed(payer.id, payer.raw("Pay", bank.request(1, 3n))));
  for (let r = 2; r <= 16; r++) payer.raw("Pay", bank.request(r, 1n));
  payer.raw("Release", bank.received(payer.id, payer.raw("Pay", bank.request(17, 1n))));
  payer.call("Withdraw", { amount: amount(500n) });
  payer.raw("AckWithdraw", bank.acknowledge(payer.id, 1));
  payer.call("GetBalance", { nonce: new Uint8Array(16).fill(1) });
  payer.raw("Sync", bank.sync(payer.id, payer.call("SyncRequest", {})));
  payer.raw("Renew", bank.certification(payer.id, payer.key));

  const { balance } = payer.call("GetInfo", {});
  payer.call("Withdraw", { amount: amount(balance) });
  payer.raw("AckWithdraw", bank.acknowledge(payer.id, 2));
  payer.call("Retire", {});
  payer.raw("Init", bank.init());
  return steps;
}

class User {
  #identity: Output<"Init"> | undefined;
  readonly #device: MemoryDevice;
  readonly #bank: Bank;
  readonly #steps: Step[];

  constructor(device: MemoryDevice, bank: Bank, steps: Step[]) {
    this.#device = device;
    this.#bank = bank;
    this.#steps = steps;
  }

  get id(): TaId {
    return this.#initialised().id;
  }

  get key(): CompressedKey {
    return toHex(this.#initialised().vk) as CompressedKey;
  }

  enrol(): void {
    const output = this.raw("Init", this.#bank.init());
    this.#identity = unwrap(readAnswer("Init", { status: 0, output }));
    this.call("Attest", { audience: institutionId("bank-a"), nonce: new Uint8Array(16) });
    this.raw("CertInit", this.#bank.certification(this.id, this.key));
  }

  call<N extends CommandName>(name: N, input: Input<N>): Output<N> {
    const output = this.raw(name, encodeInput(name, input));
    return unwrap(readAnswer(name, { status: 0, output }));
  }

  raw(name: CommandName, input: Uint8Array, status: "ok" | "pin-wrong" = "ok"): Uint8Array {
    const before = this.#device.files.image();
    const number = this.#steps.length;
    const step = { name, input, device: this.#device, before, seed: `step ${number}` };
    const os = startFor(step);
    const invocation = run(os, step);
    os.writeBack();
    if (invocation.status !== statusNumber(status)) {
      throw new Error(`step ${number}, ${name}: status ${invocation.status}`);
    }
    this.#steps.push({ ...step, title: `${number} ${name}`, invocation });
    return invocation.output;
  }

  #initialised(): Output<"Init"> {
    if (this.#identity === undefined) throw new Error("before Init");
    return this.#identity;
  }
}

function pin(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
