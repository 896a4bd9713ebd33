import { err, ok, refusal, type Refusal, type Result } from "@bezant/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { GroupCommitter } from "../src/claim/group-committer.ts";

type Commit = (items: readonly number[]) => Promise<Result<readonly number[], Refusal>>;

const doubled: Commit = (items) => Promise.resolve(ok(items.map((item) => 2 * item)));

/** A commit that a test lets go on when it likes. */
function gated(): { commit: Commit; groups: number[][]; open: () => void } {
  const groups: number[][] = [];
  let gate: (() => void)[] = [];
  return {
    groups,
    commit: async (items) => {
      groups.push([...items]);
      await new Promise<void>((resolve) => gate.push(resolve));
      return doubled(items);
    },
    open: () => {
      const waiting = gate;
      gate = [];
      for (const resolve of waiting) resolve();
    },
  };
}

test("gives every item the answer of its own place", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(), { maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 3 }),
      async (items, group, inFlight) => {
        const committer = new GroupCommitter({ group, inFlight }, doubled);
        const answers = await Promise.all(items.map((item) => committer.submit(item)));
        expect(answers).toEqual(items.map((item) => ok(2 * item)));
        expect(committer.waiting).toBe(0);
      },
    ),
  );
});

test("what comes while groups are under way becomes the next group, no larger than allowed", async () => {
  const { commit, groups, open } = gated();
  const committer = new GroupCommitter({ group: 4, inFlight: 2 }, commit);
  const answers = [1, 2, 3, 4, 5, 6, 7].map((item) => committer.submit(item));
  expect([groups, committer.waiting]).toEqual([[[1], [2]], 5]);
  open();
  await answers[1];
  expect(groups).toEqual([[1], [2], [3, 4, 5, 6], [7]]);
  open();
  expect(await Promise.all(answers)).toHaveLength(7);
});

test("a refusal is everybody's in the group, and the next group is not touched by it", async () => {
  const unknown = refusal("commit-unknown");
  let calls = 0;
  const committer = new GroupCommitter<number, number>({ group: 8, inFlight: 1 }, async (items) => {
    calls += 1;
    return calls === 2 ? err(unknown) : doubled(items);
  });
  const first = [committer.submit(1), committer.submit(2), committer.submit(3)];
  expect(await Promise.all(first)).toEqual([ok(2), err(unknown), err(unknown)]);
  expect(await committer.submit(4)).toEqual(ok(8));
});

test("a bug in a group is thrown at its members, and later groups go on", async () => {
  let calls = 0;
  const committer = new GroupCommitter<number, number>({ group: 8, inFlight: 1 }, (items) => {
    calls += 1;
    return calls === 1 ? Promise.reject(new Error("bug")) : doubled(items);
  });
  await expect(committer.submit(1)).rejects.toThrow("bug");
  expect(await committer.submit(2)).toEqual(ok(4));
});

test("is drained once nothing waits or runs", async () => {
  const { commit, open } = gated();
  const committer = new GroupCommitter({ group: 1, inFlight: 1 }, commit);
  await committer.drained();
  const order: string[] = [];
  const both = [1, 2].map((item) => committer.submit(item).then(() => order.push("answer")));
  const drained = committer.drained().then(() => order.push("drained"));
  open();
  await both[0];
  open();
  await Promise.all([...both, drained]);
  expect(order).toEqual(["answer", "answer", "drained"]);
});
