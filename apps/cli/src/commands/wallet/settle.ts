import { isTaId, type Counter, type TaId } from "@bezant/protocol";
import type { WalletRefusal } from "@bezant/wallet";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { counterOption, taPrefixOption } from "../../options.ts";
import {
  commandOn,
  walletCommand,
  withWallet,
  type Session,
  type WalletOptions,
} from "../../wallet/command.ts";
import { IN, needPlace, OUT, readMessage, writeMessage } from "../../wallet/messages.ts";
import { refusedByWallet } from "../../wallet/refused.ts";

const SETTLED = {
  settled: "is settled",
  received: "has arrived at the payee's wallet",
  "refund-due": "was not taken; get the money back",
} as const;

/** How payments end: `settle`, `refund`, `claim`, `decline`. */
export function addSettle(group: Command, cli: Cli): void {
  walletCommand(group, "settle", {
    description: "take the receipt of a payment that this wallet made",
    example: "settle --wallet w --in receipt.txt",
  })
    .requiredOption(...IN)
    .action(async (options: WalletOptions & { readonly in: string }) => {
      await withWallet(cli, options, async ({ wallet, need }) => {
        const outcome = await readMessage(options.in, "outcome");
        const { j, verdict } = need(await wallet.settle(outcome));
        const next = verdict === "refund-due" ? ` with: ${commandOn(options, "refund")}` : ".";
        cli.output.result(`Payment ${j} ${SETTLED[verdict]}${next}`, { j: `${j}`, verdict });
      });
    });

  walletCommand(group, "refund", {
    description: "get back, online, what was paid for requests that had ended otherwise",
    example: "refund --wallet w",
  }).action(async (options: WalletOptions) => {
    await withWallet(cli, options, async ({ wallet, need, format, settings }) => {
      const { count, amount, refused } = need(await wallet.refund());
      cli.output.result(
        count === 0 ? "Nothing came back." : `${format(amount)} came back, of ${plural(count)}.`,
        { count, amount: `${amount}`, currency: settings.currency, refused: refused.map(brief) },
      );
      endIfRefused(refused);
    });
  });

  walletCommand(group, "claim", {
    description: "have received payments credited to the online balance (Figure 9)",
    example: "claim --wallet w",
  })
    .argument("[sender]", "only one payment: the TA id of its sender", taPrefixOption)
    .argument("[j]", "and its number", counterOption)
    .action(async (sender: string | undefined, j: Counter | undefined, options: WalletOptions) => {
      const number = sender === undefined ? undefined : needNumber(j);
      await withWallet(cli, options, async (session) => {
        const { wallet, need, format, settings } = session;
        const only =
          sender === undefined || number === undefined
            ? undefined
            : [{ sender: await senderOf(session, sender, number), j: number }];
        const { count, amount, refused } = need(await wallet.claim(only));
        const reasons = refused.map(({ refusal }) => refusal);
        cli.output.result(
          count === 0
            ? "Nothing was claimed."
            : `${format(amount)} credited to the online balance, for ${plural(count)}.`,
          { count, amount: `${amount}`, currency: settings.currency, refused: reasons.map(brief) },
        );
        endIfRefused(reasons);
      });
    });

  walletCommand(group, "decline", {
    description: "send a received payment back instead of claiming it",
    example: "decline 9b3f0c71 1 --wallet w --out declined.txt",
  })
    .argument("<sender>", "the TA id of its sender, or its first digits", taPrefixOption)
    .argument("<j>", "its number", counterOption)
    .option(...OUT)
    .action(
      async (digits: string, j: Counter, options: WalletOptions & { readonly out: string }) => {
        needPlace(options.out);
        await withWallet(cli, options, async (session) => {
          const { wallet, need } = session;
          const sender = await senderOf(session, digits, j);
          const { state, outcome } = need(await wallet.decline({ sender, j }));
          await writeMessage(cli, options.out, outcome, {
            sentence:
              state === "claimed"
                ? "Too late: it was claimed, and the money is this wallet's."
                : "Declined. With this outcome the payer gets the money back.",
            state,
          });
        });
      },
    );
}

/** The sender whose id begins so, of a received payment with this number. */
async function senderOf({ wallet, need }: Session, digits: string, j: Counter): Promise<TaId> {
  if (isTaId(digits)) return digits;
  const senders = need(await wallet.history()).flatMap((entry) =>
    entry.kind === "received" && entry.j === j && entry.sender.startsWith(digits)
      ? [entry.sender]
      : [],
  );
  const [sender, another] = [...new Set(senders)];
  if (sender !== undefined && another === undefined) return sender;
  const what = `payment ${j} of a sender whose id begins with ${digits}`;
  throw new Failure(
    another === undefined
      ? `there is no ${what}`
      : `there is more than one ${what}: give more digits`,
    EXIT.usage,
  );
}

function needNumber(j: Counter | undefined): Counter {
  if (j === undefined) throw new Failure("the payment's number is needed, too", EXIT.usage);
  return j;
}

function plural(count: number): string {
  return count === 1 ? "one payment" : `${count} payments`;
}

function brief({ code }: WalletRefusal): string {
  return code;
}

/** What was done is printed already; that not everything was is the exit code's matter. */
function endIfRefused([first]: readonly WalletRefusal[]): void {
  if (first !== undefined) throw refusedByWallet(first);
}
