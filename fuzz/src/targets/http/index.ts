import { REFUSALS } from "@bezant/protocol";
import { isBalanced as isBankBalanced } from "@bezant/central-bank";
import { isBalanced } from "@bezant/provider";
import { must, type Target } from "../../target.ts";
import { live, type Life, type Request } from "./life.ts";
import { startMaker, type Maker } from "./maker.ts";
import { changed, invented, wordsOf } from "./requests.ts";
import { routesOf, type Route } from "./routes.ts";

const PROVIDERS = ["alpha", "beta"];
const PROBLEM = "application/problem+json";
const PATIENCE_MS = 30_000;
/** After so many requests the books are looked at. */
const LOOK_EVERY = 100;

interface Running extends Life {
  readonly maker: Maker;
  readonly routes: readonly Route[];
  readonly origins: ReadonlySet<string>;
  /** What paths, queries and tokens are made of. */
  readonly words: readonly string[];
  /** All that money can be seen in. */
  readonly books: string;
  given: number;
}

let running: Running | undefined;

/** Every route of a provider, of the central bank and of a manufacturer, in a network that has lived before. */
export const http: Target = {
  name: "http",
  async begin() {
    const life = await live();
    const maker = await startMaker();
    const { network, bank, requests } = life;
    const origins = PROVIDERS.flatMap((id) => {
      const { url, institutionsUrl } = network.provider(id);
      return [url, institutionsUrl];
    });
    const servers = [...origins, bank.url, maker.url];
    const routes = (await Promise.all(servers.map(routesOf))).flat();
    const words = wordsOf(requests);
    const books = await booksOf(life);
    running = { ...life, maker, routes, origins: new Set(servers), words, books, given: 0 };
  },
  make(random) {
    const { requests, routes, words } = need();
    const made = random.chance(0.6)
      ? changed(random, random.pick(requests), requests)
      : invented(random, random.pick(routes), words);
    const { body, ...head } = made;
    return [new TextEncoder().encode(JSON.stringify(head)), body];
  },
  async run([head = new Uint8Array(), body = new Uint8Array()]) {
    const request = readHead(head);
    const now = need();
    if (request === undefined || !now.origins.has(request.origin)) return;
    const answer = await send(request, body);
    if (answer !== undefined) await check(answer);
    now.given += 1;
    if (now.given % LOOK_EVERY > 0) return;
    must((await booksOf(now)) === now.books, `the books after ${LOOK_EVERY} requests`);
  },
  async end() {
    const last = need();
    running = undefined;
    const after = await booksOf(last);
    await last.maker.close();
    await last.network.close();
    must(after === last.books, "the books in the end");
  },
};

function need(): Running {
  if (running === undefined) throw new Error("no network runs");
  return running;
}

/** All balances of all ledgers, as one text; throws where a ledger is off. */
async function booksOf({ network, bank }: Life): Promise<string> {
  const own = await Promise.all(PROVIDERS.map((id) => network.provider(id).audit()));
  const supply = await bank.audit();
  must(own.every(isBalanced) && isBankBalanced(supply), "ledgers that are balanced");
  const asText = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}` : value);
  const { issuance, circulation } = supply;
  return JSON.stringify([own.map(({ balances }) => balances), issuance, circulation], asText);
}

type Head = Omit<Request, "body">;

/** What shrinking leaves of a head may be none. */
function readHead(bytes: Uint8Array): Head | undefined {
  try {
    const head = JSON.parse(new TextDecoder().decode(bytes)) as Head;
    return typeof head.origin === "string" && typeof head.path === "string" ? head : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined: no HTTP client sends this. */
async function send(
  { origin, path, method, headers }: Head,
  body: Uint8Array,
): Promise<Response | undefined> {
  const content = method === "POST" ? { body: new Uint8Array(body) } : {};
  let request: globalThis.Request;
  try {
    request = new Request(origin + path, { method, headers, ...content });
  } catch {
    return undefined;
  }
  return fetch(request, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS) });
}

/** Done, or refused with a known code and what became of the money; nothing that a client sends is the server's bug. */
async function check(answer: Response): Promise<void> {
  const text = await answer.text();
  if (answer.status < 400) return;
  must(answer.status < 500, `status ${answer.status}: ${text}`);
  const media = answer.headers.get("content-type") ?? "";
  must(media.startsWith(PROBLEM), `${answer.status} as ${media}: ${text}`);
  const { code, state, money, next } = JSON.parse(text) as Record<string, string>;
  const known: Partial<Record<string, { readonly state: string }>> = REFUSALS;
  must(known[code ?? ""]?.state === state, `the code ${code} with the state ${state}`);
  must(Boolean(money) && Boolean(next), `${code} without words on the money`);
}
