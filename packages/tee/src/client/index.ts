export { initializeContext } from "./context.ts";
export { connectProvisioner, type Provisioner } from "./provisioner.ts";
export { connectInProcess, type TrustedOsCalls } from "./in-process.ts";
export {
  MAX_INPUT,
  MAX_OUTPUT,
  OPS_TA_UUID,
  TEEC_ORIGINS,
  TEEC_RESULTS,
  type Invocation,
  type TeecError,
  type TeecErrorCode,
  type TeecOrigin,
  type TeeContext,
  type TeeSession,
} from "./teec.ts";
