import type { Seconds } from "@bezant/protocol";

/** One X.509 certificate issued, DER. */
export type X509Entry = { readonly certificate: Uint8Array; readonly at: Seconds };

/** A serial, in hexadecimal as the library writes it, that counts no more since `at`. */
export type X509Revocation = { readonly serial: string; readonly at: Seconds };

/** What an authority has issued for TLS and what it has taken back, append-only. */
export type X509Register = {
  /** Durable when the promise resolves. */
  readonly append: (entry: X509Entry) => Promise<void>;
  readonly revoke: (revocation: X509Revocation) => Promise<void>;
  /** Oldest first. */
  readonly entries: () => Promise<readonly X509Entry[]>;
  readonly revocations: () => Promise<readonly X509Revocation[]>;
};

/** A register that lasts as long as the process: for simulations. */
export function memoryX509Register(): X509Register {
  const entries: X509Entry[] = [];
  const revocations: X509Revocation[] = [];
  return {
    append: (entry) => {
      entries.push(entry);
      return Promise.resolve();
    },
    revoke: (revocation) => {
      revocations.push(revocation);
      return Promise.resolve();
    },
    entries: () => Promise.resolve([...entries]),
    revocations: () => Promise.resolve([...revocations]),
  };
}
