// What the adversary, the power company and the clockmaker do to everybody.
import { FATES, type Fate } from "@bezant/tee/simulation";
import { DATABASE_FAULTS } from "../database.ts";
import type { User } from "../user.ts";
import type { World } from "../world.ts";
import type { Action, Doings } from "./action.ts";
import { deviceUser, someUser } from "./wallet.ts";

const CUTS: readonly Fate[] = Object.values(FATES);
const DAY = 24 * 60 * 60;

export const FAULT_ACTIONS: Doings = {
  killWallet: {
    weight: 2,
    run: (world, action) => {
      const { main, copy } = someUser(world, action);
      const process = copy !== undefined && world.rng.oneIn(2) ? copy : main;
      process.kill();
      process.crashes += 1;
      return true;
    },
  },
  crashAtCommit: {
    weight: 4,
    run: (world, action) => {
      const after = action.n % 4;
      const fault = action.v % 2 === 0 ? "crash-before" : "crash-after";
      someUser(world, action).main.plan(fault, after);
      return true;
    },
  },
  fillDisk: {
    weight: 1,
    run: (world, action) => {
      someUser(world, action).main.isFull = true;
      return true;
    },
  },
  mendDisks: {
    weight: 3,
    run: (world) => {
      for (const { main, device } of world.users) {
        main.isFull = false;
        device?.files.mend();
      }
      return true;
    },
  },
  cutPower: { weight: 4, run: cutPower },
  failFlash: {
    weight: 1,
    run: (world, action) => {
      const files = deviceUser(world, action)?.device?.files;
      const fate = CUTS[action.v % CUTS.length] as Fate;
      const errno = action.n % 2 === 0 ? "ENOSPC" : "EIO";
      files?.failWrites(errno, { after: action.n % 3, fate });
      return files !== undefined;
    },
  },
  copyFlash: {
    weight: 1,
    run: (world, action) => {
      const user = deviceUser(world, action);
      if (user?.device === undefined) return false;
      user.flash = user.device.files.image();
      return true;
    },
  },
  restoreFlash: { weight: 1, run: restoreFlash },
  newestFlash: {
    weight: 3,
    run: (world, action) => {
      const user = deviceUser(world, action);
      return user !== undefined && bringNewestFlash(user);
    },
  },
  bankFault: {
    weight: 4,
    run: (world, action) => {
      const bank = world.banks[action.u % world.banks.length];
      const fault = DATABASE_FAULTS[action.v % DATABASE_FAULTS.length];
      if (bank === undefined || fault === undefined) return false;
      bank.database.plan(fault, action.n % 3);
      return true;
    },
  },
  restartBank: {
    weight: 1,
    run: async (world, action) => {
      await world.banks[action.u % world.banks.length]?.restart();
      return true;
    },
  },
  pass: {
    weight: 4,
    run: ({ clock, rng }, { n }) => {
      clock.pass(rng.oneIn(50) ? (n % 3) * DAY : n % 90);
      return true;
    },
  },
  skew: {
    weight: 1,
    run: (world, action) => {
      const skew = [0, 0, 200, -200, DAY, -DAY][action.n % 6] ?? 0;
      someUser(world, action).skew = skew;
      return true;
    },
  },
};

function cutPower(world: World, action: Action): boolean {
  const device = deviceUser(world, action)?.device;
  if (device === undefined) return false;
  if (action.n % 4 === 0) device.restart();
  else device.files.cutPower(action.n % 4, CUTS[action.v % CUTS.length] as Fate);
  return true;
}

/** A thief puts older files back, all but the chip, which he cannot; and later the newest ones. */
function restoreFlash(world: World, action: Action): boolean {
  const user = deviceUser(world, action);
  if (user?.device === undefined || user.flash === undefined) return false;
  const { files } = user.device;
  // A device writes only to the flash that it knows as its newest: from then on the one that was taken out is older.
  if (!user.hasOlderFlash) user.newestFlash = { image: files.image(), writes: files.writes };
  files.restore(user.flash, ["ta-object"]);
  user.device.restart();
  world.oracle.tas.get(user)?.look("an older flash was put in");
  return true;
}

/** @returns whether the newest was out of the device */
export function bringNewestFlash(user: User): boolean {
  const { newestFlash: newest } = user;
  if (newest === undefined) return false;
  if (user.hasOlderFlash) {
    user.device?.files.restore(newest.image, ["ta-object"]);
    user.device?.restart();
  }
  user.newestFlash = undefined;
  return true;
}
