export * from "./status-list.ts";
