// A process that makes, on each byte, the raw calls of one command of the TA, and nothing else; then it answers with a byte, and makes
// those that the answer does not wait for.
import process from "node:process";
import { COMMAND_CALLS } from "./contains.ts";
import { floorCalls } from "./floor.ts";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("the folder to write in is missing");
const { calls, close } = floorCalls(folder);
process.stdin.on("data", ([number = 0]: Uint8Array) => {
  const command = COMMAND_CALLS[number];
  for (const call of command?.calls ?? []) calls[call]();
  process.stdout.write(Uint8Array.of(number));
  setImmediate(() => {
    for (const call of command?.behind ?? []) calls[call]();
  });
});
process.stdin.once("end", close);
