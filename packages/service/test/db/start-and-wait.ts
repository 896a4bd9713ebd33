// Serves from the data folder it is given until it is killed.
import process from "node:process";
import { unwrap } from "@bezant/protocol";
import { startEmbedded } from "../../src/db/index.ts";
import { withClient } from "../support/client.ts";

const { url, pid } = unwrap(await startEmbedded(process.argv[2] ?? ""));
await withClient(url, (client) => client.query("CREATE TABLE kept AS SELECT 7 AS value"));
process.stdout.write(JSON.stringify({ url, pid }));
