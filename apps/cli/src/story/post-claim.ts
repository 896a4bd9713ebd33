import { err, isRefusalCode, ok, type Refusal, type Result, type WalletId } from "@bezant/protocol";

/** A claim as anybody can send it, past the client's wallet. */
export async function postClaim(
  url: string,
  client: WalletId,
  payment: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  const answer = await fetch(`${url}/v1/clients/${client}/claims`, {
    method: "POST",
    headers: { "content-type": "application/cose" },
    body: new Uint8Array(payment),
  });
  if (answer.ok) return ok(new Uint8Array(await answer.arrayBuffer()));
  const { code } = (await answer.json()) as { code?: unknown };
  if (!isRefusalCode(code)) throw new Error(`status ${answer.status}`);
  return err({ code });
}
