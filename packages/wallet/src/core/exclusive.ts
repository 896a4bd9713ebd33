/** Runs works of one name one after the other, in the order in which they came. */
export type Exclusive = <T>(name: Turn, work: () => Promise<T>) => Promise<T>;

/**
 * What must not overlap. Whoever has `register` may take `pay`, `withdraw` and `receive`, whoever has `deposit` may take `pay`,
 * and whoever has `pay` may take `sync`; nobody else takes two.
 */
export type Turn =
  | "register"
  | "deposit"
  | "withdraw"
  | "pay"
  | "receive"
  | "claim"
  | "pay-online"
  | "sync"
  | "retire"
  | "status";

export function exclusive(): Exclusive {
  const last = new Map<Turn, Promise<unknown>>();
  return (name, work) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(work, work);
    last.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  };
}
