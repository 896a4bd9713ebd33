import {
  appointed,
  encode,
  equalBytes,
  err,
  makerToAnybody,
  manifestVerify,
  ok,
  refusal,
  runChecksAsync,
  sha256,
  taEndorsement,
  taRelease,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { done, refuse, transact } from "@bezant/service";
import { checkService, type Core } from "../core/core.ts";
import { insertRelease, readRelease } from "./store.ts";

/**
 * Endorses a release of an appointed developer, and keeps it for devices and as a reference value. The same again gives the
 * same endorsement; another module under a version that is taken is refused.
 */
export async function publish(
  core: Core,
  input: {
    readonly manifest: Uint8Array;
    readonly module: Uint8Array;
    /** Of the manifest's payload, as the operator ordered it. */
    readonly ordered: Uint8Array;
  },
): Promise<Result<Uint8Array, Refusal>> {
  const { manifest: bytes, module, ordered } = input;
  const { identity, clock, verifier, signer, db } = core;
  const ended = checkService(core);
  if (ended !== undefined) return err(ended);
  const at = clock.now();
  const pending = manifestVerify(bytes, { roots: [identity.root], at });
  const verified = pending.ok ? await runChecksAsync(pending.value, verifier) : pending;
  if (!verified.ok) return verified;
  const { manifest, digest } = verified.value;
  const isWhole =
    equalBytes(digest, ordered) &&
    manifest.size === module.length &&
    equalBytes(manifest.measurement, sha256(module));
  if (!isWhole) return err(refusal("wrong-release"));
  const context = makerToAnybody(core.appointed.name);
  const attached = appointed(identity.appointment);
  // Signed here, released after COMMIT: an endorsement that nobody has seen is none.
  const endorsement = await taEndorsement.signAsync(
    { manifest: digest, at },
    context,
    signer,
    attached,
  );
  const kept = await transact(db, async (transaction) => {
    const signed = { manifest: bytes, endorsement, module };
    if (await insertRelease(transaction, manifest, signed, at)) {
      return done([bytes, endorsement] as const);
    }
    const known = await readRelease(transaction, manifest.uuid, manifest.version);
    if (known === undefined || !equalBytes(known.measurement, manifest.measurement)) {
      return refuse("release-conflict");
    }
    return done([known.manifest, known.endorsement] as const);
  });
  return kept.ok ? ok(encode(taRelease, kept.value)) : kept;
}
