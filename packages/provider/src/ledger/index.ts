export { bytea, lockAccount, lockAccounts, lockPair } from "./accounts.ts";
export type { Account, AccountStatus } from "./accounts.ts";
export { ACCOUNT_KINDS, applyPosting, imbalance, NO_BALANCES } from "./balances.ts";
export type { AccountKind, Balances, Operation, Posting } from "./balances.ts";
export { numberReference, post, postMany } from "./post.ts";
export type { ClientPostings } from "./post.ts";
export { auditLedger, isLedgerBalanced } from "./supply.ts";
export type { LedgerSupply, Tampered } from "./supply.ts";
