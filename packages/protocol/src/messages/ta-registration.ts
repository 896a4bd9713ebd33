import { map } from "../cbor/index.ts";
import { evidence } from "./evidence.ts";
import { defineMessage, embedded } from "./message.ts";

/** Figure 3: a wallet brings its TA's evidence (an encoded `evidence` message), first for a T.cert, later to renew it. */
export const taRegistration = defineMessage({
  typ: 65_002,
  name: "ta-registration",
  signedBy: "holder",
  payload: map({ evidence: [1, embedded(evidence)] }),
});
