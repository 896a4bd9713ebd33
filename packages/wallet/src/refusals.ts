import { REFUSALS, type MoneyState, type RefusalCode } from "@bezant/protocol";

type Entry = {
  readonly title: string;
  readonly next: string;
  /** Absent: no money has moved. */
  readonly state?: MoneyState;
  readonly money?: string;
};

/** What only a wallet refuses; everything else is in the protocol's list (`REFUSALS`). */
export const WALLET_REFUSALS = {
  "not-registered": {
    title: "The wallet is not registered with a provider",
    next: "Register it first.",
  },
  "other-provider": {
    title: "The wallet is registered with another provider",
    next: "Use that provider, or make a new wallet for this one.",
  },
  "no-device": {
    title: "No secure device is connected",
    next: "Connect the wallet's secure device.",
  },
  "device-not-registered": {
    title: "The secure device has no certificate of the provider",
    next: "Register the device first.",
  },
  "other-device": {
    title: "This is not the secure device that the wallet is registered with",
    next: "Connect the wallet's own device, or register this one.",
  },
  "device-unreachable": {
    title: "The secure device does not answer, and did nothing",
    next: "Connect the device, then try again.",
  },
  "device-interrupted": {
    title: "The secure device was interrupted at its work",
    next: "Connect the device and resume: the wallet asks it what it did.",
  },
  "no-network": {
    title: "The wallet has no way to a network",
    next: "Go online, then try again.",
  },
  "provider-unreachable": {
    title: "The provider did not answer",
    next: "Go online and do the same again; what has begun is resumed. The same message counts only once.",
  },
  "provider-unreadable": {
    title: "The provider's answer is not one of this protocol",
    next: "Resume later. If it goes on, update this software or ask the provider.",
  },
  "provider-refused": {
    title: "The provider refused, for a reason that this version does not know",
    next: "Update this software, or ask the provider.",
  },
  "untrusted-answer": {
    title: "The provider's answer does not prove what it should",
    next: "Resume later. If it goes on, ask the provider.",
  },
  unfinished: {
    title: "An earlier operation is not finished",
    next: "Resume first, then try again.",
  },
  "payer-expired": {
    title: "The payer's certificate, or one of those above it, has expired",
    state: "pending",
    money:
      "The payer's device has paid and keeps the payment; the payee has not taken it. Nothing is lost.",
    next: "Hand over nothing for it yet. What was paid to the wallet can be claimed or declined at its provider for 30 days; what was paid to its device goes back to the payer once the request is cancelled.",
  },
  "unknown-receipt": {
    title: "The wallet has received no such payment",
    next: "Look into the history for its sender and number.",
  },
  "outcome-conflict": {
    title: "The payment has ended already, and otherwise",
    next: "The first outcome counts. Keep both, and show them to your provider.",
  },
  "damaged-text": {
    title: "The text was damaged or cut on its way",
    next: "Copy the whole text again, from `bezant1:` to its end.",
  },
  "not-approved": {
    title: "The payer did not approve the payment",
    next: "Approve it to pay.",
  },
  "no-channel": {
    title: "The other party, or the file, cannot be reached",
    next: "Check the address or the path, then try again.",
  },
  "connection-lost": {
    title: "The connection to the other party ended before the payment was complete",
    next: "Connect again: what was interrupted goes on, and nothing is paid twice.",
  },
  "store-locked": {
    title: "Another process has this wallet open",
    next: "Close it there first.",
  },
  "store-corrupt": {
    title: "The wallet's store is damaged",
    next: "Restore the store. Money in the device is safe; payments received can be asked for again.",
  },
  "store-version": {
    title: "The wallet's store was written by a newer version",
    next: "Update this software.",
  },
  "store-full": {
    title: "There is no room to store what the wallet must remember",
    next: "Make room, then resume.",
  },
  "store-failed": {
    title: "The wallet's store failed",
    next: "Mend the storage, then resume.",
  },
  "store-closed": {
    title: "The wallet was closed",
    next: "Open it again, then resume.",
  },
} as const satisfies Readonly<Record<string, Entry>>;

export type WalletCode = keyof typeof WALLET_REFUSALS;
export type WalletRefusalCode = RefusalCode | WalletCode;

/** Why the wallet did not do what it was asked, or has not yet. */
export type WalletRefusal<C extends WalletRefusalCode = WalletRefusalCode> = {
  readonly code: C;
  readonly detail?: string;
  /** It is in the wallet's journal, and `resume` goes on with it. Absent: everything is as before. */
  readonly pending?: true;
};

export function walletRefusal<C extends WalletRefusalCode>(
  code: C,
  detail?: string,
): WalletRefusal<C> {
  return detail === undefined ? { code } : { code, detail };
}

/** The same refusal of an operation that stays in the journal. */
export function pending<R extends WalletRefusal>(refusal: R): R & { readonly pending: true } {
  return { ...refusal, pending: true };
}

/** What a refusal means: what happened, what became of the money, how to go on. */
export type Explanation = Required<Entry>;

const AS_BEFORE = { state: "nothing-moved", money: "No money has moved." } as const;
const UNDER_WAY = {
  state: "pending",
  money:
    "What was begun is not complete; whatever has moved is in the wallet's journal, and is not lost.",
} as const;

export function explanation({ code, pending: isPending }: WalletRefusal): Explanation {
  const { title, next, ...money } = isWalletCode(code)
    ? { ...AS_BEFORE, ...WALLET_REFUSALS[code] }
    : REFUSALS[code];
  return { title, next, ...(isPending === true ? UNDER_WAY : money) };
}

/** For people, in one paragraph. */
export function explainRefusal(refusal: WalletRefusal): string {
  const { title, money, next } = explanation(refusal);
  return `${title}. ${money} ${next}`;
}

function isWalletCode(code: WalletRefusalCode): code is WalletCode {
  return Object.hasOwn(WALLET_REFUSALS, code);
}
