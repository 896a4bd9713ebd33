export { checkCatalog } from "./catalog.ts";
export type { Finding } from "./finding.ts";
export { checkSources } from "./source.ts";
export { checkStatement } from "./statement.ts";
export { readSchema, type Schema, type Table } from "./tables.ts";
