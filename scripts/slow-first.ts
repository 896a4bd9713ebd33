// The order of test files: what takes longest begins first, so that no core is idle at the end while one file goes on.
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Longest first; the rest as vitest sorts them. */
const SLOW = [
  "cli/test/up",
  "trusted-app/test/differential/",
  "testkit/test/settlement",
  "testkit/test/restored",
  "model/test/model",
  "cli/test/wallet",
  "testkit/test/plants",
  "hardening/test/",
  "cli/test/audit",
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
