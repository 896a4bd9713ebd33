import {
  certificateDigest,
  decodeSequence,
  err,
  malformed,
  MAX_ASKED,
  MAX_MESSAGE,
  ok,
  refusal,
  reported,
  settlementQuery,
  toHex,
  type Doubt,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { ask, hear, say, type Speaker } from "../settlement/speak.ts";
import type { Known } from "./judge.ts";

/** Asks the central bank whether these certificates were reported, and when: at most `MAX_ASKED`. By digest. */
export async function askReported(
  core: Speaker,
  doubts: readonly Doubt[],
): Promise<Result<Map<string, Known>, Refusal>> {
  const at = core.clock.now();
  const asked = doubts.map(
    ({ provider, certificate }) => [provider, certificateDigest(certificate)] as const,
  );
  const query = await say(core, settlementQuery, { kind: "certificates", at, asked });
  const answer = await ask(core, "queries", query, { isAwaited: true });
  if (!answer.ok) return answer;
  const split = decodeSequence(answer.value, { maxItems: MAX_ASKED, maxItemSize: MAX_MESSAGE });
  if (!split.ok) return err(malformed(split.error));
  const known = new Map<string, Known>();
  for (const [i, [provider, wanted]] of asked.entries()) {
    const message = split.value[i];
    if (message === undefined) return err(refusal("malformed", "an answer is missing"));
    const heard = await hear(core, reported, message);
    if (!heard.ok) return heard;
    const { kind, provider: of, digest, in: place } = heard.value.payload;
    const isIt = kind === "certificate" && of === provider && toHex(digest) === toHex(wanted);
    if (!isIt) return err(refusal("wrong-audience", "another certificate's answer"));
    known.set(toHex(digest), { acceptedAt: place?.at, askedAt: at });
  }
  return ok(known);
}
