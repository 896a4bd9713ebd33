import measurement from "@bezant/trusted-app/measurement.json" with { type: "json" };
import { short } from "../wallet/approve.ts";
import { expectNobodyElse } from "./settlement.ts";
import type { Stage } from "./stage.ts";

/** The manufacturer's service starts; both providers ask it about every device. */
export function startManufacturer({ teller, network }: Stage): Promise<void> {
  return teller.step(
    "manufacturer",
    "The device maker's service starts, and publishes the trusted application of its devices",
    async (step) => {
      const { pid, url, institutionsUrl, databasePid } = await network.startManufacturer();
      step.fact(
        "device maker",
        `process ${pid}, at ${institutionsUrl}; its PostgreSQL: process ${databasePid}`,
      );
      step.fact("for devices", url);
      step.expect("it serves institutions over TLS", institutionsUrl.startsWith("https:"));
      await expectNobodyElse(step, institutionsUrl);
      const answer = await fetch(`${url}/oem/v1/releases`);
      const { releases } = (await answer.json()) as { releases: { measurement: string }[] };
      const { sha256, size } = measurement;
      step.fact("trusted app", `${size} bytes of WebAssembly, SHA-256 ${short(sha256)}`);
      const isOurs = releases.length === 1 && releases[0]?.measurement === sha256;
      step.expect("its developer has signed it, and the maker endorsed it", isOurs);
    },
  );
}
