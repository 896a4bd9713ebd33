import { concatBytes, toHex, unwrap, type CompressedKey, type SyncSigner } from "@bezant/protocol";
import { nodeSigner, generatePrivateKey, publicKeyOf } from "@bezant/pki/node";
import { loadTrustedApp, nodeCryptography, opsTrustedApp } from "@bezant/tee";
import type { TaInstance } from "@bezant/trusted-app";
import { random } from "./world.ts";

/** The TA's module over node:crypto, with a state that lives in memory: what the TA costs without a trusted OS. */
export type InMemoryTa = { readonly ta: TaInstance; readonly stateBytes: () => number };

export function inMemoryTa(): InMemoryTa {
  const { digest, expand, verifier } = nodeCryptography();
  let state: Uint8Array = new Uint8Array(0);
  let signer: SyncSigner | undefined;
  const ta = unwrap(loadTrustedApp(opsTrustedApp())).instantiate({
    digest,
    random,
    expand,
    generateKey: () => {
      const key = generatePrivateKey();
      signer = nodeSigner(key);
      const { x, y } = publicKeyOf(key);
      return concatBytes(x, y);
    },
    sign: (message) => {
      if (signer === undefined) throw new Error("the TA has no key");
      return signer.sign(message);
    },
    verify: (key, message, signature) =>
      verifier.verify({ key: toHex(key) as CompressedKey, message, signature }),
    attest: () => {
      throw new Error("nothing to attest here");
    },
    readState: () => state,
    stageState: (staged) => {
      state = staged.slice();
    },
  });
  return { ta, stateBytes: () => state.length };
}
