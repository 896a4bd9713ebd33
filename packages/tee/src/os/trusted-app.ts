import type { TaInstance, TeeInternalApi } from "@bezant/trusted-app";
import type { Measurement } from "./attestation.ts";

/** A TA that a trusted OS can run, whatever it is made of. */
export type TrustedApp = Measurement & {
  /** A fresh instance over the internal API. */
  readonly instantiate: (api: TeeInternalApi) => TaInstance;
};
