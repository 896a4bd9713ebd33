import { concatBytes, err, isRefusalCode, ok, refusal, type Result } from "@bezant/protocol";
import type { BodyReader, Fetch, HttpResponse } from "../core/parts.ts";
import { walletRefusal, type WalletRefusal } from "../refusals.ts";
import { hexBytes, list, object, orElse, readJson, string } from "./json.ts";

/** Where a provider is reached. */
export type Way = { readonly fetch: Fetch; readonly url: string };

export type Media = "application/cose" | "application/cbor" | "application/cbor-seq";
export const JSON_MEDIA = "application/json";

export type Call = {
  readonly path: string;
  /** Absent: a GET. */
  readonly body?: { readonly media: Media | typeof JSON_MEDIA; readonly bytes: Uint8Array };
  readonly token?: string;
  readonly answers: Media | typeof JSON_MEDIA;
  /** Bytes of the answer at most. */
  readonly limit: number;
};

export type ProviderRefusal = WalletRefusal & {
  /** With `deposit-outstanding`: what the TA has to apply first. */
  readonly confirmations?: readonly Uint8Array[];
};

const PROBLEM = "application/problem+json";
const MAX_PROBLEM = 1 << 20;

/** One request, and the body of its answer. Every message may be sent again: it counts once. */
export async function send(
  { fetch, url }: Way,
  call: Call,
): Promise<Result<Uint8Array, ProviderRefusal>> {
  const { path, body, token, answers, limit } = call;
  const headers: Record<string, string> = { accept: `${answers}, ${PROBLEM}` };
  if (body !== undefined) headers["content-type"] = body.media;
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  const method = body === undefined ? "GET" : "POST";
  const content = body === undefined ? {} : { body: new Uint8Array(body.bytes) };
  let response: HttpResponse;
  let answer: Uint8Array | undefined;
  try {
    response = await fetch(url + path, { method, headers, redirect: "error", ...content });
    answer = await readBody(response, isGood(response) ? limit : MAX_PROBLEM);
  } catch (error) {
    return err(walletRefusal("provider-unreachable", describe(error)));
  }
  if (answer === undefined) return err(walletRefusal("provider-unreadable", "too long"));
  const media = mediaOf(response);
  if (isGood(response) && media === answers) return ok(answer);
  if (!isGood(response) && media === PROBLEM) return err(readProblem(answer));
  return err(walletRefusal("provider-unreadable", `status ${response.status}, ${media}`));
}

function isGood({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300;
}

function mediaOf({ headers }: HttpResponse): string {
  return (headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** Undefined for a body that is longer than the limit. */
async function readBody({ body }: HttpResponse, limit: number): Promise<Uint8Array | undefined> {
  const reader: BodyReader | undefined = body?.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const part = await reader?.read();
    if (part === undefined || part.done) return concatBytes(...parts);
    length += part.value.length;
    if (length > limit) {
      await reader?.cancel();
      return undefined;
    }
    parts.push(part.value);
  }
}

const problem = object({
  code: string,
  title: orElse(string, ""),
  state: orElse(string, "unknown"),
  detail: orElse(string, null),
  confirmations: orElse(list(hexBytes, 4096), null),
});

/** RFC 9457. */
function readProblem(body: Uint8Array): ProviderRefusal {
  const read = readJson(body, problem);
  if (read === undefined) return walletRefusal("provider-unreadable", "a problem without a code");
  const { code, title, state, detail, confirmations } = read;
  if (!isRefusalCode(code)) {
    const said = `${code}: ${title}`;
    return walletRefusal(
      state === "nothing-moved" ? "provider-refused" : "provider-unreadable",
      said,
    );
  }
  return {
    ...refusal(code, detail ?? undefined),
    ...(confirmations === null ? {} : { confirmations }),
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
