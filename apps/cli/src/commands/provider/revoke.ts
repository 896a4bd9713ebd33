import {
  isKeyId,
  keyId,
  seconds,
  type Counter,
  type KeyId,
  type Seconds,
  type TaId,
  type WalletId,
} from "@bezant/protocol";
import type { StatusOrder } from "@bezant/provider";
import { InvalidArgumentError, Option, type Command } from "commander";
import type { Cli } from "../../cli.ts";
import { counterOption, taIdOption, walletIdOption } from "../../options.ts";
import { operatorOf, operatorOptions, type OperatorOptions } from "./operator-options.ts";

type Reason = "lost" | "broken" | "other";

const EXAMPLE_OPTIONS = "--url http://127.0.0.1:8080 --key operator";

/** What the operator decides about revocation. Each command may be repeated: it says what shall be so. */
export function addRevocation(provider: Command, cli: Cli): void {
  statusCommand(provider, "revoke", "revoke a device, or with the wallet's own id the wallet")
    .argument("<client>", "the client's wallet id", walletIdOption)
    .argument("<holder>", "id of the device's trusted application, or of the wallet", taIdOption)
    .addOption(
      new Option("--reason <reason>", "why").choices(["lost", "broken", "other"]).default("lost"),
    )
    .addHelpText("after", `\nExample:\n  ./bezant provider revoke 3f…a1 9b…07 ${EXAMPLE_OPTIONS}`)
    .action(
      async (
        client: WalletId,
        subject: TaId,
        options: OperatorOptions & { readonly reason: Reason },
      ) => {
        const { reason } = options;
        await carryOut(cli, options, { kind: "revoke", client, subject, reason }, [
          `${subject} is revoked. What it claims from now on waits for release-claim; what it holds can be withdrawn.`,
          { client, subject, reason },
        ]);
      },
    );

  statusCommand(provider, "revoke-key", "believe nothing that an institution's key signed later")
    .argument("<key-id>", "id of the key, 16 hexadecimal digits", keyIdOption)
    .argument("<since>", "last second at which it is believed, Unix time; 0: never", sinceOption)
    .addHelpText(
      "after",
      `\nExample:\n  ./bezant provider revoke-key 5d3c0a91b2e4f677 0 ${EXAMPLE_OPTIONS}`,
    )
    .action(async (kid: KeyId, since: Seconds, options: OperatorOptions) => {
      const order = { kind: "revoke-key", kid, since } as const;
      await carryOut(cli, options, order, [
        `What ${kid} certified after ${since} is not believed; devices learn it at their next sync.`,
        { kid, since: `${since}` },
      ]);
    });

  for (const [name, kind, what] of [
    ["release-claim", "release-claim", "claim"],
    ["release-refund", "release-refund", "refund"],
  ] as const) {
    statusCommand(provider, name, `honour a ${what} of a revoked device that waits for a decision`)
      .argument("<client>", "wallet id of whom the money goes to", walletIdOption)
      .argument("<ta>", "id of the revoked device's trusted application", taIdOption)
      .argument("<j>", "the payment's number", counterOption)
      .addHelpText(
        "after",
        `\nExample:\n  ./bezant provider ${name} 3f…a1 9b…07 12 ${EXAMPLE_OPTIONS}`,
      )
      .action(async (client: WalletId, ta: TaId, j: Counter, options: OperatorOptions) => {
        const order: StatusOrder =
          kind === "release-claim" ? { kind, client, sender: ta, j } : { kind, client, ta, j };
        const sentence =
          kind === "release-claim"
            ? `Payment ${j} of ${ta} is credited to ${client}.`
            : `The refund of payment ${j} goes to ${ta} when its wallet asks for it again.`;
        await carryOut(cli, options, order, [sentence, { client, ta, j: `${j}` }]);
      });
  }
}

function statusCommand(provider: Command, name: string, description: string): Command {
  return operatorOptions(provider.command(name).description(description));
}

async function carryOut(
  cli: Cli,
  options: OperatorOptions,
  order: StatusOrder,
  [sentence, fields]: readonly [string, Record<string, string>],
): Promise<void> {
  const operator = await operatorOf(cli, options);
  const { epoch } = await operator.status(order);
  cli.output.result(sentence, { ...fields, epoch });
}

function keyIdOption(text: string): KeyId {
  if (!isKeyId(text))
    throw new InvalidArgumentError("16 lower-case hexadecimal digits are needed.");
  return keyId(text);
}

/** Unlike a counter it may be 0. */
function sinceOption(text: string): Seconds {
  const since = Number(text);
  if (!/^[0-9]{1,10}$/.test(text) || since > 0xffff_ffff) {
    throw new InvalidArgumentError("Seconds since 1970 are needed, or 0.");
  }
  return seconds(since);
}
