/** What the process says to the shell. Stable: scripts rely on them. */
export const EXIT = {
  /** Done. */
  ok: 0,
  /** Refused, as a value with a code; nothing moved unless the message says otherwise. */
  refused: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** Not known or not finished: the same command again, or `bezant wallet resume`, goes on. */
  pending: 3,
  /** Ended by Ctrl-C or SIGTERM before it was done, as shells say it. */
  interrupted: 130,
  /** A bug of this program. */
  bug: 70,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
