// A process that makes, on each byte, the raw calls of one command of the TA, and nothing else; then it answers with a byte, and makes
// those that the answer does not wait for.
import process from "node:process";
import { BEHIND_ANSWER, COMMAND_CALLS } from "./contains.ts";
import { floorCalls } from "./floor.ts";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("the folder to write in is missing");
const { calls, close } = floorCalls(folder);
process.stdin.on("data", ([number = 0]: Uint8Array) => {
  for (const call of COMMAND_CALLS[number] ?? []) calls[call]();
  process.stdout.write(Uint8Array.of(number));
  setImmediate(() => {
    for (const call of BEHIND_ANSWER) calls[call]();
  });
});
process.stdin.once("end", close);
