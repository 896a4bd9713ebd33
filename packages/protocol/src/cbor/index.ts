export { CODEC_ERROR_CODES, type CodecError, type CodecErrorCode } from "./error.ts";
export { map, optional, type Field, type Fields, type MapOf, type Optional } from "./map.ts";
export { bool, bytes, hex, int, literal, named, oneOf, text, uint, uint64 } from "./scalars.ts";
export { decode, encode, maxSize, type AnySchema, type Infer, type Schema } from "./schema.ts";
export { decodeSequence, type SequenceBounds } from "./sequence.ts";
export { choice, variants, type Variants } from "./variants.ts";
export { array, bstrOf, mapped, raw, refined, tagged, tuple } from "./structures.ts";
