import { concatBytes, fromHex, sha256, type WalletId } from "@bezant/protocol";
import type { Core } from "../core/core.ts";

const LENGTH = 16;
const LABEL = new TextEncoder().encode("bezant instruction ");

/**
 * The id of the payment between providers that an order becomes. It follows from the order, so an order that is given
 * again after the ledger was restored from a backup is the same payment to the central bank.
 */
export function instructionOf(
  { identity }: Pick<Core, "identity">,
  client: WalletId,
  orderId: Uint8Array,
): Uint8Array {
  const provider = new TextEncoder().encode(`${identity.id} `);
  return sha256(concatBytes(LABEL, provider, fromHex(client), orderId)).slice(0, LENGTH);
}
