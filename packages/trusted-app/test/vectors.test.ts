// Reads vectors/ta-commands.json as any other implementation would.
import { readFileSync } from "node:fs";
import { p256 } from "@noble/curves/nist.js";
import { fromHex, toHex } from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { taCommands } from "../scripts/vectors/file.ts";
import type { Trace } from "../scripts/vectors/recorder.ts";
import { COMMANDS, statusOf, STATUSES } from "../src/commands.ts";
import { Crypto } from "./world/crypto.ts";
import { MAKES } from "./world/makes.ts";
import { TrustedOs } from "./world/trusted-os.ts";

const text = readFileSync(new URL("../../../vectors/ta-commands.json", import.meta.url), "utf8");
const traces = JSON.parse(text) as readonly Trace[];
const steps = traces.flatMap((trace) => trace.steps);

/** Only counters that have run through 32 bits give it. */
const OUT_OF_REACH = ["counter-exhausted"];

describe("the traces of a trusted application", () => {
  it.each(Object.entries(MAKES))(
    "are what the generator makes of %s (npm run generate)",
    (_, make) => {
      expect(taCommands(make)).toBe(text);
    },
  );

  it("have every command accepted, and every status but one given", () => {
    const accepted = steps.filter(({ expected }) => expected.status === "ok");
    expect(new Set(accepted.map(({ command }) => command))).toEqual(new Set(Object.keys(COMMANDS)));
    const given = new Set<string>(steps.map(({ expected }) => expected.status));
    expect(STATUSES.filter((status) => !given.has(status))).toEqual(OUT_OF_REACH);
  });

  describe.each(Object.entries(MAKES))("%s", (_, make) => {
    it.each(traces)("gives the answers of: $name", ({ device, steps: all }) => {
      const crypto = new Crypto((message, secret) =>
        p256.sign(message, secret, { prehash: true, lowS: true }),
      );
      let drawn: string[] = [];
      const next = (): Uint8Array => fromHex(drawn.shift() ?? "");
      const key = (secret: Uint8Array) => crypto.key(secret);
      const entropy = { random: next, newKey: () => key(next()) };
      const os = new TrustedOs(crypto, entropy, key(fromHex(device)), make);
      for (const step of all) {
        drawn = [...step.drawn];
        const { status, output } = os.invoke(step.number, fromHex(step.input));
        const answer = { status: statusOf(status), output: toHex(output) };
        expect({ name: step.name, ...answer }).toEqual({ name: step.name, ...step.expected });
        expect(drawn).toEqual([]);
      }
    });
  });
});
