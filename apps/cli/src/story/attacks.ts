import { equalBytes, payment, unwrap, type Payment } from "@bezant/protocol";
import { explainFault } from "../device/faults.ts";
import { balanceOption } from "../options.ts";
import { refusedByWallet } from "../wallet/refused.ts";
import { FIRST, LOADED, SECOND } from "./amounts.ts";
import { restoreStorage, undoRestore } from "./device-image.ts";
import type { Loot } from "./offline.ts";
import { need, type Name } from "./people.ts";
import type { Stage } from "./stage.ts";
import type { Step } from "./teller.ts";

/** Still offline, somebody who has overheard and copied everything tries to make money of it. */
export async function attacks(stage: Stage, loot: Loot): Promise<void> {
  stage.teller.act("ATTACKS, STILL OFFLINE");
  await replay(stage, loot);
  await tamper(stage, loot);
  await rollBack(stage, loot);
}

function replay({ teller, people }: Stage, { first, second }: Loot): Promise<void> {
  return teller.step("replay", "Somebody hands in payments again", async (step) => {
    const again = need(await people.wallet("b").receive(first.payment));
    step.fact("to B, again", "B's device knows it: the same receipt, and nothing credited");
    step.expect("B's receipt is the same, byte for byte", equalBytes(again.outcome, first.outcome));
    const held = await people.inDevice("b");
    step.amount("B's device", held, held);
    step.expect("B's device has not been credited twice", held === FIRST - SECOND);
    await refusedReceipt(
      people,
      step,
      "a",
      "the merchant's, to A",
      second.payment,
      "wrong-audience",
    );

    const paid = need(await people.wallet("a").pay(first.request));
    step.fact("B's request, again", "A's device knows it: the same payment, and nothing debited");
    step.expect("A's payment is the same", equalBytes(paid.message, first.payment));
    step.expect("A has not paid twice", (await people.inDevice("a")) === LOADED - FIRST);

    need(await people.wallet("merchant").receive(second.payment));
    const { claimable } = need(await people.wallet("merchant").balance());
    step.expect("the merchant has it once", claimable === SECOND);
  });
}

function tamper({ teller, people }: Stage, { first, second }: Loot): Promise<void> {
  return teller.step("tamper", "Somebody changes payments", async (step) => {
    const more = changed(first.payment, { amount: balanceOption("50.00") });
    await refusedReceipt(people, step, "b", "50.00 instead of 5.00", more, "bad-signature");
    const { receiver, receiverClass } = contentOf(second.payment);
    const stolen = changed(first.payment, { receiver, receiverClass });
    await refusedReceipt(people, step, "merchant", "another receiver", stolen, "bad-signature");
    const later = changed(second.payment, {
      j: contentOf(second.payment).j + 1,
    } as Partial<Payment>);
    await refusedReceipt(people, step, "merchant", "another number", later, "bad-signature");
    step.expect("B's device is as before", (await people.inDevice("b")) === FIRST - SECOND);
  });
}

function rollBack({ teller, network, people }: Stage, { image }: Loot): Promise<void> {
  return teller.step(
    "roll-back",
    "Somebody puts the old copy back into A's device, from before A paid",
    async (step) => {
      const device = network.layout.device("a");
      const aside = `${device}-aside`;
      await people.close("a");
      await network.stopDevice("a");
      await restoreStorage(device, image, aside);
      const old = await network.startDevice("a");
      if (old.ok) await network.stopDevice("a");
      const refusal = old.ok ? undefined : explainFault(old.error);
      step.refused("starting with it", "object-rolled-back", refusal);
      step.fact("why", "the device's chip counts every change, and cannot be set back");
      await undoRestore(device, aside);
      const right = await network.startDevice("a");
      step.expect("with the right storage the device serves again", right.ok);
      await people.open("a");
      const held = await people.inDevice("a");
      step.amount("A's device", held);
      step.expect("what A has paid stays paid", held === LOADED - FIRST);
    },
  );
}

async function refusedReceipt(
  people: Stage["people"],
  step: Step,
  name: Name,
  what: string,
  message: Uint8Array,
  code: string,
): Promise<void> {
  const taken = await people.wallet(name).receive(message);
  step.refused(what, code, taken.ok ? undefined : refusedByWallet(taken.error).explained);
}

/** The payment with other content under the same signature. */
function changed(message: Uint8Array, content: Partial<Payment>): Uint8Array {
  const { payload, signature, ...attached } = unwrap(payment.parse(message));
  return payment.assemble({ ...payload, ...content }, signature, attached);
}

function contentOf(message: Uint8Array): Payment {
  return unwrap(payment.parse(message)).payload;
}
