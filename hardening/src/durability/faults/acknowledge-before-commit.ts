// Loaded into the provider's process before anything else: COMMIT is believed before it is sent.
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

const SOUND = '({ command } = await client.query("COMMIT"));';
const PLANTED = `command = "COMMIT";
    void client.query("SELECT pg_sleep(0.3)").catch(() => undefined);
    void client.query("COMMIT").catch(() => undefined);`;

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith("/src/db/commit.ts")) return loaded;
    const text = readFileSync(fileURLToPath(url), "utf8");
    if (!text.includes(SOUND)) throw new Error(`${url} has changed: plant this fault anew`);
    return { ...loaded, source: text.replace(SOUND, PLANTED) };
  },
});
