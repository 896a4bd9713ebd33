import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../random.ts";
import { childrenOf, isCommitting, isWriting, signalAll, type ServerProcess } from "./processes.ts";
import type { InstitutionProcess } from "./institution-process.ts";

/** What is killed: the provider; one backend; the postmaster alone; all of PostgreSQL; all of PostgreSQL and the provider. */
export const VICTIMS = ["provider", "backend", "postmaster", "postgres", "both"] as const;
export type Victim = (typeof VICTIMS)[number];

export type Kill = {
  readonly victim: Victim;
  /** Transactions that were writing, or committing, when everything was stopped to be killed. */
  readonly inFlight: number;
  readonly committing: number;
};

export type Target = {
  readonly provider: InstitutionProcess;
  readonly postmaster: number;
  /** The provider's backends, as they are at this moment. */
  readonly backends: () => readonly ServerProcess[] | Promise<readonly ServerProcess[]>;
};

const AIMS: readonly ((one: ServerProcess) => boolean)[] = [() => true, isWriting, isCommitting];
const AIM_MS = 1000;

/**
 * The moment is chance's, but two times out of three it waits a little for a transaction, or for a COMMIT, to hit. SIGSTOP comes
 * first, so that what is read off the processes' titles is what SIGKILL then meets: a backend that is frozen in the middle of
 * COMMIT dies there.
 */
export async function kill(
  victim: Victim,
  { provider, postmaster, backends: look }: Target,
  random: Random,
): Promise<Kill> {
  const aim = random.pick(AIMS);
  const deadline = performance.now() + AIM_MS;
  while (!(await look()).some(aim) && performance.now() < deadline) await sleep(1);

  const servers = victim === "provider" ? [] : childrenOf(postmaster).map(({ pid }) => pid);
  const frozen = victim === "provider" || victim === "both" ? [...servers, provider.pid] : servers;
  signalAll(frozen, "SIGSTOP");
  const found = await look();
  const one = victim === "backend" ? [random.pick(orElse(found.filter(isWriting), found))] : found;
  const dying = { provider: [], backend: one, postmaster: [], postgres: servers, both: servers };
  const pids = dying[victim].map((each) => (typeof each === "number" ? each : each.pid));
  if (victim === "provider" || victim === "both") pids.push(provider.pid);
  if (victim !== "provider" && victim !== "backend") pids.push(postmaster);
  signalAll(pids, "SIGKILL");
  signalAll(frozen, "SIGCONT");
  return {
    victim,
    inFlight: one.filter(isWriting).length,
    committing: one.filter(isCommitting).length,
  };
}

function orElse<T>(some: readonly T[], otherwise: readonly T[]): readonly T[] {
  return some.length > 0 ? some : otherwise;
}
