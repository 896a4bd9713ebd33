import { verify as nodeVerify, type KeyObject } from "node:crypto";
import type { AsyncVerifier, SignatureCheck, Verifier } from "@bezant/protocol";
import { KeyObjects } from "./key-objects.ts";

/** ECDSA P-256 with SHA-256 in node:crypto, on the calling thread: some 70 µs a check. */
export function nodeVerifier(keys: KeyObjects = new KeyObjects()): Verifier {
  return {
    verify: ({ key, message, signature }) => {
      const imported = keys.get(key);
      return imported !== undefined && nodeVerify("sha256", message, p1363(imported), signature);
    },
  };
}

/** The same off the event loop, on libuv's pool: with 64 and more in flight it uses all cores. */
export function asyncNodeVerifier(keys: KeyObjects = new KeyObjects()): AsyncVerifier {
  return { verify: (check) => verifyOnPool(keys.get(check.key), check) };
}

function verifyOnPool(
  imported: KeyObject | undefined,
  { message, signature }: SignatureCheck,
): Promise<boolean> {
  if (imported === undefined) return Promise.resolve(false);
  return new Promise((resolve, reject) => {
    nodeVerify("sha256", message, p1363(imported), signature, (error, valid) => {
      if (error === null) resolve(valid);
      else reject(error);
    });
  });
}

function p1363(key: KeyObject): { key: KeyObject; dsaEncoding: "ieee-p1363" } {
  return { key, dsaEncoding: "ieee-p1363" };
}
