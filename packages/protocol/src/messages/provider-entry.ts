import { map, refined, text, uint, type Infer, type Schema } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

/** An entry says where its provider is for so long at most: 30 days. */
export const MAX_ENTRY_SECONDS = 2_592_000;

/** Scheme, host and port, and nothing else: no user, path, query or fragment that somebody else chooses is ever asked for. */
const ADDRESS = /^https:\/\/[a-z0-9][a-z0-9.-]{0,252}(:[1-9][0-9]{0,4})?$/;
const MAX_ADDRESS = 8 + 253 + 6;
const MAX_PORT = 65_535;

/** Whether an entry may name this address. */
export function isProviderAddress(address: string): boolean {
  return ADDRESS.test(address) && hasPort(address);
}

function hasPort(address: string): boolean {
  const [, , port = "443"] = address.split(":");
  return Number(port) <= MAX_PORT;
}

const fields = map({
  /** Rises with every entry of this provider. */
  sequence: [1, uint(undefined, 1)],
  at: [2, field.seconds],
  /** The last second at which it counts. */
  end: [3, field.seconds],
  /** Where it serves other providers, over mutual TLS. */
  address: [4, refined(text(MAX_ADDRESS, ADDRESS), hasPort)],
});

export type ProviderEntry = Infer<typeof fields>;

const payload: Schema<ProviderEntry> = refined(
  fields,
  ({ at, end }) => at < end && end - at <= MAX_ENTRY_SECONDS,
);

/** A provider's own line in the directory: where other providers reach it (§16.5). Who it is, and in which currency, says its chain. */
export const providerEntry = defineMessage({
  typ: 65_046,
  name: "provider-entry",
  signedBy: "institution",
  payload,
});
