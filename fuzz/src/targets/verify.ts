import { nodeVerifier } from "@bezant/pki/node";
import {
  certVerify,
  currency,
  decompress,
  fromHex,
  institutionId,
  payment,
  paymentRequest,
  payVerify,
  requestVerify,
  runChecks,
  seconds,
  toHex,
  TrustStore,
  unwrap,
  type Chain,
  type CompressedKey,
  type SignatureCheck,
} from "@bezant/protocol";
import { mutate } from "../mutate.ts";
import { must, type Target } from "../target.ts";
import { corpus, examples, vectors } from "../vectors.ts";

interface Case {
  readonly given: {
    readonly root: { readonly id: string; readonly key: string };
    readonly currency: string;
    readonly now: number;
    readonly bytes?: string;
    readonly certificate?: string;
    readonly chain?: readonly string[];
  };
}

const [first] = vectors<Case>("payments.json");
if (first === undefined) throw new Error("there are no vectors of payments");
const { root, currency: money, now } = first.given;
const at = seconds(now);
const trust = new TrustStore({
  root: { id: institutionId(root.id), key: unwrap(decompress(root.key as CompressedKey)) },
  currency: currency(money),
});

const real = nodeVerifier();
const verified = new Map<string, boolean>();
/** Real signatures, each looked at once. */
const verifier = {
  verify(check: SignatureCheck): boolean {
    const question = `${check.key}${toHex(check.signature)}${toHex(check.message)}`;
    const known = verified.get(question) ?? real.verify(check);
    if (verified.size > 20_000) verified.clear();
    verified.set(question, known);
    return known;
  },
};

/** Payloads that somebody has really signed: nothing else may come out of a verification. */
const signed = new Set([...examples.map((it) => it.payloadBytes), ...payloadsOf("payments.json")]);
for (const payload of payloadsOf("payment-requests.json")) signed.add(payload);

const signedMessages = ["payments.json", "payment-requests.json"].flatMap((file) =>
  vectors<Case>(file).flatMap(({ given }) =>
    given.bytes === undefined ? [] : [fromHex(given.bytes)],
  ),
);

/** PayVerify and the verification of requests: only what was signed passes. */
export const payVerification: Target = {
  name: "pay-verify",
  make: (random) => [mutate(random, random.pick(signedMessages), signedMessages)],
  run([bytes = new Uint8Array()]) {
    for (const verify of [payVerify, requestVerify] as const) {
      const pending = verify(bytes, { trust, now: at });
      if (!pending.ok) continue;
      const done = runChecks<unknown>(pending.value, verifier);
      if (done.ok)
        must(
          [...signed].some((payload) => toHex(bytes).includes(payload)),
          "was signed",
        );
    }
  },
};

const certificates = vectors<Case>("certificates.json").flatMap(({ given }) => {
  const { certificate, chain = [] } = given;
  return certificate === undefined ? [] : [[certificate, ...chain].map(fromHex)];
});
const known = new Set(corpus.map(toHex));

/** CertVerify with a chain: what passes is a certificate that was issued, as it was issued. */
export const certVerification: Target = {
  name: "cert-verify",
  make(random) {
    const parts = random.pick(certificates);
    const place = random.below(parts.length);
    return parts.map((part, i) =>
      i === place || random.chance(0.1) ? mutate(random, part, certificates.flat()) : part,
    );
  },
  run([certificate = new Uint8Array(), ...rest]) {
    const chain = rest.length === 2 ? (rest as unknown as Chain) : undefined;
    const roles = ["ta", "wallet"] as const;
    const pending = certVerify({ certificate, chain, trust, roles, now: at });
    if (!pending.ok) return;
    const done = runChecks(pending.value, verifier);
    if (!done.ok) return;
    must(known.has(toHex(certificate)), "was issued");
    must(
      (chain ?? []).every((each) => known.has(toHex(each))),
      "its chain was issued",
    );
  },
};

function payloadsOf(file: string): string[] {
  return vectors<Case>(file).flatMap(({ given: { bytes } }) =>
    bytes === undefined
      ? []
      : [payment, paymentRequest].flatMap((kind) => {
          const parsed = kind.parse(fromHex(bytes));
          return parsed.ok ? [toHex(parsed.value.payloadBytes)] : [];
        }),
  );
}
