import type { MakeTa } from "../../test/world/trusted-os.ts";
import { Cast } from "./cast.ts";
import { enrolment } from "./enrolment.ts";
import { limits, pin } from "./limits.ts";
import { deposits, overflow, retirement } from "./money.ts";
import { ending, outbox, paying } from "./paying.ts";
import { receiving } from "./receiving.ts";
import { standing } from "./standing.ts";

const TRACES = [
  enrolment,
  deposits,
  paying,
  receiving,
  ending,
  outbox,
  limits,
  pin,
  standing,
  overflow,
  retirement,
];

/** `vectors/ta-commands.json`: lives of a trusted application, command for command. */
export function taCommands(make: MakeTa): string {
  const traces = TRACES.map((trace, seed) => trace(new Cast(seed + 1, make)));
  return `${JSON.stringify(traces, undefined, 1)}\n`;
}
