import {
  isCounter,
  isTaId,
  isWalletId,
  REFUSALS,
  refusal,
  toHex,
  walletId,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import type { Provider } from "@bezant/provider";
import { MESSAGE_ROUTES } from "@bezant/provider/routes";
import type { HttpResponse } from "@bezant/wallet";

/** A request as it travels: nobody has signed anything but what is in the body. */
export type Request = {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly token: string | undefined;
  readonly body: Uint8Array;
};

export type Response = {
  readonly status: number;
  readonly media: string;
  readonly body: Uint8Array;
  /** Of a refusal. */
  readonly code?: string;
};

/** A provider's HTTP interface (protocol document §14) without a socket: the routes are the server's own. */
export async function route(provider: Provider, request: Request): Promise<Response> {
  const { method, path, body } = request;
  if (method === "GET") return read(provider, request);
  const client = /^\/v1\/clients\/([0-9a-f]{64})\//.exec(path)?.[1] ?? "0".repeat(64);
  if (path.endsWith("/challenges")) return challenge(provider, client, body);
  const pattern = path.replace(client, ":client");
  const found = MESSAGE_ROUTES.find((one) => one.path === pattern);
  if (found === undefined) return problem(refusal("not-found"));
  const done = await found.run(provider, body, walletId(client));
  if (!done.ok) return problem(done.error);
  if (typeof found.answers !== "string") return json(done.value);
  return { status: 200, media: found.answers, body: done.value as Uint8Array };
}

async function challenge(provider: Provider, client: string, body: Uint8Array): Promise<Response> {
  const text = new TextDecoder().decode(body);
  const purpose = text === '{"purpose":"attest"}' ? "attest" : "token";
  const made = await provider.challenge(walletId(client), purpose);
  return answer(made, ({ nonce, expires }) => ({ nonce: toHex(nonce), expires }));
}

async function read(provider: Provider, { path, token }: Request): Promise<Response> {
  const { id, currency, chain, rootKeyId } = provider.info;
  if (path === "/v1/provider") {
    return json({ provider: id, currency, chain: chain.map(toHex), rootKeyId });
  }
  const [client = "", what, sender = "", index = ""] = path.split("/").slice(3);
  if (!isWalletId(client) || token === undefined) return problem(refusal("unauthorised"));
  const checked = provider.checkToken(client, token);
  if (!checked.ok) return problem(checked.error);
  if (what === "balance") {
    return answer(await provider.balance(client), ({ online, suspense, tas, ...rest }) => ({
      ...rest,
      online: `${online}`,
      suspense: `${suspense}`,
      tas: tas.map(({ d, w, stored, ...ta }) => ({
        ...ta,
        d: `${d}`,
        w: `${w}`,
        stored: `${stored}`,
      })),
    }));
  }
  const j = Number(index);
  if (what !== "outcomes" || !isTaId(sender) || !isCounter(j)) {
    return problem(refusal("not-found"));
  }
  const found = await provider.outcome(client, sender, j);
  if (!found.ok) return problem(found.error);
  return { status: 200, media: "application/cose", body: found.value };
}

function answer<T>(result: Result<T, Refusal>, toJson: (value: T) => object): Response {
  return result.ok ? json(toJson(result.value)) : problem(result.error);
}

function json(value: object): Response {
  return { status: 200, media: "application/json", body: encode(value) };
}

type AnyRefusal = Refusal & { readonly confirmations?: readonly Uint8Array[] };

function problem({ code, detail, confirmations }: AnyRefusal): Response {
  const { title, state } = REFUSALS[code];
  const shown = confirmations?.map(toHex);
  const body = encode({ code, title, state, detail, confirmations: shown });
  return { status: 422, media: "application/problem+json", body, code };
}

function encode(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** What the platform's `fetch` would make of it. */
export function toHttp({ status, media, body }: Response): HttpResponse {
  const parts = [body];
  return {
    status,
    headers: { get: (name) => (name.toLowerCase() === "content-type" ? media : null) },
    body: {
      getReader: () => ({
        read: () => {
          const value = parts.shift();
          return Promise.resolve(
            value === undefined ? { done: true as const } : { done: false as const, value },
          );
        },
        cancel: () => Promise.resolve(),
      }),
    },
  };
}
