export { Crash, MemoryDisk, type CommitFault } from "./memory-disk.ts";
