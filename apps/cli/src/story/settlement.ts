import { randomBytes } from "node:crypto";
import { amount, counter, institutionId } from "@bezant/protocol";
import { PROVIDERS } from "../network/layout.ts";
import { formatSigned } from "../money.ts";
import { FIRST, LOADED, RESERVES } from "./amounts.ts";
import type { Stage } from "./stage.ts";
import type { Step } from "./teller.ts";

/** The central bank starts, opens both providers' accounts, and issues money to them. */
export function startCentralBank({ teller, network }: Stage): Promise<void> {
  return teller.step(
    "central-bank",
    "The central bank's service starts, and issues money into both providers' reserves",
    async (step) => {
      const { pid, url, databasePid } = await network.startCentralBank();
      step.fact(
        "central bank",
        `process ${pid}, at ${url}; its PostgreSQL: process ${databasePid}`,
      );
      step.expect("it serves over TLS", url.startsWith("https:"));
      await expectNobodyElse(step, url);
      const bank = await network.bankOperator();
      for (const id of PROVIDERS) {
        const provider = institutionId(id);
        await bank.order({ kind: "open", orderId: randomBytes(16), provider, limit: RESERVES });
        const issue = {
          kind: "issue",
          provider,
          amount: RESERVES,
          orderId: randomBytes(16),
        } as const;
        await bank.order(issue);
        await bank.order(issue);
        step.amount(`to ${id}`, RESERVES);
      }
    },
  );
}

/** TLS lets nobody in who is no institution. */
export async function expectNobodyElse(step: Step, url: string): Promise<void> {
  const answer = await fetch(url).then(
    () => "answered",
    () => "refused",
  );
  step.expect("whoever has no certificate of an institution is refused", answer === "refused");
}

/** Both providers learn their reserves and get allowances, which bound what their keys can put into circulation. */
export async function meetCentralBank(stage: Stage, step: Step): Promise<void> {
  for (const id of PROVIDERS) {
    const operator = await stage.network.operator(id);
    const { failed } = await operator.settle(stage.now());
    for (const { step: what, code } of failed) step.fact(id, `not done: ${what} (${code})`);
    step.expect(`${id} has an allowance from the central bank`, failed.length === 0);
  }
}

/** Reports of both, one window, one net posting; a report that is sent again counts once. */
export function settle({ teller, network, now }: Stage): Promise<void> {
  return teller.step(
    "settle",
    "Both providers report, and the central bank nets and posts what has crossed",
    async (step) => {
      const bank = await network.bankOperator();
      const before = await bank.supply(now());
      for (const time of ["report", "again"]) {
        for (const id of PROVIDERS) {
          const operator = await network.operator(id);
          const { reports, failed } = await operator.settle(now());
          const isRight = failed.length === 0 && reports === (time === "report" ? 1 : 0);
          step.expect(`${id}, ${time}: ${time === "report" ? "accepted" : "nothing new"}`, isRight);
        }
      }
      const order = { kind: "close-window", orderId: randomBytes(16) } as const;
      await bank.order({ ...order, window: counter(Number(before.window)) });
      const after = await bank.supply(now());
      for (const one of after.providers) {
        const net = BigInt(one["inward"] ?? "0") - BigInt(one["outward"] ?? "0");
        step.fact(String(one["provider"]), `${formatSigned(net, network.currency)} net`);
      }
      const circulation = amount(BigInt(after.circulation));
      step.amount("circulation", circulation, amount(BigInt(before.circulation)));
      step.expect(
        "circulation is what was taken offline and has not come back",
        circulation === LOADED - FIRST,
      );
      step.expect("the central bank's own ledger adds up", after.balanced);
    },
  );
}
