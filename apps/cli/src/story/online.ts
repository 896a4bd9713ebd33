import { amount, outcome, ZERO, type WalletId } from "@bezant/protocol";
import { Refused } from "../failure.ts";
import { FIRST, FUNDS, LOADED, REST, SECOND } from "./amounts.ts";
import { showBooks } from "./books.ts";
import type { Loot } from "./offline.ts";
import { need, type Name, type People } from "./people.ts";
import { postClaim } from "./post-claim.ts";
import { reach } from "./reach.ts";
import { settle } from "./settlement.ts";
import type { Stage } from "./stage.ts";

/** The provider is back: claims, withdrawals, and the books. */
export async function onlineAgain(stage: Stage, loot: Loot): Promise<void> {
  stage.teller.act("ONLINE AGAIN");
  await goOnline(stage);
  await claim(stage);
  await claimAgain(stage, loot);
  await withdraw(stage);
  await synchronise(stage);
  await settle(stage);
  await audit(stage);
}

function goOnline({ teller, network, people }: Stage): Promise<void> {
  return teller.step(
    "go-online",
    "The providers come back, with the same databases",
    async (step) => {
      for (const [id, { pid, url, databasePid }] of await network.startProviders()) {
        step.fact(id, `process ${pid}, at ${url}; its PostgreSQL: process ${databasePid}`);
        step.expect(`${id} answers`, (await reach(url)) === "answers");
      }
      const online = await people.online("a");
      step.amount("A online", online);
      step.expect("A's account is as it was", online === FUNDS - LOADED);
    },
  );
}

function claim({ teller, people }: Stage): Promise<void> {
  return teller.step("claim", "The merchant claims B's payment", async (step) => {
    const before = await people.online("merchant");
    const { count, amount: credited } = await step.timed(async () =>
      need(await people.wallet("merchant").claim()),
    );
    const after = await people.online("merchant");
    step.amount("merchant online", after, before);
    step.expect("one payment was credited", count === 1 && credited === SECOND);
    step.expect("the merchant's account has it", after === SECOND);
  });
}

function claimAgain({ teller, people }: Stage, { first, second }: Loot): Promise<void> {
  return teller.step("claim-again", "Somebody claims payments a second time", async (step) => {
    const merchant = await clientOf(people, "merchant");
    for (const time of ["once more", "and once more"]) {
      const answer = await postClaim(people.url("merchant"), merchant, second.payment);
      step.fact(
        `the merchant's, ${time}`,
        answer.ok ? "the same answer, nothing credited" : "refused",
      );
      const kind = answer.ok ? outcome.parse(answer.value) : undefined;
      step.expect(
        "the provider says that it is claimed",
        kind?.ok === true && kind.value.payload.kind === "claimed",
      );
    }
    const online = await people.online("merchant");
    step.amount("merchant online", online, online);
    step.expect("the merchant has been credited once", online === SECOND);
    const b = await clientOf(people, "b");
    const collected = await postClaim(people.url("b"), b, first.payment);
    const refusal = collected.ok ? undefined : new Refused(collected.error).explained;
    step.refused("what B's device has collected", "wrong-audience", refusal);
    step.expect("B has not been credited online", (await people.online("b")) === ZERO);
  });
}

function withdraw({ teller, people }: Stage): Promise<void> {
  return teller.step("withdraw", "B moves what is left to the online account", async (step) => {
    const { credited } = await step.timed(async () =>
      need(await people.wallet("b").withdraw({ amount: REST })),
    );
    const [online, held] = [await people.online("b"), await people.inDevice("b")];
    step.amount("B's device", held, REST);
    step.amount("B online", online, ZERO);
    step.expect("the provider has credited it", credited && online === REST);
    step.expect("the device has given it up", held === ZERO);
  });
}

function synchronise({ teller, people }: Stage): Promise<void> {
  return teller.step(
    "sync",
    "A and B synchronise their devices with their providers",
    async (step) => {
      for (const name of ["a", "b"] as const) {
        const { uploaded, refused, settled } = need(await people.wallet(name).sync());
        if (name === "b") {
          step.fact(
            "B's payment",
            "B's provider asks the merchant's how it ended, over mutual TLS",
          );
          step.expect("B has the signed outcome of the merchant's provider", settled === 1);
        }
        step.fact(name.toUpperCase(), `${uploaded} payments and receipts handed in`);
        step.expect(`the provider has taken all of ${name.toUpperCase()}'s`, refused === 0);
      }
      const { paid } = need(await people.wallet("a").balance());
      step.expect("A waits for no receipt any more", paid === ZERO);
    },
  );
}

function audit(stage: Stage): Promise<void> {
  const { teller, people } = stage;
  return teller.step(
    "audit-after",
    "Everybody's balances, and all ledgers together",
    async (step) => {
      const held = await people.inDevice("a");
      const inAccounts = {
        a: await people.online("a"),
        b: await people.online("b"),
        merchant: await people.online("merchant"),
      };
      step.amount("A online", inAccounts.a);
      step.amount("A's device", held);
      step.amount("B online", inAccounts.b);
      step.amount("B's device", await people.inDevice("b"));
      step.amount("merchant online", inAccounts.merchant);
      const all = inAccounts.a + inAccounts.b + inAccounts.merchant + held;
      step.expect("together everybody has what was paid in", all === FUNDS);
      const left = amount(LOADED - FIRST);
      await showBooks(stage, step, { offline: left, posted: left });
    },
  );
}

async function clientOf(people: People, name: Name): Promise<WalletId> {
  const { registered } = need(await people.wallet(name).status());
  if (registered === undefined) throw new Error(`${name} is not registered`);
  return registered.wallet;
}
