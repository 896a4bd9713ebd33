// The order of test files: what takes longest begins first, so that no core is idle at the end while one file goes on.
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Longest first; the rest as vitest sorts them. */
const SLOW = [
  "trusted-app/test/differential/",
  "cli/test/wallet",
  "hardening/test/durability",
  "model/test/model",
  "testkit/test/plants",
  "cli/test/up",
  "cli/test/ca",
  "testkit/test/simulation",
  "service/test/db/embedded",
  "cli/test/central-bank",
  "cli/test/provider",
];

export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = SLOW.findIndex((name) => moduleId.includes(name));
      return found === -1 ? SLOW.length : found;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
