import { setTimeout as sleep } from "node:timers/promises";
import {
  auditAll,
  bankOperatorAt,
  operatorAt,
  PROVIDERS,
  type BankOperator,
  type Operator,
} from "@bezant/cli/network";
import { amount, counter, institutionId } from "@bezant/protocol";
import { now } from "../durability/institutions.ts";
import { until } from "../durability/patience.ts";
import type { Random } from "../random.ts";
import { newId, type Tiers } from "./found.ts";
import { clientOf } from "./relay.ts";

/** What is issued to each provider: more than all that its clients have. */
export const ISSUED = 10n ** 12n;

/** Those who run the institutions, past the relay. */
export class Operators {
  readonly #bank: BankOperator;
  readonly #providers: readonly Operator[];
  /** Settlings that were ordered under load, by how they ended. */
  readonly ends = new Map<string, number>();
  readonly close: () => Promise<void>;
  #isOver = true;
  #settling: Promise<void> = Promise.resolve();

  private constructor(
    bank: BankOperator,
    providers: readonly Operator[],
    close: () => Promise<void>,
  ) {
    this.#bank = bank;
    this.#providers = providers;
    this.close = close;
  }

  static async at({ institutions, urls, bankTls }: Tiers): Promise<Operators> {
    const client = clientOf(bankTls.own, bankTls);
    const { operator } = institutions.centralBank;
    const bank = await bankOperatorAt(urls["central-bank"], operator, client.fetch);
    const providers = await Promise.all(
      PROVIDERS.map((id) => operatorAt(urls[id], institutions.providers[id].operator)),
    );
    return new Operators(bank, providers, client.close);
  }

  /** Opens accounts, and gives every provider reserves and an allowance. */
  async begin(): Promise<void> {
    for (const id of PROVIDERS) {
      const provider = institutionId(id);
      const limit = amount(ISSUED);
      await this.#carryOut({ kind: "open", orderId: newId(), provider, limit });
      await this.#carryOut({ kind: "issue", orderId: newId(), provider, amount: limit });
    }
    for (const provider of this.#providers) await provider.settle(now());
  }

  /** Again, where a planted fault has said of the order before that it was carried out, and it is not yet; each counts once. */
  #carryOut(order: Parameters<BankOperator["order"]>[0]): Promise<void> {
    const carriedOut = (): Promise<boolean> =>
      this.#bank.order(order).then(
        () => true,
        () => false,
      );
    return until(`the central bank to carry out ${order.kind}`, carriedOut, 60_000);
  }

  /** Until `rest`: one provider after the other settles, besides what they do by themselves. */
  start(random: Random): void {
    this.#isOver = false;
    const work = async (): Promise<void> => {
      while (!this.#isOver) {
        const ended = await random
          .pick(this.#providers)
          .settle(now())
          .then(
            ({ failed }) => (failed.length === 0 ? "ok" : "in part"),
            () => "failed",
          );
        this.ends.set(`settle: ${ended}`, (this.ends.get(`settle: ${ended}`) ?? 0) + 1);
        await sleep(random.integer(20, 300));
      }
    };
    this.#settling = work();
  }

  async rest(): Promise<void> {
    this.#isOver = true;
    await this.#settling;
  }

  /** The central bank closes its window, as it also does by itself. */
  async closeWindow(): Promise<void> {
    const { window } = await this.#bank.supply(now());
    const order = { kind: "close-window", window: counter(Number(window)) } as const;
    await this.#bank.order({ ...order, orderId: newId() }).catch((error: unknown) => {
      // It was quicker.
      if (!String(error).includes("window-closed")) throw error;
    });
  }

  /** Everybody settles, and the window is closed. @returns whether nothing is on its way any more, and what the audit says then */
  async settleAll(): Promise<readonly string[] | undefined> {
    for (let round = 0; round < 2; round += 1) {
      for (const provider of this.#providers) {
        const { failed } = await provider.settle(now());
        if (failed.length > 0) return undefined;
      }
      await this.closeWindow();
    }
    const { combined } = await auditAll(this.#bank, this.#providers, now);
    const { providers, inFlight, findings } = combined;
    const isAtRest =
      inFlight === 0n &&
      providers.every((one) => one.unreported === 0n && one.unposted === 0n && one.sending === 0n);
    if (!isAtRest) return undefined;
    return findings.map(({ holder, what, off }) => `audit: ${holder} ${what} (${off})`);
  }
}
