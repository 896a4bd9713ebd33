import {
  sha256,
  toHex,
  type Claims,
  type CompressedKey,
  type KeyId,
  type Seconds,
} from "@bezant/protocol";

/** One certificate issued. */
export type Entry = {
  readonly certificate: Uint8Array;
  readonly claims: Claims;
  readonly at: Seconds;
};

/** A key taken back: what it signed after `since` is not believed. */
export type Revocation = {
  readonly keyId: KeyId;
  readonly since: Seconds;
  readonly at: Seconds;
};

/**
 * What an authority has issued, append-only. It gives serials their order, and later tells apart what was issued
 * before and after a revocation.
 */
export type Register = {
  /** Durable when the promise resolves. */
  readonly append: (entry: Entry) => Promise<void>;
  /** Every entry, oldest first. */
  readonly entries: () => Promise<readonly Entry[]>;
  readonly revoke: (revocation: Revocation) => Promise<void>;
  readonly revocations: () => Promise<readonly Revocation[]>;
  /** The number of the next status list, which nobody gets again. */
  readonly nextList: (at: Seconds) => Promise<number>;
};

/** Names the subject of a certificate within its issuer: the institution's name, or the key. */
export function subjectOf(claims: Claims): string {
  return "sub" in claims ? `${claims.role} ${claims.sub}` : `${claims.role} ${claims.key}`;
}

/** One more than the highest serial that this subject has had. */
export async function nextSerial(register: Register, subject: string): Promise<number> {
  const earlier = (await register.entries()).filter((entry) => subjectOf(entry.claims) === subject);
  return earlier.reduce((highest, { claims }) => Math.max(highest, claims.serial), 0) + 1;
}

/** Since when this key has been certified here, if it has. */
export async function firstNbf(
  register: Register,
  key: CompressedKey,
): Promise<Seconds | undefined> {
  const first = (await register.entries()).find(({ claims }) => claims.key === key);
  return first?.claims.nbf;
}

/** How a certificate is named in reports and lists: SHA-256 of its bytes, in hexadecimal. */
export function certificateHash(certificate: Uint8Array): string {
  return toHex(sha256(certificate));
}

/** A register that lasts as long as the process: for simulations. */
export function memoryRegister(): Register {
  const entries: Entry[] = [];
  const revocations: Revocation[] = [];
  let lists = 0;
  return {
    append: (entry) => {
      entries.push(entry);
      return Promise.resolve();
    },
    entries: () => Promise.resolve([...entries]),
    revoke: (revocation) => {
      revocations.push(revocation);
      return Promise.resolve();
    },
    revocations: () => Promise.resolve([...revocations]),
    nextList: () => Promise.resolve(++lists),
  };
}
