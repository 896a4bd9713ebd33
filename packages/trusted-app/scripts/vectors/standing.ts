import { attach, keyIdOf, seconds, unwrap } from "@bezant/protocol";
import { limitsOf, START } from "../../test/world/institutions.ts";
import { signChunk, signConfirmation, signPayment, signRequest } from "../../test/world/signed.ts";
import { ask, termsOf, type Cast } from "./cast.ts";
import { answered, asked } from "./limits.ts";
import type { Trace } from "./recorder.ts";

const INDEX = 77;

/** Whom a TA takes for revoked. */
export function standing(cast: Cast): Trace {
  const { home } = cast;
  const own = { limits: limitsOf({ uncheckedCap: 60n }) };
  const it = cast.active(own.limits);
  cast.fund(it, 1000n);
  const pins = { ...own, epochs: [[home.id, 5]] } as const;
  it.ok("lists of its provider count from epoch 5 on", "Sync", answered(cast, it, asked(it), pins));
  const them = cast.ta(home, { statusIndex: INDEX });
  const vouches = signChunk(home, { epoch: 5 });
  const names = signChunk(home, { epoch: 5, revoked: [INDEX] });
  const old = signChunk(home, { epoch: 4 });
  let n = 0;
  const payTo = (x: bigint, status?: Uint8Array) => {
    n += 1;
    const request = signRequest(them, { x, r: n, challenge: new Uint8Array(8) });
    return { request, hint: seconds(0), ...(status === undefined ? {} : { status }) };
  };
  it.refused("payee-revoked", "a list names the payee", "Pay", payTo(1n, names));
  it.refused("payee-unchecked", "61 to whom nothing vouches for", "Pay", payTo(61n));
  it.refused("payee-unchecked", "an old list does not", "Pay", payTo(61n, old));
  it.ok("100 to whom a list vouches for", "Pay", payTo(100n, vouches));
  it.ok("40 to whom nothing does", "Pay", payTo(40n));
  const { challenge, r } = termsOf(ask(it, 21n));
  const payment = signPayment(them, {
    x: 21n,
    receiver: it.id,
    receiverClass: "ta",
    j: 1,
    r,
    challenge,
  });
  it.refused("payer-revoked", "a list names the payer", "Collect", { payment, status: names });
  it.refused("payer-unchecked", "21 more from whom nothing vouches for", "Collect", { payment });
  it.ok("with a list that does", "Collect", { payment, status: vouches });
  const { publicKey } = home.key;
  const revoked = { ...own, revokedKeys: [[keyIdOf(publicKey), seconds(START - 1)]] } as const;
  it.ok("a key of its provider is revoked", "Sync", answered(cast, it, asked(it), revoked));
  const late = signConfirmation(home, it.id, { d: 2, x: 1n });
  const confirmation = unwrap(attach(late, { chain: home.chain }));
  it.refused("issuer-revoked", "what it signs counts no more", "Deposit", { confirmation });
  it.refused("issuer-revoked", "what it has collected, again", "Collect", { payment });
  it.ok("but its outcome is had again", "Resend", { kind: "outcome", n: r });
  return it.trace("revoked, unchecked, vouched for", "13.6");
}
