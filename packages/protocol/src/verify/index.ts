export * from "./checks.ts";
export * from "./holder-verify.ts";
export * from "./home-verify.ts";
export * from "./oem-verify.ts";
export * from "./outcome-verify.ts";
export * from "./pay-verify.ts";
export * from "./request-verify.ts";
export * from "./status-verify.ts";
