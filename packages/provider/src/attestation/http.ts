import {
  err,
  isRefusalCode,
  MAX_MESSAGE,
  ok,
  refusal,
  type OemRoot,
  type Refusal,
} from "@bezant/protocol";
import type { OemVerifier } from "./verifier.ts";

/** The part of the platform's fetch that is needed. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

const PATH = "/oem/v1/attestations";
const TIMEOUT_MS = 10_000;
/** More than any result or problem takes. */
const MOST = 4 * MAX_MESSAGE;

/** A manufacturer's service over HTTP. */
export function httpVerifier(root: OemRoot, url: string, fetch: Fetch): OemVerifier {
  return {
    root,
    async ask(query) {
      try {
        const response = await fetch(`${url.replace(/\/+$/, "")}${PATH}`, {
          method: "POST",
          headers: { "content-type": "application/cbor" },
          body: query.slice().buffer,
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const body = await readBounded(response);
        return response.status === 200 ? ok(body) : err(refusalIn(body));
      } catch (error) {
        return err(refusal("unavailable", `the manufacturer's service: ${String(error)}`));
      }
    },
  };
}

/** What the service refused, in its own words; anything else means that it did not answer. */
function refusalIn(body: Uint8Array): Refusal {
  try {
    const problem = JSON.parse(new TextDecoder().decode(body)) as { readonly code?: unknown };
    if (isRefusalCode(problem.code)) return refusal(problem.code, "the manufacturer says so");
  } catch {
    // Not JSON: some proxy's page.
  }
  return refusal("unavailable", "the manufacturer's service failed");
}

async function readBounded({ body }: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > MOST) throw new RangeError("the answer is too long");
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
