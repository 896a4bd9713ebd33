import { assert, isUint32 } from "./assert.ts";
import { readInt, writeInt } from "./integers.ts";
import type { Schema } from "./schema.ts";
import { readText, writeText } from "./strings.ts";
import { utf8Length } from "./utf8.ts";
import { headSize } from "./writer.ts";

export function bool(): Schema<boolean> {
  return {
    maxSize: 1,
    write(writer, value) {
      assert(typeof value === "boolean", "not a boolean");
      writer.byte(value ? 0xf5 : 0xf4);
    },
    read(reader) {
      const first = reader.peek();
      if (first !== 0xf4 && first !== 0xf5) reader.fail("unexpected-type", reader.pos);
      reader.pos += 1;
      return first === 0xf5;
    },
  };
}

/** Exactly this integer or text. */
export function literal<const V extends number | string>(value: V): Schema<V> {
  const constant: number | string = value;
  const isText = typeof constant === "string";
  const argument = isText ? utf8Length(constant) : constant < 0 ? -1 - constant : constant;
  assert(isUint32(argument), `literal ${constant}`);
  return {
    maxSize: headSize(argument) + (isText ? argument : 0),
    write(writer, given) {
      assert(given === value, `${given} is not ${constant}`);
      if (isText) writeText(writer, constant, argument);
      else writeInt(writer, constant);
    },
    read(reader) {
      const start = reader.pos;
      const found = isText ? readText(reader, argument) : readInt(reader);
      if (found !== constant) reader.fail("out-of-range", start);
      return value;
    },
  };
}
