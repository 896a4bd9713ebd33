import { fromHex, toHex } from "@bezant/protocol";

/** How one value stands at a place in the state, little-endian. What is not written is zero. */
export interface Place<T> {
  read(view: DataView, at: number): T;
  write(view: DataView, at: number, value: T): void;
}

// oxlint-disable-next-line typescript/no-explicit-any -- a place both takes and gives T, so only any is above them all
type AnyPlace = Place<any>;

export const u8: Place<number> = {
  read: (view, at) => view.getUint8(at),
  write: (view, at, value) => view.setUint8(at, value),
};
export const u32: Place<number> = {
  read: (view, at) => view.getUint32(at, true),
  write: (view, at, value) => view.setUint32(at, value, true),
};
export const u64: Place<bigint> = {
  read: (view, at) => view.getBigUint64(at, true),
  write: (view, at, value) => view.setBigUint64(at, value, true),
};
export const flag: Place<boolean> = {
  read: (view, at) => view.getUint8(at) === 1,
  write: (view, at, value) => view.setUint8(at, value ? 1 : 0),
};

/** Bytes of a fixed length, held in hex. */
export function hexBytes(length: number): Place<string> {
  return {
    read: (view, at) => toHex(slice(view, at, length)),
    write: (view, at, value) => slice(view, at, length).set(fromHex(value)),
  };
}

/** The same for a branded type. */
export function idBytes<T extends string>(length: number): Place<T> {
  return hexBytes(length) as Place<T>;
}

/** One of a list of names, as its number. */
export function oneOfNames<const N extends readonly string[]>(
  place: Place<number>,
  names: N,
): Place<N[number]> {
  return {
    read: (view, at) => {
      const name = names[place.read(view, at)];
      if (name === undefined) throw new RangeError("state: unknown number");
      return name;
    },
    write: (view, at, value) => place.write(view, at, names.indexOf(value)),
  };
}

/** ASCII text or bytes of a variable length, which stands somewhere else. */
export function sized(
  [lengthAt, lengthPlace]: readonly [number, Place<number>],
  at: number,
): Place<Uint8Array> {
  return {
    read: (view) => slice(view, at, lengthPlace.read(view, lengthAt)).slice(),
    write: (view, _, value) => {
      lengthPlace.write(view, lengthAt, value.length);
      slice(view, at, value.length).set(value);
    },
  };
}

export const u16: Place<number> = {
  read: (view, at) => view.getUint16(at, true),
  write: (view, at, value) => view.setUint16(at, value, true),
};

type Fields = Readonly<Record<string, readonly [offset: number, place: AnyPlace]>>;
type RecordOf<F extends Fields> = {
  readonly [N in keyof F]: F[N][1] extends Place<infer T> ? T : never;
};

/** Named values at offsets from where the record begins. */
export function record<const F extends Fields>(fields: F): Place<RecordOf<F>> {
  const entries = Object.entries(fields);
  return {
    read: (view, at) => {
      const value: Record<string, unknown> = {};
      for (const [name, [offset, place]] of entries) value[name] = place.read(view, at + offset);
      return value as RecordOf<F>;
    },
    write: (view, at, value) => {
      for (const [name, [offset, place]] of entries) place.write(view, at + offset, value[name]);
    },
  };
}

/** Slots of one kind, the first `count` of them in use. */
export function slots<T>(countAt: number, stride: number, place: Place<T>): Place<readonly T[]> {
  return {
    read: (view, at) =>
      Array.from({ length: view.getUint8(countAt) }, (_, i) => place.read(view, at + i * stride)),
    write: (view, at, values) => {
      view.setUint8(countAt, values.length);
      for (const [i, value] of values.entries()) place.write(view, at + i * stride, value);
    },
  };
}

/** Another type at the same place. */
export function as<A, B>(place: Place<A>, read: (value: A) => B, write: (value: B) => A): Place<B> {
  return {
    read: (view, at) => read(place.read(view, at)),
    write: (view, at, value) => place.write(view, at, write(value)),
  };
}

function slice(view: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}
