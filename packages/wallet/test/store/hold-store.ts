// Opens the store in the folder of its first argument, writes ten records, says so, and stays until it is killed.
import process from "node:process";
import { unwrap } from "@bezant/protocol";
import { openSqliteStore } from "../../src/node/sqlite-store.ts";

const store = unwrap(openSqliteStore(process.argv[2] ?? ""));
for (let i = 0; i < 10; i++) {
  await store.commit([{ kind: "k", key: String(i), value: Uint8Array.of(i) }]);
}
process.stdout.write("held\n");
// What nothing refers to is collected, and its lock goes with it.
setInterval(() => void store.list("k"), 60_000);
