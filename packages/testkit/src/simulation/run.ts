import type { Wallet } from "@bezant/wallet";
import type { User } from "./user.ts";
import type { World } from "./world.ts";

/** Runs an operation of a user's wallet to its end, under the oracle's eyes. */
export async function run<T>(
  world: World,
  user: User,
  operation: (wallet: Wallet) => Promise<T>,
): Promise<T | undefined> {
  const answer = await world.finish(user.main.run(operation));
  world.oracle.check();
  return answer;
}
