import {
  MAX_ENTRY_SECONDS,
  providerEntry,
  betweenInstitutions,
  type Chain,
  type Currency,
  type Seconds,
} from "../../src/index.ts";
import type { Actor } from "./actor.ts";
import { accepts, refuses, type Case } from "./case.ts";
import {
  at,
  certificates,
  certify,
  chainA,
  chainB,
  EUR,
  names,
  NOW,
  people,
  usual,
} from "./cast.ts";
import { forged, otherKind } from "./certificates.ts";

/** An entry of the directory, whoever hands it on. */
export type ProviderEntryInput = { readonly bytes: Uint8Array; readonly now: Seconds };

const entry = {
  sequence: 3,
  at: at(-60),
  end: at(MAX_ENTRY_SECONDS - 60),
  address: "https://bank-a.example:8082",
};
const toCentralBank = betweenInstitutions({
  currency: EUR,
  signer: names.bankA,
  audience: names.root,
});

function sign(
  chain: Chain | undefined = chainA,
  signer: Actor = people.bankA,
  context = toCentralBank,
): Uint8Array {
  return providerEntry.sign(entry, context, signer, { chain });
}
const unattached = providerEntry.sign(entry, toCentralBank, people.bankA);
const dollars = "USD" as Currency;
const input = (bytes: Uint8Array, now = NOW): ProviderEntryInput => ({ bytes, now });
const under = (changes: Partial<typeof usual.bankA>): Chain => [
  certify({ ...usual.bankA, ...changes }, people.intermediary),
  certificates.intermediary,
];
const good = sign();

export const providerEntryCases: readonly Case<ProviderEntryInput>[] = [
  accepts("16.5", "of a provider", input(good), {
    provider: names.bankA,
    sequence: "3",
    address: entry.address,
  }),
  accepts("16.5", "in its last second", input(good, entry.end), {
    provider: names.bankA,
    sequence: "3",
    address: entry.address,
  }),
  ...(
    [
      ["entry-not-current", "after its last second", input(good, at(MAX_ENTRY_SECONDS - 59))],
      ["entry-not-current", "more than 300 seconds before its time", input(good, at(-361))],
      ["missing-certificate", "without a chain", input(unattached)],
      [
        "wrong-role",
        "of an intermediary",
        input(sign([certificates.intermediary, certificates.intermediary], people.intermediary)),
      ],
      [
        "wrong-currency",
        "of a provider of another currency",
        input(sign(under({ currency: dollars }))),
      ],
      ["unknown-issuer", "with another provider's chain", input(sign(chainB))],
      [
        "expired",
        "of a provider whose certificate has expired",
        input(sign(under({ exp: at(-1) }))),
      ],
      ["bad-signature", "in another provider's name", input(sign(chainB, people.bankB))],
      [
        "bad-signature",
        "for another audience",
        input(sign(chainA, people.bankA, { ...toCentralBank, audience: names.bankB })),
      ],
      [
        "bad-signature",
        "in another currency",
        input(sign(chainA, people.bankA, { ...toCentralBank, currency: dollars })),
      ],
      [
        "bad-signature",
        "whose provider's certificate is forged",
        input(sign([forged(certificates.bankA), certificates.intermediary])),
      ],
      ["bad-signature", "forged", input(forged(good))],
    ] as const
  ).map(([code, name, given]) => refuses("16.5", code, name, given)),
  refuses("3.5", "wrong-type", "another kind of message", input(otherKind)),
  refuses("3.5", "malformed", "cut short", input(good.slice(1))),
];
