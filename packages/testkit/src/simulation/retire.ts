// A device retires and is set up anew, with whatever may go wrong with it.
import type { Counter, TaId } from "@bezant/protocol";
import { FATES } from "@bezant/tee/simulation";
import { DATABASE_FAULTS } from "./database.ts";
import { Violation } from "./oracle/property.ts";
import { run } from "./run.ts";
import type { World } from "./world.ts";

/** Somebody's device, which is empty after healing: its provider hears its TA's last word, and certifies the next one. */
export async function retireOne(world: World): Promise<void> {
  const { rng } = world;
  const user = rng.pick(world.users.filter(({ device }) => device !== undefined));
  if (user?.device === undefined) return;
  const { main, device, parts } = user;
  const payee = user.ta as TaId;
  const open = world.oracle.tas.get(user)?.book.figures.open ?? [];
  for (const r of open)
    await run(world, user, (wallet) => wallet.cancel({ payee, r: r as Counter }));
  const wrong = [
    () => undefined,
    () => main.plan(rng.oneIn(2) ? "crash-before" : "crash-after", rng.int(4)),
    () => device.files.cutPower(rng.int(3), rng.pick(Object.values(FATES)) ?? FATES.lost),
    () => parts.home.database.plan(rng.pick(DATABASE_FAULTS) ?? "unavailable", 0),
  ];
  rng.pick(wrong)?.();
  await run(world, user, (wallet) => wallet.retire());
  main.mend();
  device.restart();
  parts.home.database.mend();
  world.oracle.tas.get(user)?.look();
  // A store from before that may know nothing of it.
  if (user.older !== undefined && rng.oneIn(3)) {
    user.putBack(user.older.image);
    world.oracle.wishes.again(user.older.wishes);
  }
  await run(world, user, (wallet) => wallet.resume());
  await run(world, user, (wallet) => wallet.registerTa());
  // Of a TA that has not retired after all it is the PIN already.
  await run(world, user, (wallet) => wallet.setPin(user.pin));
  await run(world, user, (wallet) => wallet.resume());
  const info = world.oracle.tas.get(user)?.book.figures;
  if (info?.phase !== "active") {
    throw new Violation(
      "online redeemability",
      `user ${user.number}'s device stays ${info?.phase}`,
    );
  }
}
