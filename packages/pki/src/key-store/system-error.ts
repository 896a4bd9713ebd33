/** What a call of the system says of a path that somebody has written down: not there, no folder, not ours to read. */
export function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}
