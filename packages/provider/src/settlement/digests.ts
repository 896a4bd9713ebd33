import { concatBytes, digestPage, encode, paginate } from "@bezant/protocol";
import type { Transaction } from "@bezant/service/db";

/** What a report counts, by the digests that name it. */
export interface Digests {
  readonly certificates: readonly Uint8Array[];
  readonly confirmations: readonly Uint8Array[];
}

// Sorted by themselves: the same pages whenever they are asked for, and nothing in them about who moved when.
const CERTIFICATES = {
  name: "certificate-digests",
  text: `/* all clients: a report is of all of them */
    SELECT sha256(certificate) AS digest FROM certificates WHERE report = $1 ORDER BY 1`,
};
const CONFIRMATIONS = {
  name: "confirmation-digests",
  text: `/* all clients: a report is of all of them */
    SELECT d.digest FROM cuts AS c
    JOIN transfers AS t ON t.client_id = c.client_id
      AND t.sequence > c.after_sequence AND t.sequence <= c.through_sequence
    JOIN deposits AS d ON d.client_id = t.client_id AND d.ta_id = t.party
      AND decode(lpad(to_hex(d.d), 8, '0'), 'hex') = t.reference
    WHERE c.report = $1 AND t.operation IN ('deposit', 'refund') ORDER BY 1`,
};

export async function readDigests(transaction: Transaction, number: bigint): Promise<Digests> {
  const all = async (statement: typeof CERTIFICATES): Promise<readonly Uint8Array[]> => {
    const { rows } = await transaction.query<{ digest: Uint8Array }>(statement, [number]);
    return rows.map(({ digest }) => digest);
  };
  return { certificates: await all(CERTIFICATES), confirmations: await all(CONFIRMATIONS) };
}

/** The pages that travel with the report, as a CBOR sequence. */
export function toPages({ certificates, confirmations }: Digests): Uint8Array {
  const pages = paginate(certificates, confirmations);
  return concatBytes(...pages.map((page) => encode(digestPage, page)));
}
