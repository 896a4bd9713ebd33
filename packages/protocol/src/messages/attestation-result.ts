import { map, named, optional, refined, uint, type Infer } from "../cbor/index.ts";
import { confirmation } from "../cose/key.ts";
import { field } from "../fields.ts";
import { measurements, ueid } from "./evidence.ts";
import { defineMessage } from "./message.ts";

/** How far the device is to be trusted, with the numbers of AR4SI's tiers. */
const status = named({ affirming: 2, warning: 32, contraindicated: 96 });

/** Why a device is not affirmed. */
const reason = named({
  /** The manufacturer has revoked the device. */
  "device-revoked": 1,
  /** The TA or trusted OS is no release of the manufacturer's, or one that was withdrawn. */
  "untrusted-measurement": 2,
  "debug-enabled": 3,
  /** The security level is above what the manufacturer certified. */
  "security-level": 4,
  /** There is a newer release. */
  outdated: 5,
});
export type AppraisalReason = Infer<typeof reason>;

const verdict = refined(
  map({ status: [1, status], reason: [2, optional(reason)] }),
  (value) => (value.status === "affirming") === (value.reason === undefined),
);
export type Appraisal = Infer<typeof verdict>;

const payload = map({
  /** Last second at which it may be relied on. */
  exp: [4, field.seconds],
  at: [6, field.seconds],
  /** All of this as the evidence says it, and its signature was verified. */
  key: [8, confirmation],
  nonce: [10, field.nonce],
  device: [256, ueid],
  debug: [263, uint(4)],
  measurements: [-65_538, measurements],
  verdict: [-65_539, verdict],
});

/** The manufacturer's word on evidence, for one relying party: an Attestation Result (RFC 9334 §8.4). */
export const attestationResult = defineMessage({
  typ: 65_044,
  name: "attestation-result",
  signedBy: "institution",
  payload,
});

export type AttestationResult = Infer<typeof payload>;
