import {
  certificateDigest,
  err,
  MAX_ASKED,
  ok,
  toHex,
  type Doubt,
  type Refusal,
  type Result,
  type Seconds,
} from "@bezant/protocol";
import { done, fromDatabase, transact } from "@bezant/service";
import { LRUCache } from "lru-cache";
import { GroupCommitter } from "../claim/group-committer.ts";
import type { Core } from "../core/core.ts";
import type { Speaker } from "../settlement/speak.ts";
import { askReported } from "./ask.ts";
import { judge, together, type Confirmation, type Known } from "./judge.ts";
import { keepKnown, readKnown } from "./store.ts";

/** Answers that are kept in memory. */
const REMEMBERED = 16_384;

/** Seconds in which a central bank that did not answer is not asked again: many claims would each wait for it. */
const PATIENCE = 10;

type Asking = Speaker & Pick<Core, "db">;

/**
 * Whether certificates that a revoked key signed were reported to the central bank while the key was believed (protocol document
 * §16.3.5). The answers are kept; what many ask at once is asked in few messages.
 */
export class Reported {
  readonly #core: Asking;
  readonly #known = new LRUCache<string, Known>({ max: REMEMBERED });
  readonly #asking: GroupCommitter<Doubt, Confirmation>;
  #silentSince: Seconds | undefined;

  constructor(core: Asking) {
    this.#core = core;
    const bounds = { group: MAX_ASKED, inFlight: 2 };
    this.#asking = new GroupCommitter(bounds, (doubts) => this.#lookUp(doubts));
  }

  /** All of these together; without any doubt there is nothing to ask. */
  async confirm(doubts: readonly Doubt[]): Promise<Result<Confirmation, Refusal>> {
    const answers: Confirmation[] = [];
    for (const doubt of doubts) {
      // Nobody to ask: then a person has to know.
      if (this.#core.centralBank === undefined) return ok("unreported");
      const known = judge(doubt, this.#known.get(digestOf(doubt)));
      const answer = known === "unknown" ? await this.#asking.submit(doubt) : ok(known);
      if (!answer.ok) return answer;
      answers.push(answer.value);
    }
    return ok(together(answers));
  }

  async #lookUp(doubts: readonly Doubt[]): Promise<Result<readonly Confirmation[], Refusal>> {
    const { db } = this.#core;
    const read = await readKnown(db, [...new Set(doubts.map(digestOf))]);
    if (!read.ok) return err(fromDatabase(read.error));
    const known = read.value;
    const open = new Map<string, Doubt>();
    for (const doubt of doubts) {
      const digest = digestOf(doubt);
      if (judge(doubt, known.get(digest)) === "unknown") open.set(digest, doubt);
    }
    if (open.size > 0 && !this.#isSilent()) {
      const answered = await askReported(this.#core, [...open.values()]);
      this.#silentSince = answered.ok ? undefined : this.#core.clock.now();
      if (answered.ok) {
        // Where it could not be kept it is asked again, no more.
        await transact(db, async (transaction) => {
          await keepKnown(transaction, answered.value);
          return done(undefined);
        });
        for (const [digest, one] of answered.value) known.set(digest, one);
      }
    }
    for (const [digest, one] of known) this.#known.set(digest, one);
    return ok(doubts.map((doubt) => judge(doubt, known.get(digestOf(doubt)))));
  }

  #isSilent(): boolean {
    const since = this.#silentSince;
    return since !== undefined && this.#core.clock.now() < since + PATIENCE;
  }
}

function digestOf({ certificate }: Doubt): string {
  return toHex(certificateDigest(certificate));
}
