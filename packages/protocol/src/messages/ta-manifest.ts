import { hex, map, uint, type Infer } from "../cbor/index.ts";
import { field } from "../fields.ts";
import { defineMessage } from "./message.ts";

/** The largest module of a TA that anybody takes. */
export const MAX_TRUSTED_APP = 262_144;

const payload = map({
  /** The TA's UUID (RFC 9562), the same for all its versions, in hexadecimal without hyphens. */
  uuid: [1, hex(16)],
  version: [2, uint(undefined, 1)],
  /** SHA-256 of the Wasm module: the measurement. */
  measurement: [3, field.digest],
  /** Bytes of the module. */
  size: [4, uint(MAX_TRUSTED_APP, 1)],
  /** The oldest version whose state this one takes over. */
  minimumVersion: [5, uint(undefined, 1)],
});

/** What a TA's developer says about a release: the manifest of a Trusted Component (RFC 9397), as SUIT has it. */
export const taManifest = defineMessage({
  typ: 65_041,
  name: "ta-manifest",
  signedBy: "institution",
  payload,
});

export type TaManifest = Infer<typeof payload>;
