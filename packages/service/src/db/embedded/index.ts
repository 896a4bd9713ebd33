import { ok, type Result } from "@bezant/protocol";
import { findNativeFolder, openBinaries } from "./binaries.ts";
import { openCluster } from "./cluster.ts";
import type { EmbeddedError } from "./error.ts";
import { DATABASE, holdCluster } from "./holder.ts";
import { killPostmaster, runPostmaster, stopPostmaster } from "./postmaster.ts";
import { ownerAs } from "./run-as.ts";
import { openSocketFolder } from "./socket-folder.ts";

export type { EmbeddedError, EmbeddedErrorCode } from "./error.ts";

/** A running PostgreSQL of our own, reached over a Unix socket that only its user and root can open. */
export interface EmbeddedPostgres {
  /** For `DATABASE_URL` of another process, or for psql. */
  readonly url: string;
  readonly pid: number;
  /** It was already running: the process that had started it died. */
  readonly adopted: boolean;
  /** Stops the server, with its open transactions undone and everything committed on disk. */
  stop(): Promise<void>;
  /** Kills the server as a power cut would, for tests of recovery. */
  kill(): Promise<void>;
}

/**
 * Starts PostgreSQL on a data folder, which may be missing, empty or in use by a server whose process died.
 * The folder is the database's alone; one process at a time may serve from it.
 */
export async function startEmbedded(
  dataDir: string,
): Promise<Result<EmbeddedPostgres, EmbeddedError>> {
  const native = findNativeFolder();
  if (!native.ok) return native;
  const binaries = openBinaries(native.value);
  if (!binaries.ok) return binaries;
  const cluster = await openCluster(dataDir, binaries.value);
  if (!cluster.ok) return cluster;
  const { path, runAs } = cluster.value;
  const socket = openSocketFolder(cluster.value.dataDir, ownerAs(runAs));
  if (!socket.ok) return socket;
  const started = await runPostmaster(cluster.value, binaries.value, socket.value);
  if (!started.ok) return started;
  const postmaster = started.value;
  const hold = await holdCluster(postmaster);
  if (!hold.ok) {
    const ours = !postmaster.adopted && hold.error.code !== "data-folder-in-use";
    if (ours) await stopPostmaster(postmaster, path);
    return hold;
  }

  const host = encodeURIComponent(postmaster.socketFolder);
  return ok({
    url: `postgresql://${DATABASE}@localhost:${postmaster.port}/${DATABASE}?host=${host}`,
    pid: postmaster.pid,
    adopted: postmaster.adopted,
    stop: async () => {
      await hold.value.release();
      await stopPostmaster(postmaster, path);
    },
    kill: () => killPostmaster(postmaster, path),
  });
}
