import {
  seconds,
  statusChunk,
  UNPINNED_AGE,
  type Chain,
  type ProviderId,
  type Seconds,
  type StatusChunk,
} from "../../src/index.ts";
import { accepts, refuses, type Case } from "./case.ts";
import { chainA, chainB, names, NOW, people, usual } from "./cast.ts";
import { forged, otherKind } from "./certificates.ts";
import { byBankA, listOfBankA } from "./examples.ts";

/** A chunk, and a certificate that somebody wants to know about. */
export type StatusInput = {
  readonly bytes: Uint8Array;
  /** Whose list it has to be: the certificate's issuer. */
  readonly issuer: ProviderId;
  /** The certificate's; absent if it has none. */
  readonly index?: number;
  /** Absent if no epoch of this issuer is known. */
  readonly minimumEpoch?: number;
  readonly now: Seconds;
  readonly known?: readonly Chain[];
};

// Epoch 9; it covers 1000 to 3998 and names 1000, 1001 and 2048.
const chunk = listOfBankA[1] as StatusChunk;
const signed = statusChunk.sign(chunk, byBankA.context, byBankA.signer, byBankA.attached);
const bare = statusChunk.sign(chunk, byBankA.context, byBankA.signer);

const about = (index: number | undefined, changes: Partial<StatusInput> = {}): StatusInput => ({
  bytes: signed,
  issuer: names.bankA,
  ...(index === undefined ? {} : { index }),
  minimumEpoch: 9,
  now: NOW,
  ...changes,
});
/** Without a known epoch, so long after the list was made. */
const unpinned = (age: number, index = 2000): StatusInput => {
  const { minimumEpoch: _, ...rest } = about(index);
  return { ...rest, now: seconds(chunk.issuedAt + age) };
};
const good = { epoch: "9", standing: "good" };
const revoked = { epoch: "9", standing: "revoked" };
const unknown = { epoch: "9", standing: "unknown" };

export const statusCases: readonly Case<StatusInput>[] = [
  accepts("18.4", "of a certificate that it does not name", about(2000), good),
  accepts("18.4", "of the last one that it covers", about(3998), good),
  accepts("18.4", "of the first one that it names", about(1000), revoked),
  accepts("18.4", "of the one after it", about(1001), revoked),
  accepts("18.4", "of the last one that it names", about(2048), revoked),
  accepts("18.4", "of one before its range", about(999), unknown),
  accepts("18.4", "of one behind its range", about(3999), unknown),
  accepts("18.4", "of a certificate without index", about(undefined), unknown),
  accepts("18.4", "of a later epoch than is known", about(2000, { minimumEpoch: 8 }), good),
  accepts("18.4", "of an earlier epoch", about(2000, { minimumEpoch: 10 }), unknown),
  accepts("18.4", "of an earlier epoch that names it", about(2048, { minimumEpoch: 10 }), revoked),
  accepts("18.4", "of an unknown epoch, 30 days old", unpinned(UNPINNED_AGE), good),
  accepts("18.4", "of an unknown epoch, from the future", unpinned(-1_000), good),
  accepts("18.4", "of an unknown epoch, a second older", unpinned(UNPINNED_AGE + 1), unknown),
  accepts("18.4", "of an unknown epoch, old, that names it", unpinned(UNPINNED_AGE * 3, 2048), {
    ...revoked,
  }),
  accepts(
    "18.4",
    "of a provider known before",
    about(2000, { bytes: bare, known: [chainA] }),
    good,
  ),
  refuses("18.4", "unknown-issuer", "without a chain", about(2000, { bytes: bare })),
  refuses("18.4", "not-home", "of another provider", about(2000, { issuer: names.bankB })),
  refuses(
    "18.4",
    "unknown-issuer",
    "with another provider's chain",
    about(2000, {
      bytes: statusChunk.sign(chunk, byBankA.context, byBankA.signer, { chain: chainB }),
    }),
  ),
  refuses(
    "18.4",
    "expired",
    "of a provider whose certificate has expired",
    about(2000, { now: seconds(usual.bankA.exp + 1) }),
  ),
  refuses("3.5", "wrong-type", "another kind of message", about(2000, { bytes: otherKind })),
  refuses("3.5", "malformed", "cut short", about(2000, { bytes: signed.slice(1) })),
  refuses("18.4", "bad-signature", "forged", about(2000, { bytes: forged(signed) })),
  refuses(
    "18.4",
    "bad-signature",
    "signed by somebody else",
    about(2000, {
      bytes: statusChunk.assemble(
        chunk,
        statusChunk.sign(chunk, byBankA.context, people.mallory).slice(-64),
        { kid: people.bankA.keyId, chain: chainA },
      ),
    }),
  ),
];
