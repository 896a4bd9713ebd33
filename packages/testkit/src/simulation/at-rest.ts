// After healing: no wallet has anything left to do, and each says the same as its device.
import { unwrap } from "@bezant/protocol";
import { Violation } from "./oracle/property.ts";
import type { User } from "./user.ts";
import type { World } from "./world.ts";

/** However old the store is that a wallet was given, it has come to the end of all that is in it. */
export async function checkAtRest(world: World): Promise<void> {
  for (const user of world.users) {
    // An older store has received what is claimed since, and waits for refunds that were made.
    await world.finish(user.main.run((wallet) => wallet.claim()));
    await world.finish(user.main.run((wallet) => wallet.refund()));
    const left = await world.finish(user.main.run((wallet) => wallet.resume()));
    const balance = await world.finish(user.main.run((wallet) => wallet.balance()));
    if (left === undefined || balance === undefined) throw off(user, "dies");
    for (const { operation, refusal } of unwrap(left)) {
      throw off(user, `cannot finish ${operation}: ${refusal.code} ${refusal.detail ?? ""}`);
    }
    const { offline, withdrawing, depositing, claimable, refundable } = unwrap(balance);
    const book = world.oracle.tas.get(user)?.book;
    if (offline !== book?.figures.balance) throw off(user, `has ${offline} in its device`);
    const onItsWay = { withdrawing, depositing, claimable, refundable };
    for (const [name, x] of Object.entries(onItsWay)) if (x !== 0n) throw off(user, `${name} ${x}`);
  }
}

function off({ number }: User, what: string): Violation {
  return new Violation("wallet security", `healed, yet the wallet of user ${number} ${what}`);
}
