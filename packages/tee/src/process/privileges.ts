import { statSync } from "node:fs";
import process from "node:process";

/** User ids from here on belong to nobody; each device gets one of its own. */
const FIRST_UID = 0x6000_0000;
const UIDS = 0x0fff_ffff;

/**
 * Where the process is root's, it becomes a user of its own that owns no file: what it needs it has open. That keeps
 * other users' programs, and the wallet's, out of its memory, and it out of their files. Some containers have no such
 * users; there it stays as it is, and says so. Returns its user id.
 */
export function becomeNobody(folder: string): number | null {
  const uid = FIRST_UID + (statSync(folder).ino % UIDS);
  const { getuid, setuid, setgid, setgroups } = process;
  if (getuid === undefined || setuid === undefined) return null;
  if (getuid() !== 0) return getuid();
  try {
    setgroups?.([]);
    setgid?.(uid);
    setuid(uid);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EPERM" && code !== "EINVAL") throw error;
  }
  return getuid();
}
