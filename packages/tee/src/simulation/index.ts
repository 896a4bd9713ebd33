export { deterministicSigner } from "./deterministic-signer.ts";
export { FATES, MemoryFiles, PowerLoss, type Fate, type Image } from "./memory-files.ts";
export { seededRandom } from "./random.ts";
