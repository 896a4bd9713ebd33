export { readMessageFile, writeMessageFile } from "./message-file.ts";
export { openSqliteStore } from "./sqlite-store.ts";
export { dialTap, listenTap, type TapAddress, type TapListener } from "./tap.ts";
