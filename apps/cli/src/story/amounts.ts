import { balanceOption } from "../options.ts";

// What moves in the story.

/** The central bank issues this much to each of two providers. */
export const RESERVES = balanceOption("200.00");
export const ISSUED = balanceOption("400.00");
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
