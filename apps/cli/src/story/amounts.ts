import { balanceOption } from "../options.ts";

// What moves in the story.

/** A gets this much online, */
export const FUNDS = balanceOption("50.00");
/** takes this much of it along in the device, */
export const LOADED = balanceOption("20.00");
/** pays B so much, */
export const FIRST = balanceOption("5.00");
/** who spends so much of that at the merchant's */
export const SECOND = balanceOption("2.00");
/** and takes the rest home. */
export const REST = balanceOption("3.00");
