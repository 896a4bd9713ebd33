import { readFile, writeFile } from "node:fs/promises";
import { fromHex, toHex } from "@bezant/protocol";
import { EXIT } from "./exit-codes.ts";
import { Failure } from "./failure.ts";

/** Far more than any message takes. */
const MAX_TEXT = 65_536;

/** A message as a file: one line of hexadecimal. `-` is standard input. */
export async function readHexFile(path: string): Promise<Uint8Array> {
  const text = (
    path === "-" ? await readBounded(process.stdin, MAX_TEXT) : await readTextFile(path)
  ).trim();
  if (!/^(?:[0-9a-f]{2})+$/.test(text)) throw new Failure(`${path} is not one line of hexadecimal`);
  return fromHex(text);
}

/** Never overwrites: a certificate or request that is already there is somebody's. */
export async function writeHexFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, `${toHex(bytes)}\n`, { flag: "wx", mode: 0o644 });
  } catch (error) {
    throw fileFailure(path, error);
  }
}

export async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw fileFailure(path, error);
  }
}

/** What comes from a stream, as text; more than so many bytes are refused and not kept. */
export async function readBounded(stream: AsyncIterable<Buffer>, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > most) throw new Failure(`this is more than ${most} bytes, and no message`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

export function fileFailure(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return new Failure(`there is no file ${path}`, EXIT.usage);
  if (code === "EEXIST") return new Failure(`${path} is already there and is not overwritten`);
  if (code === "EACCES") return new Failure(`this user may not use ${path}`);
  // Another errno of the file system; whatever else is thrown is a bug.
  const isErrno = code !== undefined && /^E[A-Z0-9]+$/.test(code) && !code.startsWith("ERR_");
  return isErrno ? new Failure(`${path}: ${(error as Error).message}`) : (error as Error);
}
