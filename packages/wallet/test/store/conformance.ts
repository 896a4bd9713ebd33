import { unwrap, type Result } from "@bezant/protocol";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { Change, Store, StoreFault } from "../../src/store/store.ts";

/** Storage that outlives the process that has it open. */
export type Storage = {
  readonly open: () => Result<Store, StoreFault>;
  readonly dispose: () => void;
};

const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values);
const write = (kind: string, key: string, ...value: number[]): Change => ({
  kind,
  key,
  value: bytes(...value),
});
const erase = (kind: string, key: string): Change => ({ kind, key, value: undefined });

/** What every store has to do. */
export function storeConformance(name: string, make: () => Storage): void {
  describe(`${name} as a wallet's store`, () => {
    const made: Storage[] = [];
    const storage = (): Storage => {
      const one = make();
      made.push(one);
      return one;
    };
    afterEach(() => {
      for (const one of made.splice(0)) one.dispose();
    });

    it("gives back what was committed, also after it was closed and opened again", async () => {
      const disk = storage();
      const first = unwrap(disk.open());
      await first.commit([write("a", "1", 1, 2), write("a", "2"), write("b", "1", 9)]);
      await first.close();
      const second = unwrap(disk.open());
      expect(await second.get("a", "1")).toEqual(bytes(1, 2));
      expect(await second.get("a", "2")).toEqual(bytes());
      expect(await second.get("b", "1")).toEqual(bytes(9));
      expect(await second.get("b", "2")).toBeUndefined();
      await second.close();
    });

    it("lists the records of one kind that begin with a prefix, in bytewise order", async () => {
      const store = unwrap(storage().open());
      const keys = ["b/2", "b/10", "a", "b", "b/", "B/1", "c", "b0"];
      await store.commit([...keys.map((key) => write("k", key)), write("other", "b/3")]);
      const listed = async (prefix?: string): Promise<string[]> =>
        (await store.list("k", prefix)).map(({ key }) => key);
      expect(await listed()).toEqual(["B/1", "a", "b", "b/", "b/10", "b/2", "b0", "c"]);
      expect(await listed("b/")).toEqual(["b/", "b/10", "b/2"]);
      expect(await listed("x")).toEqual([]);
    });

    it("commits all changes of one call, the last of one key", async () => {
      const store = unwrap(storage().open());
      await store.commit([write("a", "1", 1), write("a", "2", 2)]);
      await store.commit([
        write("a", "1", 3),
        erase("a", "2"),
        erase("a", "never"),
        write("a", "1", 4),
      ]);
      expect(await store.list("a")).toEqual([{ key: "1", value: bytes(4) }]);
    });

    it("keeps its own copy of what it was given and gives", async () => {
      const store = unwrap(storage().open());
      const value = bytes(1);
      await store.commit([{ kind: "a", key: "1", value }]);
      value[0] = 7;
      ((await store.get("a", "1")) as Uint8Array)[0] = 8;
      expect(await store.get("a", "1")).toEqual(bytes(1));
    });

    it("is for one opener at a time", async () => {
      const disk = storage();
      const first = unwrap(disk.open());
      const second = disk.open();
      expect(second.ok ? undefined : second.error.code).toBe("store-locked");
      await first.commit([write("a", "1", 1)]);
      await first.close();
      const third = unwrap(disk.open());
      expect(await third.get("a", "1")).toEqual(bytes(1));
      await third.close();
    });

    it("refuses by name once it is closed", async () => {
      const store = unwrap(storage().open());
      await store.close();
      await store.close();
      await expect(store.get("a", "1")).rejects.toMatchObject({ code: "store-closed" });
      await expect(store.list("a")).rejects.toMatchObject({ code: "store-closed" });
      await expect(store.commit([write("a", "1")])).rejects.toMatchObject({ code: "store-closed" });
    });

    it("behaves as a map of maps, whatever is committed and however often it is reopened", async () => {
      const key = fc.constantFrom("a", "a/1", "a/2", "b");
      const change = fc.record({
        kind: fc.constantFrom("x", "y"),
        key,
        value: fc.option(fc.uint8Array({ maxLength: 4 }), { nil: undefined }),
      });
      const step = fc.oneof(fc.array(change, { maxLength: 4 }), fc.constant("reopen" as const));
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
          const disk = storage();
          let store = unwrap(disk.open());
          const model = new Map<string, Uint8Array>();
          for (const one of steps) {
            if (one === "reopen") {
              await store.close();
              store = unwrap(disk.open());
              continue;
            }
            await store.commit(one);
            for (const { kind, key: at, value } of one) {
              if (value === undefined) model.delete(`${kind}:${at}`);
              else model.set(`${kind}:${at}`, value);
            }
          }
          const rows = [];
          for (const kind of ["x", "y"]) {
            for (const row of await store.list(kind)) rows.push([`${kind}:${row.key}`, row.value]);
          }
          expect(rows).toEqual([...model].toSorted(([a], [b]) => (a < b ? -1 : 1)));
          await store.close();
        }),
        { numRuns: 25 },
      );
    });
  });
}
