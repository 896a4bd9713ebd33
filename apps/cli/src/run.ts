import { isSystemError } from "@bezant/pki/node";
import { seconds } from "@bezant/protocol";
import { CommanderError } from "commander";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { Failure, Refused } from "./failure.ts";
import { createOutput, type Output } from "./output.ts";
import { createProgram } from "./program.ts";

/** Runs one command line and says with which code the process should end. */
export async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<ExitCode> {
  const output = createOutput(args.includes("--json"), {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
  });
  const now = () => seconds(Math.floor(Date.now() / 1000));
  const program = await createProgram({ output, now, env }, args);
  try {
    await program.parseAsync(args, { from: "user" });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return usage(error, output);
    if (error instanceof Refused) return output.refused(error.explained);
    const failure = error instanceof Failure ? error : systemFailure(error);
    if (failure === undefined) throw error;
    const { message, state, exitCode } = failure;
    if (output.json) output.result("", { failed: message, state });
    else process.stderr.write(`${message}\n`);
    return exitCode;
  }
}

/** What the system refuses (a file that is not ours to read, a full disk) is no bug, wherever a command comes upon it. */
function systemFailure(error: unknown): Failure | undefined {
  if (!isSystemError(error)) return undefined;
  const { message } = error;
  const on =
    "What a wallet had begun goes on with the same command, or with `bezant wallet resume`.";
  return new Failure(`${message}. ${on}`, EXIT.refused, "unknown");
}

/** Commander has told people already. */
function usage({ code, message, exitCode }: CommanderError, output: Output): ExitCode {
  if (exitCode === 0) return EXIT.ok;
  if (output.json && code !== "commander.help") {
    output.result("", { failed: message, state: "nothing-moved" });
  }
  return EXIT.usage;
}
