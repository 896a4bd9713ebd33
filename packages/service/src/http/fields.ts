import { Type } from "@fastify/type-provider-typebox";

// How bodies and answers in JSON look: amounts and sequence numbers as decimal strings, bytes in lowercase hex.

export const hex = (bytes: number, description: string) =>
  Type.String({ pattern: `^[0-9a-f]{${2 * bytes}}$`, description });
export const anyHex = (description: string) =>
  Type.String({ pattern: "^([0-9a-f]{2})*$", description });
export const amount = (description: string) =>
  Type.String({ pattern: "^(0|[1-9][0-9]*)$", description: `${description}, in minor units.` });
export const seconds = (description: string) =>
  Type.Integer({ description: `${description}, Unix time in seconds.` });
export const counter = (description: string) =>
  Type.String({ pattern: "^(0|[1-9][0-9]*)$", description });
export const signed = (description: string) =>
  Type.String({ pattern: "^-?(0|[1-9][0-9]*)$", description: `${description}, in minor units.` });
