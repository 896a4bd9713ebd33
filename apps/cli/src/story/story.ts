import { attacks } from "./attacks.ts";
import { offline } from "./offline.ts";
import { onlineAgain } from "./online.ts";
import { settingUp } from "./setting-up.ts";
import type { Stage } from "./stage.ts";

/** The whole story: set up, pay offline, be attacked, come back, and count the money. */
export async function tellStory(stage: Stage): Promise<void> {
  await settingUp(stage);
  const loot = await offline(stage);
  await attacks(stage, loot);
  await onlineAgain(stage, loot);
}
