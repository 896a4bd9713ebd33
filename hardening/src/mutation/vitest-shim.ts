/**
 * What the tests import as `vitest` while mutants are tried: it collects tests instead of running them, so that one process can
 * run any of them as often as it likes.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from "@vitest/expect";
import * as chai from "chai";

type Body = (...input: never[]) => unknown;
type Hook = () => unknown;

/** A file, or a `describe` in it. */
type Suite = {
  readonly parent: Suite | undefined;
  readonly beforeAll: Hook[];
  readonly afterAll: Hook[];
  readonly beforeEach: Hook[];
  readonly afterEach: Hook[];
  isPrepared: boolean;
};

export type Test = { readonly name: string; readonly suite: Suite; readonly body: Hook };

let current = newSuite(undefined);
let path: string[] = [];
let collected: Test[] = [];

function newSuite(parent: Suite | undefined): Suite {
  return { parent, beforeAll: [], afterAll: [], beforeEach: [], afterEach: [], isPrepared: false };
}

/** Imports a test file, and answers its tests. */
export async function collect(file: string, load: () => Promise<unknown>): Promise<Test[]> {
  [current, path, collected] = [newSuite(undefined), [file], []];
  await load();
  return collected;
}

/** Runs one test with what has to come before and after it; throws what it throws. */
export async function runTest({ suite, body }: Test): Promise<void> {
  const around = lineage(suite);
  for (const one of around) {
    if (one.isPrepared) continue;
    one.isPrepared = true;
    for (const hook of one.beforeAll) await hook();
  }
  for (const one of around) for (const hook of one.beforeEach) await hook();
  try {
    await body();
  } finally {
    for (const one of around.toReversed()) for (const hook of one.afterEach) await hook();
  }
}

/** Ends what `beforeAll` began. */
export async function tearDown(tests: readonly Test[]): Promise<void> {
  for (const suite of new Set(tests.flatMap((test) => lineage(test.suite))).values()) {
    if (suite.isPrepared) for (const hook of suite.afterAll.toReversed()) await hook();
    suite.isPrepared = false;
  }
}

function lineage(suite: Suite): Suite[] {
  return suite.parent === undefined ? [suite] : [...lineage(suite.parent), suite];
}

function declareSuite(name: unknown, ...rest: unknown[]): void {
  const body = bodyOf(rest);
  const [outer, outerPath] = [current, path];
  current = newSuite(outer);
  path = [...path, String(name)];
  void body();
  [current, path] = [outer, outerPath];
}

function declareTest(name: unknown, ...rest: unknown[]): void {
  const body = bodyOf(rest);
  collected.push({ name: [...path, String(name)].join(" > "), suite: current, body });
}

function bodyOf(rest: readonly unknown[]): Body {
  const body = rest.find((one) => typeof one === "function");
  if (body === undefined) throw new TypeError("a test without a body");
  return body as Body;
}

type Declare = (name: unknown, ...rest: unknown[]) => void;

function variants(declare: Declare) {
  const nothing: Declare = () => undefined;
  const each =
    (table: readonly unknown[]): Declare =>
    (name, ...rest) => {
      const body = bodyOf(rest);
      for (const [index, row] of table.entries()) {
        const input = (Array.isArray(row) ? row : [row]) as never[];
        declare(`${String(name)} #${index}`, () => body(...input));
      }
    };
  return Object.assign(declare.bind(undefined), {
    each,
    for: each,
    skip: nothing,
    runIf: (holds: boolean) => (holds ? declare : nothing),
    skipIf: (holds: boolean) => (holds ? nothing : declare),
  });
}

export const describe = variants(declareSuite);
export const test = variants(declareTest);
export const it = test;
export const beforeAll = (hook: Hook): number => current.beforeAll.push(hook);
export const afterAll = (hook: Hook): number => current.afterAll.push(hook);
export const beforeEach = (hook: Hook): number => current.beforeEach.push(hook);
export const afterEach = (hook: Hook): number => current.afterEach.push(hook);
export const vi = { setConfig: (): void => undefined };

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
const asserting = (value: unknown, message?: string): Chai.Assertion => chai.expect(value, message);
export const expect = Object.assign(
  asserting,
  chai.expect,
  (globalThis as unknown as Record<symbol, object>)[ASYMMETRIC_MATCHERS_OBJECT],
  {
    extend: (matchers: object) =>
      (chai.expect as unknown as { extend: (of: unknown, matchers: object) => void }).extend(
        asserting,
        matchers,
      ),
  },
);
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect, writable: true });
setState({ assertionCalls: 0, isExpectingAssertions: false }, expect as never);

/** Types were checked when the program was compiled. */
export const expectTypeOf = (): unknown => anything;
const anything: unknown = new Proxy(() => undefined, {
  get: () => anything,
  apply: () => anything,
});
