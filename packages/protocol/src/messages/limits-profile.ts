import { limits } from "./limits.ts";
import { defineMessage } from "./message.ts";

/** The limits that a TA begins with, from its home provider. */
export const limitsProfile = defineMessage({
  typ: 65_015,
  name: "limits-profile",
  signedBy: "institution",
  payload: limits,
});
