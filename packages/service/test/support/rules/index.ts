export { checkCatalog } from "./catalog.ts";
export { checkSources } from "./source.ts";
export { checkStatement } from "./statement.ts";
export { readSchema, type Schema } from "./tables.ts";
