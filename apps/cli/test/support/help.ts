import { bezant, type Ran } from "./bezant.ts";

/** A command that is no group of others, with its help. */
export type Helped = { readonly command: readonly string[]; readonly help: Ran };

/** Every command that the program says it has. */
export async function helpOfAll(cwd: string, group: readonly string[] = []): Promise<Helped[]> {
  const help = await bezant([...group, "--help"], { cwd });
  const [, commands] = help.stdout.split("Commands:");
  if (commands === undefined) return [{ command: group, help }];
  const names = [...commands.matchAll(/^ {2}([a-z][a-z0-9-]*)/gm)].map(([, name]) => name ?? "");
  const inside = names.filter((name) => name !== "help");
  return (await Promise.all(inside.map((name) => helpOfAll(cwd, [...group, name])))).flat();
}
