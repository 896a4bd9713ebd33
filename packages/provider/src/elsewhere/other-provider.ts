import {
  err,
  isRefusalCode,
  ok,
  refusal,
  type ProviderId,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import type { PostBytes } from "../settlement/central-bank.ts";

/** The way to another provider. What it answers counts for no more than the signature under it. */
export interface OtherProvider {
  readonly id: ProviderId;
  /** `outcomeQuery` → outcome; `outcome-unreachable` where nobody answers. */
  readonly askOutcome: (query: Uint8Array) => Promise<Result<Uint8Array, Refusal>>;
}

/** A wallet waits for it. */
const TIMEOUT_MS = 5000;

/** Another provider over HTTP: the listener that it has for institutions. */
export function httpProvider(id: ProviderId, url: string, post: PostBytes): OtherProvider {
  return {
    id,
    askOutcome: async (query) => {
      try {
        const answer = await post(`${url}/v1/outcomes`, {
          method: "POST",
          headers: { "content-type": "application/cose" },
          body: new Uint8Array(query),
          redirect: "error",
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const bytes = new Uint8Array(await answer.arrayBuffer());
        return answer.ok ? ok(bytes) : err(readProblem(answer.status, bytes));
      } catch (error) {
        return err(refusal("outcome-unreachable", String(error)));
      }
    },
  };
}

/** That there is no outcome yet is an answer; any other refusal is the two providers' own business. */
function readProblem(status: number, body: Uint8Array): Refusal {
  try {
    const { code } = JSON.parse(new TextDecoder().decode(body)) as { readonly code?: unknown };
    if (code === "unknown-outcome") return refusal(code);
    if (isRefusalCode(code)) return refusal("outcome-unreachable", code);
  } catch {
    // Not JSON: a proxy's page.
  }
  return refusal("outcome-unreachable", `status ${status}`);
}
