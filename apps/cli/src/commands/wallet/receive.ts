import { collectOver, type Received, type Requested } from "@bezant/wallet";
import { listenTap } from "@bezant/wallet/node";
import { parseCertificate, payment, taIdOf, type Amount } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { amountOption } from "../../options.ts";
import { untilToldToEnd } from "../../until-told.ts";
import { short } from "../../wallet/approve.ts";
import {
  commandOn,
  walletCommand,
  withWallet,
  type Session,
  type WalletOptions,
} from "../../wallet/command.ts";
import { IN, needPlace, OUT, readMessage, writeMessage } from "../../wallet/messages.ts";
import { refusedByWallet } from "../../wallet/refused.ts";
import { PATIENCE } from "../../wallet/tap.ts";
import { ask, requestOptions, type RequestOptions } from "./request.ts";

/** `bezant wallet receive` and `collect`: being paid, by tap and by file. */
export function addReceive(group: Command, cli: Cli): void {
  const receive = walletCommand(group, "receive", {
    description: "ask for a payment and wait for it by tap, at a socket",
    example: "receive 5.00 --wallet w --listen /tmp/till",
  }).argument("<amount>", "like 12.50", amountOption);
  requestOptions(receive)
    .requiredOption("--listen <socket>", "the socket at which the payer taps")
    .action(async (amount: Amount, options: RequestOptions & { readonly listen: string }) => {
      const told = untilToldToEnd();
      await withWallet(cli, options, async (session) => {
        const listener = session.need(await listenTap({ path: options.listen }));
        void told.then(listener.close);
        try {
          // A tap has room for the chain, and who will tap is not known yet.
          const requested = await ask(session, cli, amount, { ...options, withChain: true });
          cli.output.progress(
            `Request ${requested.r} for ${session.format(amount)}. Waiting for a tap at ${options.listen}; Ctrl-C gives up.`,
          );
          const received = await takeTap(session, cli, options, listener, requested);
          cli.output.result(sentence(session, received), fields(session, received));
        } finally {
          await listener.close();
        }
      });
    });

  walletCommand(group, "collect", {
    description: "take a payment from a file or pasted text; hand the receipt to the payer",
    example: "collect --wallet w --in payment.txt --out receipt.txt",
  })
    .requiredOption(...IN)
    .option(...OUT)
    .action(async (options: WalletOptions & { readonly in: string; readonly out: string }) => {
      needPlace(options.out);
      await withWallet(cli, options, async (session) => {
        const message = await readMessage(options.in, "payment", session.wallet);
        const taken = await session.wallet.receive(message);
        if (!taken.ok && "outcome" in taken.error) {
          await writeMessage(cli, options.out, taken.error.outcome, {
            sentence:
              "This payment came too late. With this outcome the payer gets the money back.",
          });
        }
        if (!taken.ok) await hintAtDecline(session, cli, options, message);
        const received = session.need(taken);
        await writeMessage(cli, options.out, received.outcome, {
          sentence: sentence(session, received),
          ...fields(session, received),
        });
      });
    });
}

/** A payment to the wallet that is kept and not taken goes back only if somebody declines it. */
async function hintAtDecline(
  { wallet, need }: Session,
  cli: Cli,
  options: WalletOptions,
  message: Uint8Array,
): Promise<void> {
  const parsed = payment.parse(message);
  const certificate = parsed.ok ? parsed.value.certificate : undefined;
  const from = certificate === undefined ? undefined : parseCertificate(certificate);
  if (!parsed.ok || from?.ok !== true) return;
  const { j } = parsed.value.payload;
  const sender = taIdOf(from.value.key);
  const isKept = need(await wallet.history()).some(
    (entry) =>
      entry.kind === "received" &&
      entry.state === "unwanted" &&
      entry.sender === sender &&
      entry.j === j,
  );
  if (!isKept) return;
  const decline = commandOn(options, "decline", sender, `${j}`, "--out", "declined.txt");
  cli.output.progress(`It is kept, and not taken. To send it back: ${decline}`);
}

/** Parties may tap and leave; the request stays open until one of them pays it. */
async function takeTap(
  { wallet }: Session,
  cli: Cli,
  options: WalletOptions,
  listener: { readonly accept: () => Promise<Parameters<typeof collectOver>[1] | undefined> },
  requested: Requested,
): Promise<Received> {
  for (;;) {
    const channel = await listener.accept();
    if (channel === undefined) {
      throw new Failure(
        `Nobody has paid request ${requested.r}. It stays open; end it with: ${commandOn(options, "cancel", `${requested.r}`)}`,
        EXIT.pending,
      );
    }
    const received = await collectOver(wallet, channel, requested, PATIENCE);
    if (received.ok) return received.value;
    if (received.error.pending === true) throw refusedByWallet(received.error);
    cli.output.progress(
      `${refusedByWallet(received.error).explained.title}. Waiting for the next tap.`,
    );
  }
}

const STATES = {
  collected: "in the device",
  received: "in the wallet; claim it online",
  claimed: "claimed earlier",
  "never-settled": "declined earlier",
} as const;

function sentence({ format }: Session, received: Received): string {
  const { amount, sender, j, r, state, isRepeat } = received;
  const what = `${format(amount)} from ${short(sender)} for request ${r}, ${STATES[state]}`;
  return isRepeat
    ? `Nothing new: this is payment ${j}, received earlier: ${what}.`
    : `Received ${what}.`;
}

function fields({ settings }: Session, { sender, j, r, amount, isRepeat, state }: Received) {
  const { currency } = settings;
  return { amount: `${amount}`, currency, sender, j: `${j}`, r: `${r}`, isRepeat, state };
}
