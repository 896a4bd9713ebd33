import { amount, counter, seconds } from "@bezant/protocol";
import { signPayment, type Holder, type PaymentTerms, without } from "../../test/world/signed.ts";
import { ask, termsOf, type Cast } from "./cast.ts";
import type { Trace } from "./recorder.ts";

/** Requests, and what is collected on them. */
export function receiving(cast: Cast): Trace {
  const it = cast.active();
  const sender = cast.ta();
  const request = ask(it, 10n);
  const { challenge, r } = termsOf(request);
  const terms: PaymentTerms = {
    x: 10n,
    receiver: it.id,
    receiverClass: "ta",
    j: 1,
    r,
    challenge,
  };
  const paid = (changes: Partial<PaymentTerms> = {}, by: Holder = sender) => ({
    payment: signPayment(by, { ...terms, ...changes }),
  });
  const { payment } = paid();
  it.refused("missing-certificate", "a payment without a certificate", "Collect", {
    payment: without(payment),
  });
  const conditional = paid({ type: "conditional" });
  it.refused("unsupported-payment-type", "a conditional one", "Collect", conditional);
  it.refused("wrong-audience", "to another TA", "Collect", paid({ receiver: cast.ta().id }));
  it.refused(
    "wrong-audience",
    "to a wallet of this id",
    "Collect",
    paid({ receiverClass: "wallet" }),
  );
  const changed = payment.with(-1, (payment.at(-1) ?? 0) ^ 1);
  it.refused("bad-signature", "a changed one", "Collect", { payment: changed });
  it.refused("request-mismatch", "less than was asked for", "Collect", paid({ x: 9n }));
  it.refused("unknown-request", "for a request that there is not", "Collect", paid({ r: 99 }));
  it.ok("the request again", "Resend", { kind: "request", n: r });
  it.ok("10 are collected", "Collect", paid());
  it.ok("the same payment again: the same outcome", "Collect", paid());
  it.refused("request-collected", "another's for the same request", "Collect", paid({}, cast.ta()));
  it.refused("request-collected", "what was collected cannot be cancelled", "CancelRequest", { r });
  it.ok("the outcome again", "Resend", { kind: "outcome", n: r });
  const second = termsOf(ask(it, 20n));
  it.ok("the second request is cancelled", "CancelRequest", { r: second.r });
  it.refused("request-void", "it is void", "CancelRequest", { r: second.r });
  const late = paid({ ...second, x: 20n, j: 2 });
  it.refused("request-void", "a payment that comes too late", "Collect", late);
  it.refused("unknown-request", "request 99 cannot be cancelled", "CancelRequest", {
    r: counter(99),
  });
  for (let n = 3; n <= 10; n += 1) ask(it, 1n, `request ${n}`);
  const another = { amount: amount(1n), expires: seconds(0), replaces: counter(0) };
  it.refused("requests-full", "a ninth open one", "RequestPayment", another);
  it.ok("in place of request 3", "RequestPayment", { ...another, replaces: counter(3) });
  const much = { ...another, amount: amount(100_000n), replaces: counter(4) };
  it.refused("limit-holding", "more than it may hold", "RequestPayment", much);
  it.ok("what it is now", "GetInfo", {});
  return it.trace("requests and collections", "13.2");
}
