import { closeSync, fdatasyncSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { generatePrivateKey, nodeSigner, nodeVerifier } from "@bezant/pki/node";
import { random } from "./world.ts";
import type { Times } from "./measure.ts";

/** What no implementation on this machine can avoid: one call of each, measured in the same run. */
export type Floor = { readonly sign: Times; readonly verify: Times; readonly fdatasync: Times };

/** As many bytes as one commit of the TA's state writes. */
const BLOCK = 8192;

/** The calls themselves, to be timed beside what contains them. */
export function floorCalls(folder: string) {
  const signer = nodeSigner(generatePrivateKey());
  const verifier = nodeVerifier();
  const message = random(160);
  const check = {
    key: signer.publicKey.compressed,
    message,
    signature: signer.sign(message),
  };
  const path = join(folder, "fdatasync");
  const file = openSync(path, "w", 0o600);
  ftruncateSync(file, BLOCK);
  const block = random(BLOCK);
  return {
    calls: {
      sign: () => signer.sign(message),
      verify: () => verifier.verify(check),
      // Overwriting a block in place and waiting until it is on the disk, in the folder where the device's own files are.
      fdatasync: () => {
        writeSync(file, block, 0, BLOCK, 0);
        fdatasyncSync(file);
      },
    },
    close: () => {
      closeSync(file);
      rmSync(path);
    },
  };
}
