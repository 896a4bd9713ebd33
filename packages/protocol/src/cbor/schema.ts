import { err, ok, type Err, type Result } from "../result.ts";
import { CodecFailure, type CodecError } from "./error.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

/**
 * How one type looks on the wire. `write` throws on a value outside the type (a bug of the caller); `read` throws
 * `CodecFailure` on bytes that writing the result would not reproduce. Use `encode` and `decode`, not these.
 */
export type Schema<T> = {
  readonly maxSize: number;
  readonly write: (writer: Writer, value: T) => void;
  readonly read: (reader: Reader) => T;
};

// oxlint-disable-next-line typescript/no-explicit-any -- a schema both takes and gives T, so only any is above them all
export type AnySchema = Schema<any>;

/** The type that a schema describes. */
export type Infer<S> = S extends Schema<infer T> ? T : never;

/** A larger buffer than this is not kept for the next call. */
const POOLED = 0x4_0000;
let spare: Writer | undefined;

/** Deterministic CBOR (RFC 8949 §4.2.1). A value that does not fit the schema is a bug and throws. */
export function encode<T>(schema: Schema<T>, value: NoInfer<T>): Uint8Array {
  // A schema may call encode while it writes: then the spare is gone, and the inner call makes its own.
  const writer =
    spare !== undefined && schema.maxSize <= spare.bytes.length
      ? spare
      : new Writer(schema.maxSize);
  spare = undefined;
  writer.pos = 0;
  schema.write(writer, value);
  if (writer.bytes.length <= POOLED) spare = writer;
  return writer.bytes.slice(0, writer.pos);
}

/** The only value that encodes to exactly these bytes, or why there is none. */
export function decode<T>(schema: Schema<T>, bytes: Uint8Array): Result<T, CodecError> {
  if (bytes.length > schema.maxSize) return err({ code: "too-large", offset: schema.maxSize });
  const reader = new Reader(bytes);
  try {
    const value = schema.read(reader);
    if (reader.pos !== reader.end) reader.fail("trailing-bytes", reader.pos);
    return ok(value);
  } catch (error) {
    return refused(error);
  }
}

/** The refusal that a reader threw, as a value; anything else is a bug and is thrown on. */
export function refused(error: unknown): Err<CodecError> {
  if (error instanceof CodecFailure) return err({ code: error.code, offset: error.offset });
  throw error;
}

/** The largest number of bytes that a value of this schema can take. */
export function maxSize(schema: AnySchema): number {
  return schema.maxSize;
}
