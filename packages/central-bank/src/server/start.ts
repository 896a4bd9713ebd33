import { asyncNodeVerifier } from "@bezant/pki/node";
import { err, ok, type PublicKey, type Result, type Signer } from "@bezant/protocol";
import type { Clock } from "@bezant/service";
import type { OpenError } from "@bezant/service/db";
import { DEFAULT_HTTP, type HttpOptions } from "@bezant/service/http";
import { machineClock } from "@bezant/service/server";
import { createCentralBank, type CentralBank } from "../central-bank.ts";
import type { Identity } from "../core/parts.ts";
import { openDatabase, type DatabaseOptions } from "../database.ts";
import { createApp } from "../http/app.ts";

export interface StartOptions {
  readonly identity: Identity;
  readonly signer: Signer;
  readonly operators: readonly PublicKey[];
  readonly database: DatabaseOptions;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Between two closings of a window; the operator's orders close them otherwise. */
  readonly windowSeconds?: number;
  readonly http?: HttpOptions;
  /** The machine's, unless a simulation has its own. */
  readonly clock?: Clock;
}

/** A central bank that listens. */
export interface RunningCentralBank {
  /** Where it listens: `http://host:port`. */
  readonly url: string;
  readonly centralBank: CentralBank;
  /** Of its database. */
  readonly databaseUrl: string;
  /** Stops listening, finishes what is under way, and closes the database; the embedded server is stopped. */
  readonly close: () => Promise<void>;
}

export type StartError =
  | OpenError
  | { readonly code: "certificate-refused"; readonly message: string }
  | { readonly code: "port-unusable"; readonly message: string };

/** How often a server looks for lists of institutions that another one was given, in milliseconds. */
const LOOK_AT_LISTS = 60_000;

/** Opens the database, checks the service's own certificate, and listens. */
export async function startCentralBank(
  options: StartOptions,
): Promise<Result<RunningCentralBank, StartError>> {
  const { identity, signer, operators, clock = machineClock, http = DEFAULT_HTTP } = options;
  const opened = await openDatabase(options.database);
  if (!opened.ok) return opened;
  const db = opened.value;
  const verifier = asyncNodeVerifier();
  const created = await createCentralBank({ identity, db, signer, verifier, clock, operators });
  if (!created.ok) {
    await db.close();
    const message = `The service's own certificate does not lead to its root: ${created.error.code}.`;
    return err({ code: "certificate-refused", message });
  }
  const centralBank = created.value;
  const app = await createApp(centralBank, db, http);
  const looking = setInterval(() => void centralBank.loadLists(), LOOK_AT_LISTS);
  const stopTimer = closeWindows(centralBank, options.windowSeconds);
  const close = async (): Promise<void> => {
    clearInterval(looking);
    await stopTimer();
    await app.close();
    await db.close();
  };
  try {
    const url = await app.listen({ host: options.host, port: options.port });
    return ok({ url, centralBank, databaseUrl: db.url, close });
  } catch (error) {
    await close();
    return err({ code: "port-unusable", message: String(error) });
  }
}

/** Closes the open window again and again. One that cannot be closed now is closed the next time; nothing is lost by it. */
function closeWindows(bank: CentralBank, every: number | undefined): () => Promise<void> {
  if (every === undefined) return () => Promise.resolve();
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(async () => {
      const supply = await bank.openWindow();
      if (supply.ok) await bank.closeWindow(supply.value);
    });
  }, every * 1000);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
