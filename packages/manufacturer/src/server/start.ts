import { randomBytes } from "node:crypto";
import { asyncNodeVerifier } from "@bezant/pki/node";
import { err, ok, type Result } from "@bezant/protocol";
import type { Clock } from "@bezant/service";
import type { OpenError } from "@bezant/service/db";
import { DEFAULT_HTTP, type HttpOptions, type TlsOptions } from "@bezant/service/http";
import { machineClock } from "@bezant/service/server";
import type { ManufacturerParts } from "../core/parts.ts";
import { openDatabase, type DatabaseOptions } from "../database.ts";
import { createApp } from "../http/app.ts";
import { createManufacturer, type Manufacturer } from "../manufacturer.ts";

export interface StartOptions extends Pick<
  ManufacturerParts,
  "identity" | "signer" | "policy" | "operators" | "secret"
> {
  readonly database: DatabaseOptions;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Where relying parties and the operator are served, over mutual TLS; otherwise with the devices. */
  readonly institutions?:
    | { readonly host: string; readonly port: number; readonly tls: TlsOptions }
    | undefined;
  readonly http?: HttpOptions;
  /** The machine's, unless a simulation has its own. */
  readonly clock?: Clock;
}

/** A manufacturer that listens. */
export interface RunningManufacturer {
  readonly url: string;
  /** Where institutions are served: the same unless they have a listener of their own. */
  readonly institutionsUrl: string;
  readonly manufacturer: Manufacturer;
  /** Stops listening, finishes what is under way, and closes the database; the embedded server is stopped. */
  readonly close: () => Promise<void>;
}

export type StartError =
  | OpenError
  | { readonly code: "appointment-refused"; readonly message: string }
  | { readonly code: "port-unusable"; readonly message: string };

/** Opens the database, checks the service's own appointment, and listens. */
export async function startManufacturer(
  options: StartOptions,
): Promise<Result<RunningManufacturer, StartError>> {
  const {
    database,
    host,
    port,
    institutions,
    http = DEFAULT_HTTP,
    clock = machineClock,
    ...parts
  } = options;
  const opened = await openDatabase(database);
  if (!opened.ok) return opened;
  const db = opened.value;
  const random = (length: number): Uint8Array => randomBytes(length);
  const created = createManufacturer({
    ...parts,
    db,
    clock,
    random,
    verifier: asyncNodeVerifier(),
  });
  if (!created.ok) {
    await db.close();
    const message = `The root has not appointed this key as its service: ${created.error.code}.`;
    return err({ code: "appointment-refused", message });
  }
  const manufacturer = created.value;
  const app = await createApp(manufacturer, db, http, institutions && "devices");
  const tls = institutions && { ...http, tls: institutions.tls };
  const inner = tls && (await createApp(manufacturer, db, tls, "institutions"));
  const close = async (): Promise<void> => {
    await inner?.close();
    await app.close();
    await db.close();
  };
  try {
    const institutionsUrl = await inner?.listen({
      host: institutions?.host ?? host,
      port: institutions?.port ?? 0,
    });
    const url = await app.listen({ host, port });
    return ok({ url, institutionsUrl: institutionsUrl ?? url, manufacturer, close });
  } catch (error) {
    await close();
    return err({ code: "port-unusable", message: String(error) });
  }
}
