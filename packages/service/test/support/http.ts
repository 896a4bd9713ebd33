import type { App } from "../../src/http/app.ts";

/** An answer, however it came. */
export class Reply {
  readonly status: number;
  readonly media: string;
  readonly #body: Uint8Array;

  constructor(status: number, media: string, body: Uint8Array) {
    this.status = status;
    this.media = media;
    this.#body = body;
  }

  /** The body of an answer that is not a problem. */
  bytes(): Uint8Array {
    if (this.status !== 200) throw new Error(`${this.status}: ${this.text()}`);
    return new Uint8Array(this.#body);
  }

  text(): string {
    return Buffer.from(this.#body).toString();
  }

  json(): unknown {
    return JSON.parse(this.text());
  }

  /** The code of a problem; "ok" for none. */
  code(): string {
    return this.status === 200 ? "ok" : (this.json() as { code: string }).code;
  }
}

export type Send = (request: {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array;
}) => Promise<Reply>;

/** Requests to a provider, by `inject` or over a real socket. */
export class Http {
  readonly send: Send;

  constructor(send: Send) {
    this.send = send;
  }

  cose(url: string, body: Uint8Array): Promise<Reply> {
    return this.post(url, body, "application/cose");
  }

  sequence(url: string, body: Uint8Array): Promise<Reply> {
    return this.post(url, body, "application/cbor-seq");
  }

  json(url: string, body: unknown): Promise<Reply> {
    return this.post(url, Buffer.from(JSON.stringify(body)), "application/json");
  }

  post(url: string, body: Uint8Array, media: string): Promise<Reply> {
    return this.send({ method: "POST", url, headers: { "content-type": media }, body });
  }

  get(url: string, token?: string): Promise<Reply> {
    const headers: Record<string, string> =
      token === undefined ? {} : { authorization: `Bearer ${token}` };
    return this.send({ method: "GET", url, headers });
  }
}

export function injected(app: () => App): Http {
  return new Http(async ({ method, url, headers, body }) => {
    const payload = body === undefined ? {} : { payload: Buffer.from(body) };
    const answer = await app().inject({ method, url, headers, ...payload });
    const media = String(answer.headers["content-type"] ?? "");
    return new Reply(answer.statusCode, media, answer.rawPayload);
  });
}

/** Over TCP to a server at this origin. @param send in whose name, where the server speaks mutual TLS */
export function overSocket(origin: string, send: typeof globalThis.fetch = fetch): Http {
  return new Http(async ({ method, url, headers, body }) => {
    const payload = body === undefined ? {} : { body: Buffer.from(body) };
    const answer = await send(origin + url, { method, headers, ...payload });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return new Reply(answer.status, answer.headers.get("content-type") ?? "", bytes);
  });
}
