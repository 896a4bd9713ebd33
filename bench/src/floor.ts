import { closeSync, fdatasyncSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { generatePrivateKey, nodeSigner, nodeVerifier } from "@bezant/pki/node";
import { random } from "./world.ts";
import { time, type Times } from "./measure.ts";

/** What no implementation on this machine can avoid: one call of each, measured in the same run. */
export type Floor = { readonly sign: Times; readonly verify: Times; readonly fdatasync: Times };

/** As many bytes as one commit of the TA's state writes. */
const BLOCK = 8192;

export async function measureFloor(folder: string, runs = 1000): Promise<Floor> {
  const signer = nodeSigner(generatePrivateKey());
  const verifier = nodeVerifier();
  const message = random(160);
  const check = {
    key: signer.publicKey.compressed,
    message,
    signature: signer.sign(message),
  };
  return {
    sign: await time(runs, () => signer.sign(message)),
    verify: await time(runs, () => verifier.verify(check)),
    fdatasync: await measureFdatasync(folder, Math.ceil(runs / 2)),
  };
}

/** Overwriting a block in place and waiting until it is on the disk, in the folder where the device's own files are. */
async function measureFdatasync(folder: string, runs: number): Promise<Times> {
  const path = join(folder, "fdatasync");
  const file = openSync(path, "w", 0o600);
  try {
    ftruncateSync(file, BLOCK);
    const block = random(BLOCK);
    return await time(runs, () => {
      writeSync(file, block, 0, BLOCK, 0);
      fdatasyncSync(file);
    });
  } finally {
    closeSync(file);
    rmSync(path);
  }
}
