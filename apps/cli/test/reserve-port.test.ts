import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import process from "node:process";
import { expect, onTestFinished, test } from "vitest";
import { reservePort } from "../src/network/reserve-port.ts";

const EACH = 30;
// Beside the ports that networks get, and so narrow that calls which do not know of one another meet.
const RANGE = [32_100, 32_300] as const;
const HOLDER = `
  const { reservePort } = await import(process.argv[1]);
  const ports = [];
  for (let i = 0; i < ${EACH}; i += 1) ports.push(await reservePort(${JSON.stringify(RANGE)}));
  console.log(JSON.stringify(ports));
  process.stdin.resume();
`;

/** The ports that another process holds until the test has ended. */
async function heldElsewhere(): Promise<number[]> {
  const module = new URL("../src/network/reserve-port.ts", import.meta.url).href;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", HOLDER, module], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill());
  for await (const line of createInterface(child.stdout)) return JSON.parse(line) as number[];
  throw new Error("the process said nothing");
}

test("a port that a process holds for its server is given to no other, whether the server runs or not", async () => {
  const [first, second] = await Promise.all([heldElsewhere(), heldElsewhere()]);
  const own: number[] = [];
  for (let i = 0; i < EACH; i += 1) own.push(await reservePort(RANGE));

  expect(new Set([...first, ...second, ...own]).size).toBe(3 * EACH);
});

test("a port at which somebody listens is not given", async () => {
  const [port, other] = [32_400, 32_401];
  const server = createServer().listen(port, "127.0.0.1");
  onTestFinished(() => void server.close());
  expect(await reservePort([port, other + 1])).toBe(other);
});
