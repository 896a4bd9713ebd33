export { OWN, transfer, type AccountName } from "./accounts.ts";
export { hasCapacity } from "./capacity.ts";
export { lockBalances, openAccounts, post } from "./post.ts";
export { settle, type Position, type Reported } from "./settle.ts";
