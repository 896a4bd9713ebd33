import { counter, field, map, text, unwrap, type Infer } from "@bezant/protocol";
import { beforeEach, describe, expect, expectTypeOf, it } from "vitest";
import { MemoryDisk } from "../../src/simulation/memory-disk.ts";
import { kind, put, Records, remove } from "../../src/store/records.ts";

const note = map({ index: [1, field.counter], words: [2, text(20)] });
const NOTE = kind("note", note);
const hello: Infer<typeof note> = { index: counter(1), words: "hello" };

let disk: MemoryDisk;
let records: Records;
beforeEach(() => {
  disk = new MemoryDisk();
  records = new Records(unwrap(disk.open()));
});

describe("typed records", () => {
  it("come back as the values they were, with their types", async () => {
    await records.commit(put(NOTE, "a", hello));
    const read = await records.get(NOTE, "a");
    expect(read).toEqual(hello);
    expectTypeOf(read).toEqualTypeOf<Infer<typeof note> | undefined>();
    expect(await records.list(NOTE)).toEqual([{ key: "a", value: hello }]);
    await records.commit(remove(NOTE, "a"));
    expect(await records.get(NOTE, "a")).toBeUndefined();
  });

  it("are refused as corrupt when any of their bits has changed", async () => {
    const { value } = put(NOTE, "a", hello);
    for (let bit = 0; bit < value!.length * 8; bit++) {
      await records.commit(put(NOTE, "a", hello));
      const damaged = value!.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      disk.damage("note", "a", damaged);
      await expect(records.get(NOTE, "a")).rejects.toMatchObject({ code: "store-corrupt" });
    }
  });

  it("are refused as corrupt when they were cut short, or are another record's", async () => {
    await records.commit(put(NOTE, "a", hello), put(NOTE, "b", hello));
    const { value } = put(NOTE, "a", hello);
    disk.damage("note", "b", value!);
    await expect(records.list(NOTE)).rejects.toMatchObject({ code: "store-corrupt" });
    for (let length = 0; length < value!.length; length++) {
      disk.damage("note", "b", value!.subarray(0, length));
      await expect(records.get(NOTE, "b")).rejects.toMatchObject({ code: "store-corrupt" });
    }
  });

  it("are refused as corrupt when the schema does not know them", async () => {
    const older = kind("note", map({ index: [1, field.counter] }));
    await records.commit(put(older, "a", { index: counter(1) }));
    await expect(records.get(NOTE, "a")).rejects.toMatchObject({ code: "store-corrupt" });
  });
});
