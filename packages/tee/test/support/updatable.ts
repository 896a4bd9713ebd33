import { unwrap, type Result } from "@bezant/protocol";
import {
  COMMANDS,
  encodeInput,
  readAnswer,
  type CommandName,
  type Output,
} from "@bezant/trusted-app/commands";
import { OPS_TA_UUID } from "../../src/client/index.ts";
import {
  loadTrustedApp,
  makeDevice,
  nodeCryptography,
  opsTrustedApp,
  shipModule,
  startDevice,
  type RunningDevice,
} from "../../src/index.ts";
import { deterministicSigner, MemoryFiles, seededRandom } from "../../src/simulation/index.ts";
import { Bank } from "./bank.ts";
import { certifyDevice, TOS } from "./device.ts";
import type { Maker } from "./maker.ts";

const signer = deterministicSigner;
const cryptography = { ...nodeCryptography(), signer };

/** A device in memory that takes its maker's updates, with money in it. */
export class Updatable {
  readonly files = new MemoryFiles();
  readonly bank = new Bank();
  #running: RunningDevice | undefined;

  static async make(maker: Maker | undefined): Promise<Updatable> {
    const device = new Updatable();
    const module = opsTrustedApp();
    const random = seededRandom("device");
    unwrap(
      await makeDevice(device.files, unwrap(loadTrustedApp(module)), {
        identity: { certify: certifyDevice },
        manufacturer: maker?.oemRoot,
        random,
        signer,
      }),
    );
    shipModule(device.files, module);
    return device;
  }

  /** Registered, with 1.00 in it. */
  fund(): void {
    const init = this.call("Init", this.bank.init());
    const { id } = init;
    const key = Buffer.from(init.vk).toString("hex") as Parameters<Bank["certification"]>[1];
    this.call("CertInit", this.bank.certification(id, key));
    this.call("Deposit", this.bank.deposit(id, 1, 100n));
  }

  /** The device at work; started again after a crash. */
  get running(): RunningDevice {
    this.#running ??= unwrap(this.start());
    return this.#running;
  }

  /** Starts over whatever the files hold, as after a crash. */
  start(): Result<RunningDevice, { readonly code: string }> {
    return startDevice(this.files, {
      random: seededRandom(`${this.files.writes}`),
      tos: TOS,
      signer,
      cryptography,
    });
  }

  crash(): void {
    this.#running = undefined;
    this.files.restart();
  }

  call<N extends CommandName>(name: N, input: Uint8Array): Output<N> {
    const { trustedOs } = this.running;
    const session = unwrap(trustedOs.openSession(OPS_TA_UUID));
    const answer = unwrap(trustedOs.invokeCommand(session, COMMANDS[name].number, input));
    return unwrap(readAnswer(name, answer));
  }

  info(): Output<"GetInfo"> {
    return this.call("GetInfo", encodeInput("GetInfo", {}));
  }

  install(update: Uint8Array): ReturnType<RunningDevice["agent"]["install"]> {
    return this.running.agent.install(update);
  }
}
