import { open } from "node:fs/promises";
import { err, refusal, type Result } from "@bezant/protocol";
import { walletRefusal, type WalletRefusal } from "../refusals.ts";
import { decodeText, encodeText, type TextMessage } from "../transport/text.ts";

const MAX_FILE = 16_384;

/** Writes a message as its text into a new file; `EEXIST` and the like throw. */
export async function writeMessageFile(
  path: string,
  message: Uint8Array,
  status?: Uint8Array,
): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(`${encodeText(message, status)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Reads the message whose text is in a file. */
export async function readMessageFile(path: string): Promise<Result<TextMessage, WalletRefusal>> {
  const text = await readBounded(path);
  if (typeof text !== "string") return err(text);
  return decodeText(text);
}

async function readBounded(path: string): Promise<string | WalletRefusal> {
  try {
    const file = await open(path, "r");
    try {
      const buffer = new Uint8Array(MAX_FILE + 1);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      if (bytesRead > MAX_FILE) return refusal("too-large");
      return new TextDecoder().decode(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return walletRefusal("no-channel", message);
  }
}
