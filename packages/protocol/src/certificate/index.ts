export * from "./cert-verify.ts";
export * from "./certificate.ts";
export * from "./claims.ts";
export * from "./doubts.ts";
export * from "./revoked-keys.ts";
export * from "./trust-store.ts";
