import {
  map,
  mapped,
  named,
  oneOf,
  optional,
  uint,
  type Infer,
  type Schema,
} from "../cbor/index.ts";
import { confirmation, type CompressedKey } from "../cose/key.ts";
import { field } from "../fields.ts";
import type { Currency, InstitutionId, Seconds } from "../ids.ts";

/** Who may do what. A role signs only the roles below it (§4.1). */
const role = named({
  root: 0,
  intermediary: 1,
  provider: 2,
  wallet: 3,
  ta: 4,
  "central-bank": 5,
  "oem-root": 8,
  device: 9,
});
export type Role = Infer<typeof role>;

/** 1 software, 2 TPM, 3 TEE or secure element. */
export type SecurityLevel = 1 | 2 | 3;

const wire = map({
  iss: [1, field.institutionId],
  sub: [2, optional(field.institutionId)],
  exp: [4, field.seconds],
  nbf: [5, field.seconds],
  key: [8, confirmation],
  bezant: [
    -65_537,
    map({
      role: [1, role],
      currency: [2, optional(field.currency)],
      serial: [3, uint()],
      limitsProfile: [4, optional(uint(0xffff))],
      securityLevel: [5, optional(oneOf(1, 2, 3))],
      statusIndex: [6, optional(uint())],
    }),
  ],
});
type Wire = Infer<typeof wire>;

type Common = {
  readonly iss: InstitutionId;
  /** Last second of validity. */
  readonly exp: Seconds;
  readonly nbf: Seconds;
  readonly key: CompressedKey;
  /** Rises with every certificate of the same subject. */
  readonly serial: number;
  /** Place in the issuer's status list. */
  readonly statusIndex?: number;
};
type Institution = Common & { readonly sub: InstitutionId };
type InCurrency = { readonly currency: Currency };

type InstitutionIn<R extends Role> = R extends Role
  ? Institution & InCurrency & { readonly role: R }
  : never;
export type InstitutionClaims = InstitutionIn<
  "root" | "intermediary" | "provider" | "central-bank"
>;
export type WalletClaims = Common & InCurrency & { readonly role: "wallet" };
export type TaClaims = Common &
  InCurrency & {
    readonly role: "ta";
    readonly limitsProfile: number;
    readonly securityLevel: SecurityLevel;
  };
export type OemRootClaims = Institution & { readonly role: "oem-root" };
export type DeviceClaims = Common & {
  readonly role: "device";
  readonly securityLevel: SecurityLevel;
};

/** What a certificate says. Each role has exactly its own claims; the schema refuses any others. */
export type Claims = InstitutionClaims | WalletClaims | TaClaims | OemRootClaims | DeviceClaims;
export type ClaimsOf<R extends Role> = Extract<Claims, { readonly role: R }>;

/** Which optional claims a role has. What is not named here is absent. */
const SHAPES: Readonly<Record<Role, readonly (keyof Wire | keyof Wire["bezant"])[]>> = {
  root: ["sub", "currency"],
  intermediary: ["sub", "currency"],
  provider: ["sub", "currency"],
  wallet: ["currency"],
  ta: ["currency", "limitsProfile", "securityLevel"],
  "central-bank": ["sub", "currency"],
  "oem-root": ["sub"],
  device: ["securityLevel"],
};
const SHAPED = ["sub", "currency", "limitsProfile", "securityLevel"] as const;

/** CWT claims (RFC 8392, RFC 8747) with the project's own under one private key. */
export const claims: Schema<Claims> = mapped(wire, fromWire, toWire);

function fromWire({ bezant, ...standard }: Wire): Claims | undefined {
  const flat = { ...standard, ...bezant };
  const shape = SHAPES[bezant.role];
  const fits = SHAPED.every((name) => (flat[name] !== undefined) === shape.includes(name));
  // The service is the central bank itself, under the id that everybody has pinned with the root.
  const isOwn = bezant.role !== "central-bank" || standard.sub === standard.iss;
  return fits && isOwn ? (flat as Claims) : undefined;
}

function toWire(value: Claims): Wire {
  const { iss, exp, nbf, key, sub, ...bezant } = value as Claims & { sub?: InstitutionId };
  return { iss, exp, nbf, key, ...(sub === undefined ? {} : { sub }), bezant };
}
