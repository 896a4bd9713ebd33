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

const HELP = `Measures what payments cost, each figure beside its floor. Run it alone.

  npm run bench -- [NAME]... [--json]

  NAME    only these: ${Object.keys(BENCHES).join(", ")}
  --json  a line of JSON for each figure
`;

const args = process.argv.slice(2);
const wanted = args.filter((arg) => arg !== "--json");
const unknown = wanted.filter((name) => !(name in BENCHES));
// Whoever reads no further, as `head` does, has had enough.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});
if (args.includes("--help")) process.stdout.write(HELP);
else if (unknown.length > 0) {
  process.stderr.write(`There is no ${unknown.join(", ")}.\n\n${HELP}`);
  process.exitCode = 2;
} else {
  const report = reporter(args.includes("--json"), (text) => process.stdout.write(text));
  for (const name of wanted.length > 0 ? wanted : Object.keys(BENCHES)) {
    await BENCHES[name]?.(report);
  }
}
