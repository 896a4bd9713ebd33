import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { Type, type Static, type TSchema } from "@fastify/type-provider-typebox";
import { err, ok, type Result } from "@bezant/protocol";
import { Check, Errors } from "typebox/value";

/** A path of a configuration: relative to its file, and one that a system can have. */
export const pathSchema = Type.String({ minLength: 1, pattern: "^[^\\u0000]*$" });

/** The configuration is at fault; nothing was started. */
export interface ConfigError {
  readonly code: "config-unreadable" | "config-malformed";
  /** For the operator. */
  readonly message: string;
}

export interface ConfigFile<T> {
  readonly value: T;
  /** A path of the file, which is relative to its folder, made absolute. */
  readonly at: (path: string) => string;
}

/** Reads a configuration file; what is unknown or missing in it is refused. */
export async function readConfigFile<S extends TSchema>(
  file: string,
  schema: S,
): Promise<Result<ConfigFile<Static<S>>, ConfigError>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    return err({ code: "config-unreadable", message: `${file}: ${String(error)}` });
  }
  if (!Check(schema, value)) {
    const [first] = Errors(schema, value);
    const message = `${file}: ${first?.instancePath ?? ""} ${first?.message ?? ""}`;
    return err({ code: "config-malformed", message });
  }
  const folder = dirname(resolve(file));
  return ok({ value, at: (path) => (isAbsolute(path) ? path : join(folder, path)) });
}
