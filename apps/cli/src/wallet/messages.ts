import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { toHex } from "@bezant/protocol";
import { decodeText, encodeText, type MessageKind, type Wallet } from "@bezant/wallet";
import { readMessageFile, writeMessageFile } from "@bezant/wallet/node";
import type { Cli } from "../cli.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure, Refused } from "../failure.ts";
import { fileFailure, readBounded } from "../files.ts";
import type { Json } from "../output.ts";
import { refusedByWallet } from "./refused.ts";

// Messages from hand to hand: in a file, or as text to copy, `-`.

export const IN = ["--in <file>", "file with the message; - for pasted text"] as const;
export const OUT = ["--out <file>", "file to write the message into; - prints it", "-"] as const;

/** Some people paste a whole mail. */
const MAX_TEXT = 65_536;

/** Reads a message of one kind; the part of a status list that came with it goes to the wallet. */
export async function readMessage(
  path: string,
  wanted: MessageKind,
  wallet?: Pick<Wallet, "meetStatus">,
): Promise<Uint8Array> {
  if (path === "-" && process.stdin.isTTY) {
    process.stderr.write("Paste the text, then press Enter and Ctrl-D:\n");
  }
  if (path !== "-" && !existsSync(path)) throw new Failure(`there is no file ${path}`, EXIT.usage);
  const read =
    path === "-"
      ? decodeText(await readBounded(process.stdin, MAX_TEXT))
      : await readMessageFile(path);
  if (!read.ok) throw refusedByWallet(read.error);
  const { kind, message, status } = read.value;
  if (kind !== wanted) {
    throw new Refused({ code: "wrong-type", detail: `a ${wanted} is needed, this is a ${kind}` });
  }
  // What is no list, or an old one, is not worth a word: the message says what it lacks.
  if (status !== undefined) await wallet?.meetStatus(status);
  return message;
}

/** To be asked before money moves for a message: it must have a place to go. */
export function needPlace(path: string, money = "No money has moved."): void {
  if (path === "-") return;
  if (existsSync(path)) {
    throw new Failure(`${path} is already there and is not overwritten. ${money}`);
  }
  if (!existsSync(dirname(path))) {
    throw new Failure(`there is no folder ${dirname(path)}. ${money}`, EXIT.usage);
  }
}

/** Hands out a message with the sentence that goes with it. */
export async function writeMessage(
  cli: Cli,
  path: string,
  message: Uint8Array,
  { sentence, ...fields }: { readonly sentence: string } & { readonly [key: string]: Json },
  /** The part of the status list that goes with it. */
  status?: Uint8Array,
): Promise<void> {
  const size = `${message.length} bytes`;
  const text = encodeText(message, status);
  const common = { ...fields, bytes: message.length, message: toHex(message) };
  const print = (): void => {
    cli.output.progress(`${sentence} (${size})`);
    cli.output.result(text, { ...common, text });
  };
  if (path === "-") {
    print();
    return;
  }
  try {
    await writeMessageFile(path, message, status);
  } catch (error) {
    // What the message stands for is done, so it must not be lost.
    print();
    const { message: reason } = fileFailure(path, error);
    throw new Failure(`${reason}. The message is printed instead; use it.`, EXIT.refused, "moved");
  }
  cli.output.result(`${sentence} It is in ${path} (${size}).`, { ...common, out: path });
}
