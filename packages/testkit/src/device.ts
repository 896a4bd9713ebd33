import { randomBytes } from "node:crypto";
import { err, unwrap, type Result } from "@bezant/protocol";
import {
  loadTrustedApp,
  makeDevice,
  openSoftwareRootOfTrust,
  opsTrustedApp,
  TrustedOs,
  type RootOfTrust,
  type TrustedApp,
} from "@bezant/tee";
import { connectInProcess, OPS_TA_UUID, type Invocation, type TeecError } from "@bezant/tee/client";
import { MemoryFiles, PowerLoss } from "@bezant/tee/simulation";
import { openDevice, type Device } from "@bezant/wallet";
import type { Institutions } from "./institutions.ts";

/** What a software device says it is. */
export const TOS = { measurement: new Uint8Array(32).fill(7), version: 1 };
export const trustedApp: TrustedApp = unwrap(loadTrustedApp(opsTrustedApp()));

/** A real secure device, Wasm TA in the trusted OS, whose flash is in memory. It outlives the wallets that use it. */
export class SimulatedDevice {
  /** Its flash and RPMB, to cut the power, copy, restore. */
  readonly files: MemoryFiles;
  #running: { readonly os: TrustedOs; readonly rootOfTrust: RootOfTrust } | undefined;

  private constructor(files: MemoryFiles) {
    this.files = files;
  }

  static async make({ certifyDevice }: Institutions): Promise<SimulatedDevice> {
    const files = new MemoryFiles();
    const identity = { certify: certifyDevice };
    unwrap(await makeDevice(files, trustedApp, { identity, random: randomBytes }));
    return new SimulatedDevice(files);
  }

  /** A wallet's connection to it. */
  connect(): Device {
    const context = connectInProcess({
      openSession: (uuid) => this.#os().openSession(uuid),
      invokeCommand: (session, command, input) => this.#invoke(session, command, input),
      closeSession: (session) => this.#running?.os.closeSession(session),
    });
    return openDevice(context, OPS_TA_UUID);
  }

  /** Power off, and on again at the next command. */
  restart(): void {
    this.#running?.rootOfTrust.close();
    this.#running = undefined;
    this.files.restart();
  }

  #invoke(session: number, command: number, input: Uint8Array): Result<Invocation, TeecError> {
    try {
      return this.#os().invokeCommand(session, command, input);
    } catch (error) {
      if (!(error instanceof PowerLoss)) throw error;
      this.restart();
      const code = "TEEC_ERROR_COMMUNICATION";
      return err({ code, origin: "communication", state: "unknown" });
    }
  }

  #os(): TrustedOs {
    if (this.#running === undefined) {
      const { files } = this;
      const random = randomBytes;
      const rootOfTrust = unwrap(openSoftwareRootOfTrust(files, { random }));
      const os = unwrap(TrustedOs.start({ files, random, trustedApp, tos: TOS, rootOfTrust }));
      this.#running = { os, rootOfTrust };
    }
    return this.#running.os;
  }
}
