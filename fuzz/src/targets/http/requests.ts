// Requests that nobody should make.
import { mutate, mutateBytes } from "../../mutate.ts";
import type { Random } from "../../random.ts";
import { corpus } from "../../vectors.ts";
import type { Request } from "./life.ts";
import { pathOf, type Route } from "./routes.ts";

/** What paths, queries and tokens are made of. */
export function wordsOf(requests: readonly Request[]): readonly string[] {
  const inPaths = requests.flatMap(({ path }) => path.split(/[/?&=]/)).filter(Boolean);
  return [...new Set([...inPaths, ...ODD_WORDS])];
}

const ODD_WORDS = [
  "0",
  "-1",
  "4294967296",
  "9".repeat(40),
  "..",
  "%",
  "'",
  "\u0000",
  "__proto__",
  "é",
  "f".repeat(64),
  "x".repeat(5_000),
];

/** A request that was made before, with one thing changed. */
export function changed(random: Random, request: Request, others: readonly Request[]): Request {
  const other = random.pick(others);
  switch (random.below(8)) {
    case 0:
      return { ...request, origin: other.origin };
    case 1:
      return { ...request, path: other.path };
    case 2:
      return { ...request, path: mutatePath(random, request.path) };
    case 3:
      return { ...request, headers: changeHeaders(random, request.headers, other.headers) };
    case 4:
      return { ...request, body: other.body };
    default:
      return { ...request, body: mutateSome(random, request.body) };
  }
}

/** A request to any route, with a body of any kind. */
export function invented(random: Random, route: Route, words: readonly string[]): Request {
  const { origin, method, media } = route;
  const query = random.chance(0.2) ? `?${random.pick(words)}=${random.pick(words)}` : "";
  const token = { authorization: `Bearer ${random.pick(words)}` };
  return {
    origin,
    method,
    path: pathOf(route, random, words) + query,
    headers: { ...(media && { "content-type": media }), ...(random.chance(0.3) ? token : {}) },
    body: method === "GET" ? new Uint8Array() : mutateSome(random, random.pick(corpus)),
  };
}

function mutateSome(random: Random, body: Uint8Array): Uint8Array {
  return new Uint8Array(mutate(random, body, corpus));
}

function mutatePath(random: Random, path: string): string {
  const bytes = mutateBytes(random, new TextEncoder().encode(path), [
    new TextEncoder().encode("/v1/clients/../../metrics?cursor=%00&limit=-1"),
  ]);
  return `/${new TextDecoder("latin1").decode(bytes)}`;
}

const MEDIA = ["application/cose", "application/cbor-seq", "application/json", "text/plain", "x"];

function changeHeaders(
  random: Random,
  headers: Request["headers"],
  others: Request["headers"],
): Request["headers"] {
  switch (random.below(4)) {
    case 0:
      return others;
    case 1:
      return {};
    case 2:
      return { ...headers, "content-type": random.pick(MEDIA) };
    default:
      return { ...headers, authorization: `Bearer ${random.next().toString(36)}` };
  }
}
