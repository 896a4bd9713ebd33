// Status lists of institutions (§16.3), as every server keeps, believes and hands them on.
export { acceptLists, MAX_LISTS } from "./accept.ts";
export { loadLists } from "./load.ts";
