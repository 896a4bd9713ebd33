import type { CodecErrorCode } from "./cbor/index.ts";
import type { Sign1Error } from "./cose/sign1.ts";
import { ATTESTATION } from "./refusals/attestation.ts";
import type { RefusalTable } from "./refusals/entry.ts";
import { CENTRAL_BANK } from "./refusals/central-bank.ts";
import { FORM } from "./refusals/form.ts";
import { INSTITUTIONS } from "./refusals/institutions.ts";
import { MAKER } from "./refusals/maker.ts";
import { PROVIDER } from "./refusals/provider.ts";
import { SERVICE } from "./refusals/service.ts";
import { TRUST } from "./refusals/trust.ts";
import { TRUSTED_APP } from "./refusals/trusted-app.ts";

export type { MoneyState, RefusalEntry } from "./refusals/entry.ts";

/** The refusals by area, in the order of `docs/errors.md`. */
export const REFUSAL_AREAS = {
  "Form of a message": FORM,
  "Certificates and parties": TRUST,
  Institutions: INSTITUTIONS,
  "The secure device": TRUSTED_APP,
  Attestation: ATTESTATION,
  "The manufacturer": MAKER,
  "The provider": PROVIDER,
  "The central bank": CENTRAL_BANK,
  "Any service": SERVICE,
} as const satisfies Readonly<Record<string, RefusalTable>>;

/** Every refusal there is. Codes are stable: they stand in APIs, logs and the protocol document. */
export const REFUSALS = {
  ...FORM,
  ...TRUST,
  ...INSTITUTIONS,
  ...TRUSTED_APP,
  ...ATTESTATION,
  ...MAKER,
  ...PROVIDER,
  ...CENTRAL_BANK,
  ...SERVICE,
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** Something that was refused, as a value. `detail` is for logs and developers, never secret, never parsed. */
export type Refusal<C extends RefusalCode = RefusalCode> = {
  readonly code: C;
  readonly detail?: string;
};

export function refusal<C extends RefusalCode>(code: C, detail?: string): Refusal<C> {
  return detail === undefined ? { code } : { code, detail };
}

export function isRefusalCode(value: unknown): value is RefusalCode {
  return typeof value === "string" && Object.hasOwn(REFUSALS, value);
}

/** The refusal of bytes that the codec, or the reader of COSE_Sign1, refused. */
export function malformed(
  error: Sign1Error | { readonly code: CodecErrorCode; readonly offset: number },
): Refusal<"malformed" | "wrong-type" | "unsupported-algorithm"> {
  return "offset" in error
    ? refusal("malformed", `${error.code} at byte ${error.offset}`)
    : refusal(error.code);
}

/** What to tell a person: what happened, what became of the money, how to go on. */
export function explain({ code }: Refusal): string {
  const { title, money, next } = REFUSALS[code];
  return `${title}. ${money} ${next}`;
}
