// A manufacturer's server of its own, with a database of its own.
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_POLICY, startManufacturer } from "@bezant/manufacturer";
import { appointment, institutionId, makerToAnybody, seconds, unwrap } from "@bezant/protocol";
import { asSigner, newSigner, START } from "@bezant/testkit";

export interface Maker {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const YEAR = 365 * 24 * 60 * 60;

export async function startMaker(): Promise<Maker> {
  const folder = mkdtempSync(join(tmpdir(), "bezant-maker-"));
  // The database may have to run as another user.
  chmodSync(folder, 0o711);
  const [root, service, operator] = [newSigner(), newSigner(), newSigner()];
  const name = institutionId("oem");
  const validity = { nbf: seconds(START - YEAR), exp: seconds(START + YEAR) };
  const http = { requestsPerMinute: 1e6, trustProxy: false, log: undefined };
  const running = unwrap(
    await startManufacturer({
      identity: {
        root: { id: name, key: root.publicKey },
        appointment: appointment.sign(
          { purpose: "service", name, key: service.publicKey.compressed, ...validity },
          makerToAnybody(name),
          root,
        ),
      },
      signer: asSigner(service),
      policy: { ...DEFAULT_POLICY, trustedOses: [] },
      operators: [operator.publicKey],
      secret: randomBytes(32),
      database: { dataDir: join(folder, "db") },
      host: "127.0.0.1",
      port: 0,
      http,
      clock: { now: () => START },
    }),
  );
  const close = async (): Promise<void> => {
    await running.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url: running.url, close };
}
