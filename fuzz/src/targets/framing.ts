import { concatBytes, decode, encode, equalBytes, type AnySchema } from "@bezant/protocol";
import { frame, FrameReader } from "@bezant/tee/framing";
import { MAX_REQUEST, requestSchema, responseSchema } from "@bezant/tee/wire";
import { mutate, mutateBytes } from "../mutate.ts";
import { must, type Target } from "../target.ts";
import { corpus } from "../vectors.ts";

const requests = [
  encode(requestSchema, { call: "initializeContext", id: 1, version: 1 } as never),
  encode(requestSchema, { call: "openSession", id: 2, uuid: "00".repeat(16) } as never),
  encode(requestSchema, {
    call: "invokeCommand",
    id: 3,
    session: 1,
    command: 11,
    input: Uint8Array.of(0x80),
  } as never),
  encode(requestSchema, { call: "closeSession", id: 4, session: 1 } as never),
];

const schemas: readonly AnySchema[] = [requestSchema, responseSchema];

/** The trusted OS's socket: however a stream is cut, the same messages come out of it. */
export const framing: Target = {
  name: "framing",
  make(random) {
    const frames = Array.from({ length: 1 + random.below(4) }, () =>
      frame(mutate(random, random.pick(requests), [...requests, ...corpus])),
    );
    const stream = concatBytes(...frames);
    const sent = random.chance(0.3) ? mutateBytes(random, stream, frames) : stream;
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < sent.length;) {
      const end = at + 1 + random.below(random.chance(0.5) ? 6 : 400);
      chunks.push(sent.subarray(at, end));
      at = end;
    }
    return chunks;
  },
  run(chunks) {
    const whole = messagesOf([concatBytes(...chunks)]);
    const cut = messagesOf(chunks);
    must(whole.length === cut.length, "as many messages however the stream is cut");
    must(
      whole.every((message, i) => equalBytes(message, cut[i] ?? new Uint8Array(1))),
      "the same messages however the stream is cut",
    );
    for (const message of whole) {
      for (const schema of schemas) {
        const decoded = decode(schema, message);
        if (decoded.ok) must(equalBytes(encode(schema, decoded.value), message), "encodes again");
      }
    }
  },
};

function messagesOf(chunks: readonly Uint8Array[]): Uint8Array[] {
  const reader = new FrameReader(MAX_REQUEST);
  const found: Uint8Array[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    for (let next = reader.next(); next !== undefined; next = reader.next()) {
      if (next === "too-large") return found;
      must(next.length <= MAX_REQUEST, "no message is longer than the longest");
      found.push(next);
    }
  }
  return found;
}
