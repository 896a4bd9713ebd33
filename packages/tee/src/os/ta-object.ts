import { bytes, decode, encode, map, optional, uint, type Infer } from "@bezant/protocol";

/** The longest state that a TA can stage. */
export const MAX_STATE = 7168;

const taObjectSchema = map({
  /** The one TA that may ever read this: SHA-256 of its module, and its version. */
  measurement: [1, bytes(32)],
  version: [2, uint()],
  /** T.sk, 32 bytes, while the TA has a key. */
  privateKey: [3, optional(bytes(32))],
  state: [4, bytes(0, MAX_STATE)],
  /** Where its module is; absent until the first update. */
  place: [5, optional(map({ slot: [1, uint(1)], size: [2, uint()] }))],
});

/** All that a TA owns. State and key stand in one object, so one commit changes both or neither. */
export type TaObject = Infer<typeof taObjectSchema>;

/** Which of the two places holds the module, and how many bytes of it. */
export type TaPlace = NonNullable<TaObject["place"]>;

export function encodeTaObject(object: TaObject): Uint8Array {
  return encode(taObjectSchema, object);
}

export function decodeTaObject(content: Uint8Array): TaObject | undefined {
  const decoded = decode(taObjectSchema, content);
  return decoded.ok ? decoded.value : undefined;
}
