/** The part of CDDL (RFC 8610) that docs/protocol.cddl is written in: its reader. */

export type Type =
  | { readonly kind: "literal"; readonly value: bigint | string }
  | { readonly kind: "name"; readonly name: string; readonly args: readonly Type[] }
  | { readonly kind: "control"; readonly op: string; readonly on: Type; readonly by: Type }
  | { readonly kind: "choice"; readonly types: readonly Type[] }
  | { readonly kind: "map"; readonly entries: readonly Entry[] }
  | { readonly kind: "array"; readonly entries: readonly Entry[] };

export type Entry = {
  readonly min: number;
  readonly max: number;
  readonly key: bigint | undefined;
  readonly type: Type;
};

export type Rule = { readonly parameters: readonly string[]; readonly type: Type };
export type Grammar = ReadonlyMap<string, Rule>;

const TOKEN =
  /\s+|;[^\n]*|(?<string>"[^"]*")|(?<control>\.[a-z]+)|(?<occurs>[0-9]+\*[0-9]+|\?)|(?<number>-?[0-9]+)|(?<name>[a-zA-Z_][a-zA-Z0-9_-]*)|(?<mark>[={}[\]<>(),:/])/gy;

type Token = { readonly kind: string; readonly text: string };

export function readGrammar(text: string): Grammar {
  const tokens = tokenise(text);
  const rules = new Map<string, Rule>();
  let at = 0;

  const peek = (ahead = 0): Token => tokens[at + ahead] ?? { kind: "end", text: "" };
  const take = (wanted?: string): Token => {
    const token = peek();
    if (wanted !== undefined && token.text !== wanted) {
      throw new SyntaxError(`${wanted} expected, not ${token.text} (token ${at})`);
    }
    at += 1;
    return token;
  };
  const list = <T>(item: () => T, end: string): T[] => {
    const items: T[] = [];
    while (peek().text !== end) {
      items.push(item());
      if (peek().text !== end) take(",");
    }
    take(end);
    return items;
  };

  const type = (): Type => {
    const types = [type1()];
    while (peek().text === "/") {
      take();
      types.push(type1());
    }
    const [only] = types;
    return types.length === 1 && only !== undefined ? only : { kind: "choice", types };
  };
  const type1 = (): Type => {
    let on = type2();
    while (peek().kind === "control") on = { kind: "control", op: take().text, on, by: type2() };
    return on;
  };
  const type2 = (): Type => {
    const token = take();
    if (token.kind === "number") return { kind: "literal", value: BigInt(token.text) };
    if (token.kind === "string") return { kind: "literal", value: token.text.slice(1, -1) };
    if (token.text === "{") return { kind: "map", entries: list(entry, "}") };
    if (token.text === "[") return { kind: "array", entries: list(entry, "]") };
    if (token.text === "(") {
      const inner = type();
      take(")");
      return inner;
    }
    if (token.kind !== "name") throw new SyntaxError(`a type expected, not ${token.text}`);
    return { kind: "name", name: token.text, args: peek().text === "<" ? generics(type1) : [] };
  };
  const generics = <T>(item: () => T): T[] => {
    take("<");
    return list(item, ">");
  };
  const entry = (): Entry => {
    const occurs = peek().kind === "occurs" ? take().text : "1*1";
    const [min, max] = occurs === "?" ? [0, 1] : occurs.split("*").map(Number);
    const keyed = peek(1).text === ":";
    const token = keyed ? take() : undefined;
    if (keyed) take(":");
    const key = token?.kind === "number" ? BigInt(token.text) : undefined;
    return { min: min as number, max: max as number, key, type: type() };
  };

  while (peek().kind !== "end") {
    const { text: name } = take();
    const parameters = peek().text === "<" ? generics(() => take().text) : [];
    take("=");
    if (rules.has(name)) throw new SyntaxError(`two rules for ${name}`);
    rules.set(name, { parameters, type: type() });
  }
  return rules;
}

function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw new SyntaxError(`no token: ${text.slice(from, from + 20)}`);
    for (const [kind, value] of Object.entries(match.groups ?? {})) {
      if ((value as string | undefined) !== undefined) tokens.push({ kind, text: value });
    }
  }
  return tokens;
}
