import type { CodecErrorCode } from "./cbor/index.ts";
import type { Sign1ErrorCode } from "./cose/sign1.ts";

/** What a refusal means for the money: the first thing that anybody wants to know. */
export type MoneyState = "nothing-moved" | "moved" | "pending" | "unknown";

export type RefusalEntry = {
  /** One plain sentence without a full stop, for people. */
  readonly title: string;
  readonly money: MoneyState;
  /** How to go on, in plain words. */
  readonly next: string;
};

/** Every refusal there is. Codes are stable: they stand in APIs, logs and the protocol document. */
export const REFUSALS = {
  malformed: {
    title: "This is not a message that Bezant understands",
    money: "nothing-moved",
    next: "Ask for the message to be sent or shown again.",
  },
  "unsupported-algorithm": {
    title: "The message is signed with an algorithm that this version does not know",
    money: "nothing-moved",
    next: "Update this software, then try again.",
  },
  overflow: {
    title: "The amount is larger than any balance can be",
    money: "nothing-moved",
    next: "Use a smaller amount.",
  },
  "bad-key": {
    title: "The public key is not a valid P-256 key",
    money: "nothing-moved",
    next: "Make a new key and try again.",
  },
} as const satisfies Readonly<Record<string, RefusalEntry>>;

export type RefusalCode = keyof typeof REFUSALS;

/** Something that was refused, as a value. `detail` is for logs and developers, never secret, never parsed. */
export type Refusal<C extends RefusalCode = RefusalCode> = {
  readonly code: C;
  readonly detail?: string;
};

export function refusal<C extends RefusalCode>(code: C, detail?: string): Refusal<C> {
  return detail === undefined ? { code } : { code, detail };
}

/** The refusal of bytes that the codec refused. */
export function malformed(error: {
  readonly code: CodecErrorCode | Sign1ErrorCode;
  readonly offset: number;
}): Refusal<"malformed" | "unsupported-algorithm"> {
  const code = error.code === "unsupported-algorithm" ? error.code : "malformed";
  return refusal(code, `${error.code} at byte ${error.offset}`);
}

const MONEY: Readonly<Record<MoneyState, string>> = {
  "nothing-moved": "No money has moved.",
  moved: "The money has moved.",
  pending: "The money is on its way.",
  unknown: "Whether the money has moved is not known yet.",
};

/** What to tell a person: what happened, what became of the money, how to go on. */
export function explain({ code }: Refusal): string {
  const { title, money, next } = REFUSALS[code];
  return `${title}. ${MONEY[money]} ${next}`;
}
