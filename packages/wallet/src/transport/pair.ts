import { Inbox, type Channel } from "./channel.ts";

/** Both ends of a channel in one process. */
export function channelPair(): readonly [Channel, Channel] {
  const [left, right] = [new Inbox(), new Inbox()];
  const close = (): Promise<void> => {
    left.close();
    right.close();
    return Promise.resolve();
  };
  const end = (own: Inbox, other: Inbox): Channel => ({
    send: (message) => {
      const open = !other.closed;
      other.put(message.slice());
      return Promise.resolve(open);
    },
    receive: () => own.take(),
    close,
  });
  return [end(left, right), end(right, left)];
}
