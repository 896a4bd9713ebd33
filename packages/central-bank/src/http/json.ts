import { Type } from "@fastify/type-provider-typebox";
import { amount, anyHex, counter, hex, signed } from "@bezant/service/http";

export const centralBankJson = Type.Object({
  centralBank: Type.String({ description: "The central bank's id." }),
  currency: Type.String({ description: "ISO 4217 alphabetic code." }),
  certificate: anyHex("The certificate of its service's key, by the root."),
  rootKeyId: hex(8, "Key id of the root."),
});

export const pageOfDirectory = Type.Object(
  {
    after: Type.Optional(
      Type.String({ pattern: "^[a-z0-9-]{1,8}$", description: "Only providers behind this id." }),
    ),
  },
  { additionalProperties: false },
);

export const orderJson = Type.Object({
  kind: Type.String(),
  orderId: hex(16, "The order's id."),
});

export const supplyJson = Type.Object({
  currency: Type.String(),
  issuance: amount("Issued less redeemed"),
  circulation: amount("Offline circulation, posted"),
  loss: amount("Circulation that nobody had put there: the central bank's loss"),
  window: counter("The settlement window that is open."),
  balanced: Type.Boolean({ description: "Nothing is missing and nothing too much." }),
  providers: Type.Array(
    Type.Object({
      provider: Type.String(),
      status: Type.Enum(["open", "suspended"]),
      reserves: amount("Its reserves"),
      prefund: amount("What its allowance has cost and deposits have not used"),
      loss: amount("What its deposits exceeded its allowances by"),
      issued: signed("Issued to it less redeemed from it"),
      received: signed("Received from other providers less paid to them"),
      report: counter("Its last report."),
      outward: amount("What all its reports have moved into circulation"),
      inward: amount("What all its reports have moved out of circulation"),
      pendingOutward: amount("Of outward, what is not posted yet"),
      pendingInward: amount("Of inward, what is not posted yet"),
      advice: counter("The last advice there is for it."),
    }),
  ),
  tampered: Type.Array(
    Type.Object({
      account: Type.String(),
      holder: Type.String({ description: "The provider; empty for the central bank." }),
      posting: Type.String({ description: "Empty where the balance itself is off." }),
      off: signed("What is there less what should be"),
    }),
    {
      description:
        "Balances that are not the sum of their entries, and entries without their reason.",
    },
  ),
  mismatches: Type.Array(
    Type.Object({
      row: Type.String(),
      provider: Type.String(),
      off: signed("What the row says less what its message says"),
    }),
    { description: "Rows that do not say what the signed message says that they keep." },
  ),
});
