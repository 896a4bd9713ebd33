import { generateKeyPairSync } from "node:crypto";
import { encryptKey, parseEncryptedKey, parseRegister } from "@bezant/pki/node";
import { toHex } from "@bezant/protocol";
import { mutateBytes } from "../mutate.ts";
import type { Random } from "../random.ts";
import { must, type Target } from "../target.ts";
import { example } from "../vectors.ts";

const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
// Its content is random, but only its form is read here.
const keyFile = encryptKey(privateKey, "passphrase", "random");
const fixed = {
  ...keyFile,
  publicKey: "02".repeat(33),
  salt: "00".repeat(16),
  nonce: "00".repeat(12),
};
const key = { ...fixed, ciphertext: "ab".repeat(150) };
const register = { at: 1_800_000_000, certificate: toHex(example("certificate of role ta")) };

/** Values that JSON allows and nobody means. */
const ODD = [null, true, 0, -1, 1.5, 1e300, "", "x", [], {}, [[]], "__proto__", "00", 131_072];

/** Key files and registers: whatever is in them, they are read or refused. */
export const files: Target = {
  name: "files",
  make(random) {
    const value = random.chance(0.6) ? key : register;
    if (random.chance(0.3)) return [mutateBytes(random, text(value), [text(key), text(register)])];
    return [text(change(random, value))];
  },
  run([bytes = new Uint8Array()]) {
    const read = new TextDecoder().decode(bytes);
    const parsed = parseEncryptedKey(read);
    if (parsed.ok) must(parsed.value.scrypt.N <= 2 ** 17, "a key file's cost is bounded");
    parseRegister(read);
  },
};

function change(random: Random, value: object): object {
  const copy: Record<string, unknown> = { ...value };
  const name = random.pick([...Object.keys(copy), "extra"]);
  const inner = copy[name];
  if (typeof inner === "object" && inner !== null && random.chance(0.7))
    copy[name] = change(random, inner);
  else if (random.chance(0.2)) delete copy[name];
  else copy[name] = random.pick(ODD);
  return copy;
}
