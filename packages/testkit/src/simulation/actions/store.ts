// What a thief, a backup and a user with two phones do to a wallet's store.
import type { World } from "../world.ts";
import type { Action, Doings } from "./action.ts";
import { someUser } from "./wallet.ts";

export const STORE_ACTIONS: Doings = {
  copyStore: {
    weight: 3,
    run: (world, action) => {
      const user = someUser(world, action);
      const image = user.main.disk.image();
      user.older = { image, wishes: world.oracle.wishes.open(`deposit ${user.number} `) };
      return true;
    },
  },
  restoreStore: { weight: 2, run: restoreStore },
  runTwice: {
    weight: 1,
    run: (world, action) => {
      const user = someUser(world, action);
      user.split();
      // A deposit's number is all that makes it one; in two copies it may get two.
      const { wishes } = world.oracle;
      wishes.again(wishes.open(`deposit ${user.number} `));
      return true;
    },
  },
  runOnce: {
    weight: 2,
    run: (world, action) => {
      const user = someUser(world, action);
      const had = user.copy !== undefined;
      user.join();
      return had;
    },
  },
};

/** The wallet begins again with what it knew at an earlier time, while its device and its provider have gone on. */
function restoreStore(world: World, action: Action): boolean {
  const user = someUser(world, action);
  if (user.older === undefined) return false;
  const { image, wishes } = user.older;
  user.main.crashes += 1;
  user.putBack(image);
  // As with a copy: what was under way then may be done under a number that was free at that time, and again.
  world.oracle.wishes.again(wishes);
  return true;
}
