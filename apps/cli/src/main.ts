#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { EXIT } from "./exit-codes.ts";

// Compiling the sources is most of what a short command does; where the cache cannot be written, it is done each time.
enableCompileCache(join(import.meta.dirname, "../../../node_modules/.cache/bezant"));

// Whoever reads no further, as `head` does, has had enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.ok);
  throw error;
});

try {
  const { run } = await import("./run.ts");
  process.exitCode = await run(process.argv.slice(2), process.env);
} catch (error) {
  process.stderr.write(
    `This is a bug in bezant: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = EXIT.bug;
}
