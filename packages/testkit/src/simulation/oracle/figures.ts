// A TA's figures, as they are and as they should be.
import type { Output } from "@bezant/trusted-app/commands";
import type { TaFigures } from "./books.ts";
import { Violation } from "./property.ts";

type Info = Output<"GetInfo">;

/** What is otherwise than it should be. */
export function differing(what: string, expected: TaFigures, info: Info): Violation {
  const differences = Object.keys(expected).flatMap((key) => {
    const [is, should] = [info[key as keyof Info], expected[key as keyof TaFigures]];
    return text(is) === text(should) ? [] : [`${key} is ${text(is)}, not ${text(should)}`];
  });
  const property = info.balance === expected.balance ? "exactly once" : "supply conservation";
  return new Violation(property, `after ${what}: ${differences.join(", ")}`);
}

export function isSame(figures: TaFigures, info: Info): boolean {
  return (
    figures.balance === info.balance &&
    figures.phase === info.phase &&
    figures.d === info.d &&
    figures.w === info.w &&
    figures.j === info.j &&
    figures.r === info.r &&
    isSameList(figures.unsettled, info.unsettled) &&
    isSameList(figures.unacknowledged, info.unacknowledged) &&
    isSameList(figures.open, info.open)
  );
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return (
    a.length === b.length &&
    (a.every((one, i) => one === b[i]) || a.every((one) => b.includes(one)))
  );
}

function text(value: unknown): string {
  return Array.isArray(value) ? `[${value.join(" ")}]` : String(value);
}
