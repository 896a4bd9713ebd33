import { REFUSALS, toHex, type Refusal } from "@bezant/protocol";
import { Type, type Static } from "@fastify/type-provider-typebox";
import type { FastifyReply } from "fastify";
import { PROBLEM } from "./media.ts";
import { statusOf } from "./status.ts";

/** What every refusal looks like: RFC 9457, with what became of the money. */
export const problem = Type.Object(
  {
    type: Type.String({ description: "`urn:bezant:refusal:` and the code." }),
    title: Type.String({ description: "What happened, in one plain sentence." }),
    status: Type.Integer(),
    detail: Type.Optional(Type.String({ description: "For developers. Not stable." })),
    code: Type.String({ description: "Stable; docs/errors.md lists all of them." }),
    state: Type.Enum(["nothing-moved", "moved", "pending", "unknown"], {
      description: "What the refusal means for the money.",
    }),
    money: Type.String({ description: "What moved, what did not, what is on its way." }),
    next: Type.String({ description: "How to go on." }),
    confirmations: Type.Optional(
      Type.Array(Type.String(), {
        description:
          "With `deposit-outstanding`: the confirmations to apply first, in hexadecimal.",
      }),
    ),
  },
  { description: "RFC 9457 problem details" },
);

export type Problem = Static<typeof problem>;

/** A refusal that may bring the confirmations that the TA has to apply first. */
export interface AnyRefusal extends Refusal {
  readonly confirmations?: readonly Uint8Array[];
}

function toProblem({ code, detail, confirmations }: AnyRefusal): Problem {
  const { title, state, money, next } = REFUSALS[code];
  return {
    type: `urn:bezant:refusal:${code}`,
    title,
    status: statusOf(code),
    ...(detail === undefined ? {} : { detail }),
    code,
    state,
    money,
    next,
    ...(confirmations === undefined ? {} : { confirmations: confirmations.map(toHex) }),
  };
}

/** Seconds after which a client should try again. */
const RETRY_AFTER = 1;

export function sendProblem(reply: FastifyReply, refused: AnyRefusal): FastifyReply {
  const { status, ...rest } = toProblem(withoutInternals(refused));
  if (status === 503) reply.header("retry-after", RETRY_AFTER);
  reply.refusal = refused.code;
  return reply
    .code(status)
    .type(PROBLEM)
    .send(JSON.stringify({ ...rest, status }));
}

/** What the database says about itself is for the log alone. */
function withoutInternals({ detail, ...refused }: AnyRefusal): AnyRefusal {
  const isOurs = refused.code === "unavailable" || refused.code === "commit-unknown";
  return isOurs || detail === undefined ? refused : { ...refused, detail };
}

declare module "fastify" {
  interface FastifyReply {
    /** The code of the refusal that was sent, for log and metrics. */
    refusal?: string;
  }
}
