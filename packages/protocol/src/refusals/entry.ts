/** What a refusal means for the money, for machines. */
export type MoneyState = "nothing-moved" | "moved" | "pending" | "unknown";

export type RefusalEntry = {
  /** One plain sentence without a full stop, for people. */
  readonly title: string;
  readonly state: MoneyState;
  /** What moved, what did not, what is on its way: the first thing that anybody wants to know. */
  readonly money: string;
  /** How to go on. */
  readonly next: string;
};

export type RefusalTable = Readonly<Record<string, RefusalEntry>>;

/** By far the most: whatever was asked for did not happen, and nothing else did. */
export function nothingMoved(title: string, next: string): RefusalEntry {
  return { title, state: "nothing-moved", money: "No money has moved.", next };
}

export function moved(title: string, money: string, next: string): RefusalEntry {
  return { title, state: "moved", money, next };
}

export function pending(title: string, money: string, next: string): RefusalEntry {
  return { title, state: "pending", money, next };
}

export function unknown(title: string, money: string, next: string): RefusalEntry {
  return { title, state: "unknown", money, next };
}
