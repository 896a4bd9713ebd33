import { randomBytes } from "node:crypto";
import pg from "pg";
import { INSTITUTIONS, type Databases, type InstitutionName } from "./found.ts";

/** An empty database for each institution on one server. @param url of the server, for whoever may make databases there */
export async function makeDatabases(url: string): Promise<Databases> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const run = randomBytes(4).toString("hex");
    const made: Partial<Record<InstitutionName, string>> = {};
    for (const name of INSTITUTIONS) {
      const database = `${name.replace("-", "_")}_${run}`;
      await client.query(`CREATE DATABASE ${database} OWNER bezant`);
      const own = new URL(url);
      own.pathname = database;
      own.username = "bezant";
      made[name] = own.href;
    }
    return made as Databases;
  } finally {
    await client.end();
  }
}

/** The superuser of a server that this project has started itself. */
export function asSuperuser(url: string): string {
  const privileged = new URL(url);
  privileged.username = "postgres";
  return privileged.href;
}
