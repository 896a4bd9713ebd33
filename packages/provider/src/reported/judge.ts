import { CLOCK_SKEW, type Doubt, type Seconds } from "@bezant/protocol";

/** Whether a certificate was reported before the key above it was revoked; unknown: nobody can say it now. */
export type Confirmation = "confirmed" | "unreported" | "unknown";

/** What the central bank has said of a certificate. */
export interface Known {
  /** When the first report that names it was accepted; undefined: none had, when this was asked. */
  readonly acceptedAt: Seconds | undefined;
  readonly askedAt: Seconds;
}

/** What is known decides for good, or not yet: what no report names so far may still be named in time. */
export function judge({ until }: Doubt, known: Known | undefined): Confirmation {
  if (known === undefined) return "unknown";
  const { acceptedAt, askedAt } = known;
  if (acceptedAt !== undefined) return acceptedAt <= until ? "confirmed" : "unreported";
  // The central bank's clock may be behind the one that asked.
  return askedAt > until + CLOCK_SKEW ? "unreported" : "unknown";
}

/** Every certificate of a path has to have been reported. */
export function together(answers: readonly Confirmation[]): Confirmation {
  if (answers.includes("unreported")) return "unreported";
  return answers.includes("unknown") ? "unknown" : "confirmed";
}
