/**
 * What the tests import as `fast-check` while mutants are tried. A property of twenty thousand runs would be run to its end by every
 * mutant that survives; most faults that it can find at all it finds at once.
 */
import * as original from "fast-check";

const MAX_RUNS = 300;

export * from "fast-check";
export const assert: typeof original.assert = (property, parameters = {}) =>
  original.assert(property, {
    ...parameters,
    numRuns: Math.min(parameters.numRuns ?? 100, MAX_RUNS),
  }) as never;
// oxlint-disable-next-line import/no-default-export -- as the package that it stands for
export default { ...original.default, assert };
