#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { join } from "node:path";

// JavaScript, so that a short command need not load what strips types: with a filled cache nothing else has to be compiled,
// which is most of what such a command does. Where the cache cannot be written, all is compiled each time.
enableCompileCache(join(import.meta.dirname, "../../../node_modules/.cache/bezant"));

// Whoever reads no further, as `head` does, has had enough.
process.stdout.on("error", (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code === "EPIPE") process.exit(0);
  throw error;
});

try {
  const { run } = await import("./run.ts");
  process.exitCode = await run(process.argv.slice(2), process.env);
} catch (error) {
  process.stderr.write(
    `This is a bug in bezant: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  const { EXIT } = await import("./exit-codes.ts");
  process.exitCode = EXIT.bug;
}
