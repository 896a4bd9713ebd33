import { unwrap } from "@bezant/protocol";
import { startEmbedded, type EmbeddedPostgres } from "@bezant/service/db";

/** A PostgreSQL that is not the provider's business: it knows only its URL. */
export type SeparateServer = {
  readonly url: string;
  /** Process id of the postmaster. */
  readonly postmaster: () => number;
  /** Starts it, also after its processes were killed. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** The PostgreSQL that npm brought, started by this process as a server of its own. */
export async function bundledPostgres(dataDir: string): Promise<SeparateServer> {
  let server: EmbeddedPostgres = unwrap(await startEmbedded(dataDir));
  return {
    url: server.url,
    postmaster: () => server.pid,
    start: async () => {
      server = unwrap(await startEmbedded(dataDir));
    },
    stop: () => server.stop(),
  };
}
