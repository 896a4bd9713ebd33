import { readFile, writeFile } from "node:fs/promises";
import { fromPem, toPem, type PemLabel } from "@bezant/pki/x509";
import { Failure } from "./failure.ts";
import { fileFailure } from "./files.ts";

/** The first certificate, or other block of this kind, in a PEM file. */
export async function readPemFile(
  path: string,
  label: PemLabel = "CERTIFICATE",
): Promise<Uint8Array> {
  const [first] = await readPemFileAll(path, label);
  return first as Uint8Array;
}

/** All of them, at least one. */
export async function readPemFileAll(
  path: string,
  label: PemLabel = "CERTIFICATE",
): Promise<readonly Uint8Array[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw fileFailure(path, error);
  }
  const found = fromPem(label, text);
  if (!found.ok) throw new Failure(`${path} holds no ${label} in PEM`);
  return found.value;
}

/** Never overwrites, like every file that a ceremony hands out. */
export async function writePemFile(
  path: string,
  label: PemLabel,
  ...blocks: readonly Uint8Array[]
): Promise<void> {
  try {
    await writeFile(path, toPem(label, ...blocks), { flag: "wx", mode: 0o644 });
  } catch (error) {
    throw fileFailure(path, error);
  }
}
