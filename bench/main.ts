import { tmpdir } from "node:os";
import { claimRate } from "./src/claims.ts";
import { messageSizes } from "./src/message-sizes.ts";
import { offlinePayment } from "./src/offline-payment.ts";
import { reporter, type Report } from "./src/report.ts";
import { statusLists } from "./src/status-lists.ts";
import { trustedApp } from "./src/trusted-app.ts";

const BENCHES: Readonly<Record<string, (report: Report) => Promise<void>>> = {
  "message-sizes": messageSizes,
  "status-lists": statusLists,
  "trusted-app": trustedApp,
  "offline-payment": (report) => offlinePayment(report, tmpdir()),
  claims: (report) => claimRate(report, tmpdir()),
};

const args = process.argv.slice(2);
const wanted = args.filter((arg) => arg !== "--json");
const unknown = wanted.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no ${unknown.join(", ")}; there are: ${Object.keys(BENCHES).join(", ")}.\n`,
  );
  process.exitCode = 2;
} else {
  const report = reporter(args.includes("--json"), (text) => process.stdout.write(text));
  for (const name of wanted.length > 0 ? wanted : Object.keys(BENCHES)) {
    await BENCHES[name]?.(report);
  }
}
