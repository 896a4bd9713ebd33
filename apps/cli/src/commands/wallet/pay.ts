import type { Amount, Result } from "@bezant/protocol";
import { payOver, type Paid, type WalletRefusal } from "@bezant/wallet";
import { dialTap } from "@bezant/wallet/node";
import type { Command } from "commander";
import type { Cli } from "../../cli.ts";
import { EXIT } from "../../exit-codes.ts";
import { Failure } from "../../failure.ts";
import { amountOption } from "../../options.ts";
import { approve, needApproval, short, type ApproveOptions } from "../../wallet/approve.ts";
import {
  commandOn,
  walletCommand,
  withWallet,
  type Session,
  type WalletOptions,
} from "../../wallet/command.ts";
import { IN, needPlace, OUT, readMessage, writeMessage } from "../../wallet/messages.ts";
import { payWithPin } from "../../wallet/pay-with-pin.ts";
import { PIN_FILE, type PinOptions } from "../../wallet/pin.ts";
import { refusedByWallet } from "../../wallet/refused.ts";
import { PATIENCE } from "../../wallet/tap.ts";

type Options = WalletOptions &
  ApproveOptions &
  PinOptions & { readonly in?: string; readonly out: string; readonly connect?: string };

/** `bezant wallet pay`: pays a request, from a file or by tap. */
export function addPay(group: Command, cli: Cli): void {
  walletCommand(group, "pay", {
    description: "pay a request offline (Figure 7), from a file, pasted text or by tap",
    example:
      "pay --wallet w --in request.txt --out payment.txt\n  ./bezant wallet pay --wallet w --connect /tmp/till",
  })
    .option(...IN)
    .option(...OUT)
    .option("--connect <socket>", "tap: the socket at which the payee listens")
    .option("--amount <amount>", "pay only if exactly this is asked for", amountOption)
    .option("--yes", "pay whatever is asked for")
    .option(...PIN_FILE)
    .action(async (options: Options) => {
      const { in: file, connect } = options;
      if ((file === undefined) === (connect === undefined)) {
        throw new Failure("either --in or --connect is needed", EXIT.usage);
      }
      needApproval(options);
      await withWallet(cli, options, async (session) => {
        if (file !== undefined) await payMessage(cli, session, options, file);
        else if (connect !== undefined) await payByTap(cli, session, options, connect);
      });
    });
}

async function payMessage(
  cli: Cli,
  session: Session,
  options: Options,
  file: string,
): Promise<void> {
  const { wallet, need } = session;
  const request = await readMessage(file, "request", wallet);
  const asked = need(await wallet.inspect(request));
  needPlace(options.out, asked.paid === undefined ? "No money has moved." : PAID_BEFORE);
  if (asked.paid === undefined && !(await approve(session, options, asked))) {
    throw refusedByWallet({ code: "not-approved", detail: session.format(asked.amount) });
  }
  const { amount } = asked;
  const paid = need(await payWithPin(cli, session, options, { request, amount }));
  const again = asked.paid === undefined ? "" : ", earlier";
  const sentence = `Paid ${session.format(amount)} to ${short(paid.payee)}${again}. Hand this payment to the payee.`;
  const status = need(await wallet.staple(paid.message));
  const fields = { sentence, ...fieldsOf(session, paid) };
  await writeMessage(cli, options.out, paid.message, fields, status);
}

async function payByTap(cli: Cli, session: Session, options: Options, path: string): Promise<void> {
  const { wallet, need, format } = session;
  const channel = need(await dialTap({ path }));
  let amount: Amount | undefined;
  const payer = {
    inspect: wallet.inspect,
    settle: wallet.settle,
    staple: wallet.staple,
    meetStatus: wallet.meetStatus,
    pay: async (request: Uint8Array): Promise<Result<Paid, WalletRefusal>> =>
      amount === undefined
        ? wallet.pay(request)
        : payWithPin(cli, session, options, { request, amount }),
  };
  const paid = need(
    await payOver(payer, channel, {
      ...PATIENCE,
      approve: (asked) => {
        ({ amount } = asked);
        return approve(session, options, asked);
      },
    }),
  );
  const { verdict } = paid;
  const said = VERDICTS[verdict];
  cli.output.result(`Paid ${format(paid.amount)} to ${short(paid.payee)}${said}`, {
    ...fieldsOf(session, paid),
    verdict,
    bytes: paid.message.length,
  });
  if (verdict !== "unknown" && verdict !== "refund-due") return;
  const refund = verdict === "refund-due" ? ` ${commandOn(options, "refund")}` : "";
  throw new Failure(GO_ON[verdict] + refund, EXIT.pending);
}

const PAID_BEFORE =
  "The request was paid earlier; --out with another file writes that payment again.";

const VERDICTS = {
  settled: "; the payee's device has it.",
  received: "; the payee's wallet has it.",
  "refund-due": ", which could not take it.",
  unknown: ", who has not answered yet.",
} as const;

const GO_ON = {
  unknown:
    "The money has left the device and is the payee's; no receipt came back. Run the same command again: nothing is paid twice.",
  "refund-due": "Get the money back, online:",
} as const;

function fieldsOf({ settings }: Session, { amount, payee, payeeClass, j }: Paid) {
  return { amount: `${amount}`, currency: settings.currency, payee, payeeClass, j: `${j}` };
}
