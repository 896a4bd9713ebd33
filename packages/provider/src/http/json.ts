import { Type } from "@fastify/type-provider-typebox";
import { amount, anyHex, counter, hex, seconds, signed } from "@bezant/service/http";

// How bodies and answers in JSON look.

export const clientParams = Type.Object({
  client: hex(32, "The client's wallet id."),
});

export const outcomeParams = Type.Object({
  client: hex(32, "The client's wallet id: the payee or the payer."),
  sender: hex(32, "Id of the TA that paid."),
  index: Type.String({ pattern: "^(0|[1-9][0-9]{0,9})$", description: "The payment's index j." }),
});

export const outcomeQueryString = Type.Object({
  provider: Type.Optional(
    Type.String({
      pattern: "^[a-z0-9-]{1,8}$",
      description: "The payee's provider, which is asked where nothing is known here.",
    }),
  ),
});

export const historyQuery = Type.Object({
  before: Type.Optional(
    Type.String({
      pattern: "^[1-9][0-9]{0,17}$",
      description: "Only entries older than this one.",
    }),
  ),
  limit: Type.Optional(Type.String({ pattern: "^[1-9][0-9]{0,2}$", description: "At most 500." })),
});

export const providerJson = Type.Object({
  provider: Type.String({ description: "The provider's id." }),
  currency: Type.String({ description: "ISO 4217 alphabetic code." }),
  chain: Type.Array(anyHex("A certificate."), {
    description: "The provider's certificate, then its intermediary's.",
  }),
  rootKeyId: hex(8, "Key id of the central bank root that it serves."),
});

export const challengeBody = Type.Object(
  { purpose: Type.Enum(["attest", "token"]) },
  { additionalProperties: false },
);
export const challengeJson = Type.Object({
  nonce: hex(16, "To be signed, once."),
  expires: seconds("The last second at which it may be answered"),
});

export const tokenJson = Type.Object({
  token: Type.String({ description: "For the header `Authorization: Bearer …`." }),
  expires: seconds("The last second at which it reads"),
});

export const receiptJson = Type.Object({
  orderId: hex(16, "The order's id."),
  receiver: hex(32, "The receiver's wallet id."),
  amount: amount("What was paid"),
  provider: Type.Optional(
    Type.String({ description: "The receiver's provider, where it is another one." }),
  ),
  status: Type.Enum(["pending", "settled", "returned"], {
    description:
      "pending: it has left the payer and not arrived yet; the same order again tells. returned: it came back to the payer.",
  }),
  reason: Type.Optional(
    Type.String({ description: "Why it came back: a code of docs/errors.md." }),
  ),
  sequence: counter("Number of the payer's transfer, as in its history."),
  at: seconds("When it was carried out"),
});

export const retirementJson = Type.Object({
  ta: hex(32, "The TA's id."),
  d: counter("The last confirmation that it had applied."),
  returned: amount("What it can never apply, now back in the online balance"),
});

export const statusJson = Type.Object({
  kind: Type.Enum(["revoke", "revoke-key", "release-claim", "release-refund"]),
  epoch: counter("Epoch of the status list that there is now."),
});

export const restoredJson = Type.Object({ tas: counter("TAs that have to synchronise.") });

export const writeOffJson = Type.Object({
  orderId: hex(16, "The order's id."),
  amount: amount("What is the provider's own loss now"),
});

export const keptJson = Type.Object({ kept: counter("How many chunks were new.") });

export const statusQuery = Type.Object({
  issuer: Type.Optional(
    Type.String({
      pattern: "^[a-z0-9-]{1,8}$",
      description: "Another provider, whose list is known as far as it was brought here.",
    }),
  ),
});

export const indexParams = Type.Object({
  index: Type.String({
    pattern: "^(0|[1-9][0-9]{0,9})$",
    description: "A certificate's index in the status list.",
  }),
});

export const orderJson = Type.Object({
  kind: Type.String(),
  client: hex(32, "The client's wallet id."),
  orderId: hex(16, "The order's id."),
});

export const balanceJson = Type.Object({
  currency: Type.String(),
  status: Type.Enum(["open", "frozen", "closed"]),
  online: amount("The online balance"),
  suspense: amount("What arrived while the account was frozen or closed"),
  tas: Type.Array(
    Type.Object({
      ta: hex(32, "The TA's id."),
      status: Type.Enum(["active", "retired"]),
      d: counter("The last confirmation issued."),
      w: counter("The last withdrawal credited."),
      stored: counter("Every payment up to this index is stored."),
      mustSync: Type.Boolean({ description: "Nothing moves until it has synchronised." }),
    }),
  ),
});

export const historyJson = Type.Object({
  entries: Type.Array(
    Type.Object({
      sequence: counter("Number of the transfer; the newest come first."),
      operation: Type.String(),
      party: anyHex("The TA or client that it concerns; empty for none."),
      reference: anyHex("Its number (four bytes) or id there."),
      debit: Type.String({ description: "The account that it left." }),
      credit: Type.String({ description: "The account at which it arrived." }),
      amount: amount("What moved"),
      at: seconds("When"),
    }),
  ),
  before: Type.Optional(counter("For the next page.")),
});

const howMany = (description: string) => Type.Integer({ minimum: 0, description });

export const settlementJson = Type.Object({
  reports: howMany("Reports that the central bank has accepted."),
  settled: howMany("Payments to clients of other providers that have arrived."),
  returned: howMany("Payments to clients of other providers that came back."),
  advices: howMany("Payments of other providers' clients that were booked."),
  forgotten: howMany("Payments of before a restore, booked on the central bank's word."),
  givenBack: howMany("Of those, payments that nobody here could have, and that went back."),
  failed: Type.Array(
    Type.Object({
      step: Type.String(),
      code: Type.String({ description: "As in docs/errors.md." }),
    }),
    {
      description: "Steps that could not be done. What was begun is kept, and done the next time.",
    },
  ),
});

const flows = (description: string) =>
  Type.Array(
    Type.Object({
      operation: Type.String(),
      debit: Type.String(),
      credit: Type.String(),
      transfers: counter("How many."),
      amount: amount("Their sum"),
    }),
    { description: `${description}, by kind.` },
  );

export const supplyJson = Type.Object({
  currency: Type.String(),
  online: amount("Online balances of all clients"),
  suspense: amount("What is kept for frozen and closed accounts"),
  offline: signed("Offline circulation: what devices hold, or is on its way to or from them"),
  clearing: signed("Online payments half of which is booked; 0 at rest"),
  interbank: signed("Paid to clients of other providers, less what came from them"),
  reserves: signed("What the reserves have paid in, as a negative number"),
  loss: signed("What the loss account has paid in, as a negative number"),
  funded: signed("Paid in: online, suspense, offline and interbank together are equal to it"),
  balanced: Type.Boolean({ description: "Nothing is missing and nothing too much." }),
  tampered: Type.Array(
    Type.Object({
      client: hex(32, "The client's wallet id."),
      account: Type.String(),
      off: signed("The balance less the sum of its transfers"),
    }),
    { description: "Balances that are not the sum of their transfers." },
  ),
  mismatches: Type.Array(
    Type.Object({
      client: anyHex("The client's wallet id; empty for what belongs to all of them."),
      operation: Type.String(),
      party: anyHex("As in the transfer."),
      reference: anyHex("As in the transfer."),
      off: signed("What the transfers have moved less what the rows of their operation say"),
    }),
    { description: "Transfers and operations that do not say the same." },
  ),
  settlement: Type.Object(
    {
      accepted: counter("The last report that the central bank has accepted; 0 for none."),
      cut: counter("The last report that is complete."),
      reported: flows("What all reports up to that one hold"),
      unreported: flows("What is in none of them"),
      forgotten: Type.Object(
        {
          outward: amount("Of what went offline"),
          inward: amount("Of what came back online"),
        },
        {
          description:
            "What the central bank was told and this ledger has lost with a restore from a backup, and no sync has brought back yet.",
        },
      ),
      lost: Type.Object(
        {
          missing: amount("Neither brought back by a sync nor written off"),
          writtenOff: amount("Written off: the provider's own loss, until a sync brings it back"),
        },
        {
          description:
            "Deposits that the central bank was told of and this ledger has lost with a restore.",
        },
      ),
      sending: amount("Paid to other providers' clients and not known to have arrived"),
      returning: amount("Paid to this provider for nobody, and not given back yet"),
      advices: counter("The last advice that is booked."),
      deposits: Type.Object(
        {
          allowed: amount("What the central bank allows in total, ever"),
          used: amount("What of that was deposited"),
        },
        { description: "The deposit allowance; 0 and 0 without one." },
      ),
      statement: Type.Optional(
        Type.Object(
          {
            report: counter("The last report that it had accepted."),
            window: counter("The window of that report."),
            closed: counter("The last window that was closed."),
            reserves: amount("In reserves"),
            prefund: amount("Set aside for deposits to come"),
            advices: counter("The last advice that there was."),
          },
          { description: "What the central bank said last." },
        ),
      ),
      free: Type.Optional(
        signed(
          "Of the money at the central bank, by its last statement, what is the provider's own; exact at rest",
        ),
      ),
    },
    { description: "How much of this the central bank has been told." },
  ),
});
