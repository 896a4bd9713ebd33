/** One line of a report: what was measured, beside what it cannot go below. */
export type Figure = {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** The floor in the same unit, from the same run, and what it consists of. */
  readonly floor?: number;
  readonly floorIs?: string;
  /** What the value has to reach, and whether it does. */
  readonly bar?: string;
  readonly held?: boolean;
};

export type Report = (figure: Figure) => void;

export function reporter(json: boolean, write: (text: string) => void): Report {
  return (figure) => {
    write(`${json ? JSON.stringify(figure) : sentence(figure)}\n`);
  };
}

function sentence({ name, value, unit, floor, floorIs, bar, held }: Figure): string {
  const beside =
    floor === undefined
      ? ""
      : `   floor ${floor} ${unit} (${floorIs ?? ""}), ${ratio(value, floor)}`;
  const judged = bar === undefined ? "" : `   ${held === true ? "holds" : "DOES NOT HOLD"}: ${bar}`;
  return `${name.padEnd(46)} ${String(value).padStart(9)} ${unit.padEnd(5)}${beside}${judged}`;
}

function ratio(value: number, floor: number): string {
  return `${(value / floor).toFixed(2)} times`;
}
