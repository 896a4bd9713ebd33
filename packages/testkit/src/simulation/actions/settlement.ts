// Providers settle with the central bank, over a network that loses and repeats.
import { LINK_FAULTS } from "../central-bank.ts";
import { DATABASE_FAULTS } from "../database.ts";
import type { World } from "../world.ts";
import type { Action, Doings } from "./action.ts";

export const SETTLEMENT_ACTIONS: Doings = {
  settle: {
    weight: 4,
    run: async (world, action) => {
      const bank = bankOf(world, action);
      // It takes as long as dozens of other steps.
      const isTime = action.n % 4 === 0;
      if (bank === undefined || world.centralBank === undefined || !isTime) return false;
      await world.oracle.settle(bank);
      return true;
    },
  },
  closeWindow: {
    weight: 1,
    run: async ({ centralBank }) => {
      await centralBank?.closeWindow();
      return centralBank !== undefined;
    },
  },
  linkFault: {
    weight: 2,
    run: (world, action) => {
      const fault = LINK_FAULTS[action.v % LINK_FAULTS.length];
      const bank = bankOf(world, action);
      if (bank === undefined || fault === undefined) return false;
      world.centralBank?.plan(bank.id, fault, action.n % 4);
      return world.centralBank !== undefined;
    },
  },
  centralBankFault: {
    weight: 2,
    run: ({ centralBank }, action) => {
      const fault = DATABASE_FAULTS[action.v % DATABASE_FAULTS.length];
      if (fault === undefined) return false;
      centralBank?.database.plan(fault, action.n % 4);
      return centralBank !== undefined;
    },
  },
};

function bankOf({ banks }: World, { u }: Action) {
  return banks[u % banks.length];
}
