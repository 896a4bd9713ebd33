// Runs command lines one after another in this process, as its parent sends them: a start of Node costs more than most of them.
import process from "node:process";
import { EXIT } from "../../src/exit-codes.ts";
import { run } from "../../src/run.ts";
import type { CommandLine } from "./shell.ts";

process.on("message", (line: CommandLine) => void carryOut(line));
process.on("disconnect", () => process.exit());

async function carryOut({ args, cwd, env }: CommandLine): Promise<void> {
  const streams = { stdout: "", stderr: "" };
  const released = (["stdout", "stderr"] as const).map((name) =>
    capture(process[name], (text) => (streams[name] += text)),
  );
  const before = process.env;
  // Options with a variable look there themselves.
  process.env = { ...before, ...env };
  process.chdir(cwd);
  let code: number;
  try {
    code = await run(args, process.env);
  } catch (error) {
    // As main.mjs says it.
    streams.stderr += `This is a bug in bezant: ${(error as Error).stack}\n`;
    code = EXIT.bug;
  }
  for (const release of released) release();
  process.env = before;
  process.send?.({ code, ...streams });
}

/** Takes all that is written to a stream, until it is released. */
function capture(stream: NodeJS.WriteStream, take: (text: string) => void): () => void {
  const write = stream.write.bind(stream);
  stream.write = (chunk: Uint8Array | string) => {
    take(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
    return true;
  };
  return () => {
    stream.write = write;
  };
}
