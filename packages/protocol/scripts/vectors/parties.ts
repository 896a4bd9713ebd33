import {
  amount,
  counter,
  depositConfirmation,
  homeToTa,
  registration,
  withdrawal,
  type Attachments,
  type Chain,
  type CompressedKey,
  type ProviderId,
  type Seconds,
  type TaId,
  type WalletId,
} from "../../src/index.ts";
import { accepts, refuses, type Case } from "./case.ts";
import { at, chainA, chainB, EUR, ids, names, people } from "./cast.ts";
import { forged, listOf, offCurve } from "./certificates.ts";
import { examples } from "./examples.ts";
import type { Example } from "./example.ts";

/** A withdrawal, for the provider that knows the TA's id and key. */
export type HolderInput = {
  readonly bytes: Uint8Array;
  readonly home: ProviderId;
  readonly id: TaId | WalletId;
  readonly key: CompressedKey;
};

/** A registration, for a provider. */
export type RegistrationInput = { readonly bytes: Uint8Array; readonly provider: ProviderId };

/** A deposit confirmation, for whoever knows the TA's id and home. */
export type HomeInput = {
  readonly bytes: Uint8Array;
  readonly home: ProviderId;
  readonly ta: TaId;
  readonly known?: readonly Chain[];
  readonly now?: Seconds;
  readonly lists?: readonly Uint8Array[];
};

function exampleOf(name: string): Example {
  return examples.find((each) => each.name === name) as Example;
}

const withdrawn = exampleOf(withdrawal.name).bytes;
const retired = exampleOf("retirement").bytes;
const holder = (changes: Partial<HolderInput> = {}): HolderInput => ({
  bytes: withdrawn,
  home: names.bankA,
  id: ids.alice,
  key: people.aliceTa.publicKey.compressed,
  ...changes,
});

export const holderCases: readonly Case<HolderInput>[] = [
  accepts("7", "a client's withdrawal", holder(), { amount: "5000", w: "2" }),
  refuses("3.5", "malformed", "cut short", holder({ bytes: withdrawn.slice(1) })),
  refuses("3.5", "wrong-type", "another kind of message", holder({ bytes: retired })),
  refuses("3.3", "bad-signature", "of another client's", holder({ id: ids.bob })),
  refuses("3.3", "bad-signature", "for another provider", holder({ home: names.bankB })),
  refuses(
    "3.3",
    "bad-signature",
    "by another key",
    holder({ key: people.bobTa.publicKey.compressed }),
  ),
  refuses("3.3", "bad-signature", "forged", holder({ bytes: forged(withdrawn) })),
];

const registered = exampleOf(registration.name);
const signedByMallory = (key: CompressedKey): Uint8Array =>
  registration.sign({ key }, registered.context, people.mallory);
const register = (changes: Partial<RegistrationInput> = {}): RegistrationInput => ({
  bytes: registered.bytes,
  provider: names.bankA,
  ...changes,
});

export const registrationCases: readonly Case<RegistrationInput>[] = [
  accepts("5.1", "of a new client", register(), { wallet: ids.aliceWallet }),
  refuses("3.5", "wrong-type", "another kind of message", register({ bytes: withdrawn })),
  refuses("5.1", "bad-signature", "for another provider", register({ provider: names.bankB })),
  refuses(
    "5.1",
    "bad-signature",
    "with somebody else's key",
    register({ bytes: signedByMallory(people.aliceWallet.publicKey.compressed) }),
  ),
  refuses(
    "2.2",
    "bad-key",
    "of a key that is no point",
    register({ bytes: signedByMallory(offCurve) }),
  ),
];

const toAlice = homeToTa({ currency: EUR, home: names.bankA, ta: ids.alice });
function confirmed(attached: Attachments, signer = people.bankA): Uint8Array {
  const payload = { amount: amount(5n), d: counter(1), kind: "deposit" } as const;
  return depositConfirmation.sign(payload, toAlice, signer, attached);
}
const home = (bytes: Uint8Array, changes: Partial<HomeInput> = {}): HomeInput => ({
  bytes,
  home: names.bankA,
  ta: ids.alice,
  ...changes,
});
const withChain = confirmed({ chain: chainA });

export const homeCases: readonly Case<HomeInput>[] = [
  accepts("13.2", "with its chain", home(withChain), { amount: "5", d: "1" }),
  accepts("13.2", "of a provider known before", home(confirmed({}), { known: [chainA] }), {
    amount: "5",
    d: "1",
  }),
  refuses("3.5", "malformed", "cut short", home(withChain.slice(1))),
  refuses("3.5", "wrong-type", "another kind of message", home(withdrawn)),
  refuses("13.2", "unknown-issuer", "without a chain", home(confirmed({}))),
  refuses(
    "13.2",
    "unknown-issuer",
    "with another provider's chain",
    home(confirmed({ chain: chainB })),
  ),
  refuses(
    "13.2",
    "not-home",
    "of another provider",
    home(confirmed({ chain: chainB }, people.bankB)),
  ),
  refuses(
    "4.3",
    "expired",
    "with another provider's chain, which has expired",
    home(confirmed({ chain: chainB }), { now: at(6 * 31_557_600) }),
  ),
  refuses(
    "16.3.4",
    "issuer-revoked",
    "with a key revoked since a time after it was certified",
    home(withChain, { lists: [listOf("intermediary", people.bankA, 1_000)] }),
  ),
  refuses("3.3", "bad-signature", "for another TA", home(withChain, { ta: ids.bob })),
  refuses("3.3", "bad-signature", "forged", home(forged(withChain))),
];
