import { join } from "node:path";
import type { Amount } from "@bezant/protocol";
import {
  collectOver,
  kindOf,
  payOver,
  type Channel,
  type PaidOver,
  type Received,
  type Wallet,
} from "@bezant/wallet";
import { dialTap, listenTap } from "@bezant/wallet/node";
import { PATIENCE } from "../wallet/tap.ts";
import { need } from "./people.ts";

/** What somebody within earshot of a tap has got. */
export type Tapped = {
  readonly request: Uint8Array;
  readonly payment: Uint8Array;
  readonly outcome: Uint8Array;
  readonly received: Received;
  readonly paid: PaidOver;
};

/** One payment from hand to hand, over a local socket: request, payment, receipt. */
export async function tap(
  folder: string,
  payer: Wallet,
  payee: Wallet,
  amount: Amount,
): Promise<Tapped> {
  const address = { path: join(folder, "tap") };
  const requested = need(await payee.requestPayment({ amount, withChain: true }));
  const listener = need(await listenTap(address));
  try {
    const [dialled, accepted] = await Promise.all([dialTap(address), listener.accept()]);
    if (accepted === undefined) throw new Error("nobody tapped");
    const heard = new Map<string, Uint8Array>();
    const [received, paid] = await Promise.all([
      collectOver(payee, overheard(accepted, heard), requested, PATIENCE),
      payOver(payer, need(dialled), { ...PATIENCE, approve: (asked) => asked.amount === amount }),
    ]);
    const said = (kind: string): Uint8Array => {
      const message = heard.get(kind);
      if (message === undefined) throw new Error(`no ${kind} was heard`);
      return message;
    };
    const [request, payment, outcome] = [said("request"), said("payment"), said("outcome")];
    return { request, payment, outcome, received: need(received), paid: need(paid) };
  } finally {
    await listener.close();
  }
}

function overheard(channel: Channel, heard: Map<string, Uint8Array>): Channel {
  const hear = (message: Uint8Array): void => {
    heard.set(kindOf(message) ?? "other", message);
  };
  return {
    send: (message) => {
      hear(message);
      return channel.send(message);
    },
    receive: async () => {
      const message = await channel.receive();
      if (message !== undefined) hear(message);
      return message;
    },
    close: () => channel.close(),
  };
}
