import { decode as cborgDecode, encode as cborgEncode, rfc8949EncodeOptions } from "cborg";
import {
  assemble,
  checkSignature,
  claimAnswer,
  decode,
  encode,
  equalBytes,
  registrationAnswer,
  taRegistrationAnswer,
  typOf,
  type AnySchema,
} from "@bezant/protocol";
import { mutate } from "../mutate.ts";
import { must, type Target } from "../target.ts";
import { corpus, kinds } from "../vectors.ts";

const typs = new Map(kinds.map((kind) => [kind.typ, kind]));

/** Every kind of message: what is accepted is what encoding it again gives, and deterministic CBOR to others too. */
export const messages: Target = {
  name: "messages",
  make: (random) => [mutate(random, random.pick(corpus), corpus)],
  run([bytes = new Uint8Array()]) {
    const typ = typOf(bytes);
    // No kind reads another's number; one length in sixteen is given to all.
    const readers = bytes.length % 16 === 0 ? kinds : kinds.filter((kind) => kind.typ === typ);
    for (const kind of readers) {
      const parsed = kind.parse(bytes);
      if (!parsed.ok) continue;
      const { payload, payloadBytes, kid, certificate, chain, signature } = parsed.value;
      must(typ === parsed.value.typ && typs.get(typ) === kind, "is of the type it says");
      must(equalBytes(encode(kind.payload, payload), payloadBytes), "encodes its payload again");
      isDeterministic(payloadBytes);
      const rest = {
        ...(kid === undefined ? {} : { kid }),
        ...(certificate === undefined ? {} : { kcwt: certificate }),
        ...(chain === undefined ? {} : { chain }),
      };
      if (checkSignature(signature) !== undefined) continue;
      const again = assemble({ typ: kind.typ, payload: payloadBytes, signature, ...rest });
      must(equalBytes(again, bytes), "assembles again");
    }
  },
};

const containerSchemas: readonly AnySchema[] = [
  registrationAnswer,
  taRegistrationAnswer,
  claimAnswer,
  ...kinds.map(({ payload }) => payload),
];

/** Payloads and containers on their own, as they stand inside other messages and answers. */
export const payloads: Target = {
  name: "payloads",
  make: (random) => [mutate(random, random.pick(payloadCorpus), payloadCorpus)],
  run([bytes = new Uint8Array()]) {
    for (const schema of containerSchemas) {
      const decoded = decode(schema, bytes);
      if (!decoded.ok) continue;
      must(equalBytes(encode(schema, decoded.value), bytes), "encodes again");
      isDeterministic(bytes);
    }
  },
};

const payloadCorpus = kinds.flatMap((kind) =>
  corpus.flatMap((bytes) => {
    const parsed = kind.parse(bytes);
    return parsed.ok ? [parsed.value.payloadBytes] : [];
  }),
);

/** The oracle: another decoder reads the same, and its RFC 8949 encoder gives the same bytes. */
function isDeterministic(bytes: Uint8Array): void {
  const read: unknown = cborgDecode(bytes, { strict: true, useMaps: true, allowBigInt: true });
  must(equalBytes(cborgEncode(read, rfc8949EncodeOptions), bytes), "is deterministic to cborg");
}
