import { malformed, refusal, type CodecError, type Refusal } from "@bezant/protocol";

/** The refusal of a body that should be a CBOR sequence of messages. */
export function sequenceRefusal(error: CodecError): Refusal {
  const tooMuch = error.code === "too-many-items" || error.code === "too-large";
  return tooMuch ? refusal("too-large", `at byte ${error.offset}`) : malformed(error);
}
