import { choice, raw, text, tuple } from "../cbor/index.ts";
import { MAX_CERTIFICATE, MAX_MESSAGE } from "../cose/sign1.ts";

const certificate = raw(MAX_CERTIFICATE);
const message = raw(MAX_MESSAGE);

export const chain = tuple(certificate, certificate);

/** Answer to `registration`: the wallet's certificate, and its provider's chain. */
export const registrationAnswer = tuple(certificate, chain);

/** Answer to `taRegistration`: T.cert, its provider's chain, and an encoded `limitsProfile`. */
export const taRegistrationAnswer = tuple(certificate, chain, message);

/** One answer of a batch claim: an encoded `outcome`, or a refusal's code. */
export const claimAnswer = choice({
  outcome: [0, message],
  refused: [1, text(64, /^[a-z-]{1,64}$/)],
});

/** A batch is a CBOR sequence (RFC 8742) of payments; its answer is one of claim answers, in the same order. */
export const MAX_BATCH = 4096;
export const MAX_BATCH_BYTES = 2 * 1024 * 1024;
