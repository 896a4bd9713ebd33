export { CODEC_ERROR_CODES, type CodecError, type CodecErrorCode } from "./error.ts";
export { map, optional, type Field, type Fields, type MapOf, type Optional } from "./map.ts";
export { int, named, oneOf, uint, uint64 } from "./integers.ts";
export { bool, literal } from "./literals.ts";
export { bytes, hex, text } from "./strings.ts";
export { decode, encode, maxSize, type AnySchema, type Infer, type Schema } from "./schema.ts";
export { decodeSequence, type SequenceBounds } from "./sequence.ts";
export { choice, variants, type Variants } from "./variants.ts";
export { array, bstrOf, mapped, raw, refined, tagged, tuple, tupleWithLast } from "./structures.ts";
