export { Crash, MemoryDisk, type CommitFault, type DiskImage } from "./memory-disk.ts";
