import { err, isRefusalCode, ok, refusal, type Refusal, type Result } from "@bezant/protocol";

/** Where a message of a provider goes (protocol document §15). */
export type CentralBankRoute = "reports" | "allowances" | "payments" | "returns" | "queries";

export interface Manner {
  /** Somebody waits for the answer, and can as well ask again. */
  readonly isAwaited?: boolean;
}

/**
 * The central bank's service: bytes in, bytes out. Nothing it says counts for more than the signature under it, and
 * `settlement-unreachable` means that nobody knows whether the message arrived.
 */
export interface CentralBank {
  readonly post: (
    route: CentralBankRoute,
    body: Uint8Array,
    manner?: Manner,
  ) => Promise<Result<Uint8Array, Refusal>>;
  /** Brings status lists of institutions, or none; the answer are those that the central bank goes by (§16.3). CBOR sequences. */
  readonly exchangeLists?: (lists: Uint8Array) => Promise<Result<Uint8Array, Refusal>>;
  /** Where providers are reached (§16.5): a page of entries, those behind this provider's; and how one's own is brought. */
  readonly directory?: {
    readonly read: (after: string) => Promise<Result<Uint8Array, Refusal>>;
    readonly enter: (entry: Uint8Array) => Promise<Result<Uint8Array, Refusal>>;
  };
}

/** What this needs of a `fetch`, so that one over mutual TLS, or none at all, may stand in. */
export type PostBytes = (
  url: string,
  request: {
    readonly method: "POST" | "GET";
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: Uint8Array<ArrayBuffer>;
    readonly redirect: "error";
    readonly signal: AbortSignal;
  },
) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly arrayBuffer: () => Promise<ArrayBuffer>;
}>;

const TIMEOUT_MS = 30_000;
/** Where somebody waits; if it takes longer, a payment is on its way, and a question is asked again. */
const AWAITED_TIMEOUT_MS = 5000;
const SEQUENCES: readonly string[] = ["reports", "institutions"];

/** The central bank over HTTP. */
export function httpCentralBank(url: string, post: PostBytes): CentralBank {
  const send = async (
    route: CentralBankRoute | "institutions" | "directory",
    body: Uint8Array,
    { isAwaited = route === "payments" }: Manner = {},
  ): Promise<Result<Uint8Array, Refusal>> => {
    const type = SEQUENCES.includes(route) ? "application/cbor-seq" : "application/cose";
    return answered(() =>
      post(`${url}/v1/${route}`, {
        method: "POST",
        headers: { "content-type": type },
        body: new Uint8Array(body),
        redirect: "error",
        signal: AbortSignal.timeout(isAwaited ? AWAITED_TIMEOUT_MS : TIMEOUT_MS),
      }),
    );
  };
  const read = (after: string): Promise<Result<Uint8Array, Refusal>> =>
    answered(() =>
      post(`${url}/v1/directory${after === "" ? "" : `?after=${after}`}`, {
        method: "GET",
        headers: {},
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }),
    );
  return {
    post: send,
    exchangeLists: (lists) => send("institutions", lists),
    directory: { read, enter: (entry) => send("directory", entry) },
  };
}

async function answered(ask: () => ReturnType<PostBytes>): Promise<Result<Uint8Array, Refusal>> {
  try {
    const answer = await ask();
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return answer.ok ? ok(bytes) : err(readProblem(answer.status, bytes));
  } catch (error) {
    return err(refusal("settlement-unreachable", String(error)));
  }
}

/** RFC 9457; whatever is not such a document says nothing about the money. */
function readProblem(status: number, body: Uint8Array): Refusal {
  try {
    const problem: unknown = JSON.parse(new TextDecoder().decode(body));
    const { code, detail } = problem as { readonly code?: unknown; readonly detail?: unknown };
    if (isRefusalCode(code)) return refusal(code, typeof detail === "string" ? detail : undefined);
  } catch {
    // Not JSON: a proxy's page.
  }
  return refusal("settlement-unreachable", `status ${status}`);
}
