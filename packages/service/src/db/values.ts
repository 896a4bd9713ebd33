import pg from "pg";

// Oids of pg_type; the driver's table lacks those of arrays.
const INT8 = 20;
const INT8_ARRAY = 1016;
const NUMERIC = 1700;
const NUMERIC_ARRAY = 1231;
const TEXT_ARRAY: number = 1009;

/** `{1,NULL,3}` has the same grammar for every type of element. */
const parseTextArray = pg.types.getTypeParser(TEXT_ARRAY) as (text: string) => Nested<string>;

type Nested<T> = (T | null | Nested<T>)[];

function parseBigIntArray(text: string): Nested<bigint> {
  return toBigInts(parseTextArray(text));
}

function toBigInts(items: Nested<string>): Nested<bigint> {
  return items.map((item) =>
    item === null ? null : Array.isArray(item) ? toBigInts(item) : BigInt(item),
  );
}

/**
 * Every integer that a double cannot hold arrives as `bigint`: int8, numeric and arrays of them, so also
 * `count(*)` and `sum(x)`. A numeric with decimals is a bug and throws.
 */
export const bigIntTypes: pg.CustomTypesConfig = {
  getTypeParser(id: number, format?: string): unknown {
    if (format === "binary") return pg.types.getTypeParser(id, "binary");
    if (id === INT8 || id === NUMERIC) return BigInt;
    if (id === INT8_ARRAY || id === NUMERIC_ARRAY) return parseBigIntArray;
    return pg.types.getTypeParser(id, "text");
  },
};
