// What a server says that it answers, so that a new route is tried from the day it is described.
import type { Random } from "../../random.ts";

export interface Route {
  readonly origin: string;
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  /** Of its body. */
  readonly media?: string;
}

interface OpenApi {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          { readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> } }
        >
      >
    >
  >;
}

export async function routesOf(origin: string): Promise<Route[]> {
  const answer = await fetch(`${origin}/openapi.json`);
  const { paths } = (await answer.json()) as OpenApi;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { requestBody }]) => {
      const [media] = Object.keys(requestBody?.content ?? {});
      return { origin, method: method.toUpperCase(), path, ...(media && { media }) };
    }),
  );
}

/** A path of the route, with these values, or odd ones, in the places of its parameters. */
export function pathOf({ path }: Route, random: Random, values: readonly string[]): string {
  return path.replaceAll(/\{[^}]+\}/g, () => encodeURIComponent(random.pick(values)));
}
