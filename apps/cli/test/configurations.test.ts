import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as centralBank from "@bezant/central-bank";
import * as manufacturer from "@bezant/manufacturer";
import { currency, seconds } from "@bezant/protocol";
import * as provider from "@bezant/provider";
import { temporaryFolder } from "@bezant/service/testing";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { layoutOf, newNetworkFolder, type Layout } from "../src/network/layout.ts";
import { Network } from "../src/network/network.ts";

const now = () => seconds(Math.floor(Date.now() / 1000));
let layout: Layout;

beforeAll(async () => {
  layout = layoutOf(await newNetworkFolder(temporaryFolder()));
  const network = new Network(layout, currency("EUR"), now);
  await network.found();
  await network.stop();
});

/** Reads a server's file, and all that it names; the server itself is not started. */
const KINDS = {
  provider: async (file: string) => {
    const read = await provider.readConfig(file);
    return read.ok ? provider.loadConfig(read.value, {}) : read;
  },
  "central bank": async (file: string) => {
    const read = await centralBank.readConfig(file);
    return read.ok ? centralBank.loadConfig(read.value, {}) : read;
  },
  manufacturer: async (file: string) => {
    const read = await manufacturer.readConfig(file);
    return read.ok ? manufacturer.loadConfig(read.value, {}) : read;
  },
};

function configOf(kind: keyof typeof KINDS): string {
  if (kind === "provider") return layout.provider("aurum").config;
  return kind === "manufacturer" ? layout.manufacturer.config : layout.centralBank.config;
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Values that JSON allows, files that are others', and numbers at the bounds. */
const odd = fc.oneof(
  fc.constantFrom<Json>(
    null,
    true,
    -1,
    0,
    1.5,
    1e300,
    "",
    " ",
    ".",
    "..",
    "/dev/null",
    "/dev/null/x",
    "config.json",
    "\u0000",
    "x".repeat(300),
    "18446744073709551616",
    "99999999999999999999",
    "0".repeat(64),
    "0".repeat(66),
    `02${"ff".repeat(32)}`,
    "http://",
    "http://a b",
    "https://[",
    "https://nowhere.invalid:99999",
    [],
    {},
  ),
  fc.jsonValue({ maxDepth: 1 }) as fc.Arbitrary<Json>,
);

/** One place of a value: which of its parts to go into, and what to do where the way ends. */
const change = fc.record({
  way: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
  put: fc.option(odd, { nil: undefined }),
});

function changed(value: Json, [first, ...way]: readonly number[], put: Json | undefined): Json {
  if (first === undefined || typeof value !== "object" || value === null) return put ?? value;
  const names = Object.keys(value);
  const name = names[first % (names.length + 1)];
  if (name === undefined)
    return Array.isArray(value) ? [...(value as Json[]), put ?? 0] : (put ?? { extra: 0 });
  const parts = value as Readonly<Record<string, Json>>;
  const inner = parts[name] ?? null;
  const isLeaf = way.length === 0 || typeof inner !== "object" || inner === null;
  const { [name]: _, ...others } = parts;
  const next =
    isLeaf && put === undefined
      ? others
      : { ...parts, [name]: isLeaf ? put : changed(inner, way, put) };
  return Array.isArray(value) ? Object.values(next as object) : (next as Json);
}

describe.each(Object.keys(KINDS) as (keyof typeof KINDS)[])("the configuration of a %s", (kind) => {
  it("is read as it was written", async () => {
    expect(await KINDS[kind](configOf(kind))).toMatchObject({ ok: true });
  });

  it("is read, or refused with a reason, whatever stands in it", async () => {
    const good = await readFile(configOf(kind), "utf8");
    const file = join(dirname(configOf(kind)), "changed.json");
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 2 }), async (changes) => {
        const value = changes.reduce<Json>(
          (json, { way, put }) => changed(json, way, put),
          JSON.parse(good) as Json,
        );
        await writeFile(file, JSON.stringify(value));
        const read = await KINDS[kind](file);
        if (!read.ok) expect(read.error.message).not.toBe("");
      }),
      { numRuns: 300 },
    );
  });

  it("is refused where the file was cut", async () => {
    const good = await readFile(configOf(kind), "utf8");
    const file = join(dirname(configOf(kind)), "cut.json");
    for (const length of [0, 1, good.length >> 1, good.trimEnd().length - 1]) {
      await writeFile(file, good.slice(0, length));
      expect(await KINDS[kind](file)).toMatchObject({ error: { code: "config-unreadable" } });
    }
  });
});

describe("the address for other providers in a provider's configuration", () => {
  const readWith = async (address: unknown) => {
    const good = JSON.parse(await readFile(configOf("provider"), "utf8")) as {
      readonly institutions: object;
    };
    const file = join(dirname(configOf("provider")), "moved.json");
    const institutions = { ...good.institutions, address };
    await writeFile(file, JSON.stringify({ ...good, institutions }));
    return KINDS.provider(file);
  };

  it("is one that an entry of the directory may say, or there is none", async () => {
    const address = "https://aurum.example:8082";
    expect(await readWith(address)).toMatchObject({ ok: true, value: { address } });
    expect(await readWith(undefined)).toMatchObject({ ok: true, value: { address: undefined } });
    for (const wrong of [
      "http://aurum.example",
      "https://user@aurum.example",
      "https://aurum.example/path",
      "https://aurum.example?query",
      "https://aurum.example#part",
      "https://aurum.example:65536",
      `https://${"a".repeat(300)}`,
      7,
    ]) {
      const code = "config-malformed";
      expect([wrong, await readWith(wrong)]).toMatchObject([wrong, { error: { code } }]);
    }
  });
});
