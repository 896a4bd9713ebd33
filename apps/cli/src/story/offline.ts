import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { amount, attach, parseSign1, typOf, unwrap, ZERO, type Amount } from "@bezant/protocol";
import { FIRST, LOADED, SECOND } from "./amounts.ts";
import { PROVIDERS } from "../network/layout.ts";
import { copyStorage } from "./device-image.ts";
import { isGone, reach } from "./reach.ts";
import type { Stage } from "./stage.ts";
import { tap, type Tapped } from "./tap.ts";
import type { Step } from "./teller.ts";

/** What is overheard and copied while everybody is offline. */
export type Loot = {
  readonly first: Tapped;
  readonly second: Tapped;
  /** Folder with a copy of what A's device stores, from before A paid. */
  readonly image: string;
};

const MAX_REQUEST = 299;
const MAX_PAYMENT = 344;

/** Nobody reaches anybody but the one in front: A pays B, B pays the merchant. */
export async function offline(stage: Stage): Promise<Loot> {
  stage.teller.act("OFFLINE");
  await goOffline(stage);
  const image = await copyDevice(stage);
  const first = await payB(stage);
  const second = await payMerchant(stage);
  return { first, second, image };
}

function goOffline({ teller, network }: Stage): Promise<void> {
  return teller.step(
    "go-offline",
    "Everybody goes offline: both providers and their databases are stopped",
    async (step) => {
      for (const id of PROVIDERS) {
        const provider = await network.stopProvider(id);
        if (provider === undefined) throw new Error(`${id} did not run`);
        const { pid, databasePid } = provider;
        const [server, database] = [isGone(pid), isGone(databasePid)];
        const answer = await reach(network.url(id));
        step.fact(id, `processes ${pid} and ${databasePid} have ended; connecting: ${answer}`);
        step.expect(`${id} ended in good order`, (await provider.exited) === 0);
        step.expect(`${id}'s process and its database's are gone`, server && database);
        step.expect(`connecting to ${id} fails`, answer === "ECONNREFUSED");
      }
    },
  );
}

function copyDevice({ teller, network, people }: Stage): Promise<string> {
  return teller.step("copy", "Somebody copies what A's device stores, for later", async (step) => {
    const image = join(network.layout.folder, "copy-of-a");
    await copyStorage(network.layout.device("a"), image);
    step.amount("A's device", await people.inDevice("a"));
    step.fact("the copy", `${(await readdir(image)).length} files`);
    return image;
  });
}

function payB({ teller, network, people }: Stage): Promise<Tapped> {
  return teller.step(
    "pay-b",
    "A pays B, device to device; their providers are different ones",
    async (step) => {
      const before = [await people.inDevice("a"), await people.inDevice("b")] as const;
      const tapped = await step.timed(() =>
        tap(network.sockets, people.wallet("a"), people.wallet("b"), FIRST),
      );
      tellMessages(step, tapped, "B's device credits itself: the money is B's");
      const [a, b] = [await people.inDevice("a"), await people.inDevice("b")];
      step.amount("A's device", a, before[0]);
      step.amount("B's device", b, before[1]);
      step.expect("A has paid it", a === amount(LOADED - FIRST));
      step.expect("B has it, and can spend it at once", b === FIRST);
      step.expect("A has B's signed receipt", tapped.paid.verdict === "settled");
      return tapped;
    },
  );
}

function payMerchant({ teller, network, people }: Stage): Promise<Tapped> {
  return teller.step(
    "pay-merchant",
    "B spends part of it at the merchant's, still offline; the merchant has no device",
    async (step) => {
      const tapped = await step.timed(() =>
        tap(network.sockets, people.wallet("b"), people.wallet("merchant"), SECOND),
      );
      tellMessages(step, tapped, "the merchant has verified the payment and keeps it");
      const b = await people.inDevice("b");
      const claimable = await toBeClaimed(people);
      step.amount("B's device", b, FIRST);
      step.amount("merchant", claimable, ZERO);
      step.expect("B has spent it", b === amount(FIRST - SECOND));
      step.expect("the merchant has it, to be claimed online", claimable === SECOND);
      return tapped;
    },
  );
}

async function toBeClaimed(people: Stage["people"]): Promise<Amount> {
  const balance = await people.wallet("merchant").balance();
  return balance.ok ? balance.value.claimable : ZERO;
}

function tellMessages(step: Step, { request, payment, outcome }: Tapped, end: string): void {
  const [asked, paid] = [withoutChain(request), withoutChain(payment)];
  step.message("request", asked, "the payee asks, once, with a fresh challenge");
  step.message("payment", paid, "the payer's device debits itself, then signs");
  step.message("receipt", outcome, end);
  const [more, evenMore] = [request.length - asked.length, payment.length - paid.length];
  step.fact(
    "chains",
    `${more} and ${evenMore} bytes beside them, for somebody of another provider`,
  );
  step.expect(`the request has at most ${MAX_REQUEST} bytes`, asked.length <= MAX_REQUEST);
  step.expect(`the payment has at most ${MAX_PAYMENT} bytes`, paid.length <= MAX_PAYMENT);
}

/** The message with its signer's certificate alone, as two clients of one provider exchange it. */
function withoutChain(message: Uint8Array): Uint8Array {
  const { kcwt: certificate } = unwrap(parseSign1(message, typOf(message) ?? 0));
  return unwrap(attach(message, { certificate }));
}
