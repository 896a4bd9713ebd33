import type { Amount, AsyncVerifier, Currency, Root, Seconds, Signer } from "@bezant/protocol";
import type { Device } from "../device/device.ts";
import type { Store } from "../store/store.ts";

/** What time it is; a simulation has its own. */
export type Clock = { readonly now: () => Seconds };

/** Everything that a wallet works with. What it has to remember is in the store. */
export type WalletParts = {
  readonly store: Store;
  /** The wallet's own key: registrations, orders, and what it signs as a payee without secure hardware. */
  readonly signer: Signer;
  readonly verifier: AsyncVerifier;
  /** The central bank's root, with its id: all that is trusted from the start. */
  readonly root: Root;
  readonly currency: Currency;
  readonly clock: Clock;
  /** This many random bytes. */
  readonly random: (length: number) => Uint8Array;
  /**
   * What a payee without a device takes at once from a payer for whom no current status list vouches; absent: any amount. A
   * device goes by its own limits.
   */
  readonly uncheckedCap?: Amount | undefined;
  /** Absent in a wallet that only receives. */
  readonly device?: Device | undefined;
  /** The way to the provider; absent while there is no network. */
  readonly fetch?: Fetch | undefined;
};

export type HttpRequest = {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly redirect: "error";
};

export type HttpResponse = {
  readonly status: number;
  readonly headers: { readonly get: (name: string) => string | null };
  readonly body: { readonly getReader: () => BodyReader } | null;
};

export type BodyReader = {
  readonly read: () => Promise<
    | { readonly done: false; readonly value: Uint8Array }
    | { readonly done: true; readonly value?: Uint8Array | undefined }
  >;
  readonly cancel: () => Promise<void>;
};

/** The part of the platform's `fetch` that a wallet uses. Timeouts are the business of whoever hands it in. */
export type Fetch = (url: string, request: HttpRequest) => Promise<HttpResponse>;
