import {
  currency as currencyOf,
  err,
  institutionId,
  isCurrency,
  isInstitutionId,
  ok,
  type Currency,
  type InstitutionId,
  type Result,
} from "@bezant/protocol";
import {
  SubjectAlternativeNameExtension,
  type Extension,
  type JsonGeneralName,
} from "./library.ts";

/** Institutions that talk to each other over TLS. */
export const TLS_ROLES = ["central-bank", "intermediary", "provider", "manufacturer"] as const;
export type TlsRole = (typeof TLS_ROLES)[number];

/** Whom a TLS certificate is for. A manufacturer has no currency, everybody else has one. */
export type InstitutionName = {
  readonly id: InstitutionId;
  readonly role: TlsRole;
  readonly currency?: Currency;
};

/**
 * The institution as a URI in the subject's alternative names: `bezant://aurum.provider.eur`. Its host ends in what an issuer may
 * certify, so that the name constraints of RFC 5280 §4.2.1.10 hold an issuer to its roles and its currency in every
 * implementation of TLS: an intermediary of EUR is held to `.provider.eur`.
 */
export function uriOf({ id, role, currency }: InstitutionName): string {
  return `${SCHEME}${id}${domainOf(role, currency)}`;
}

/** The domain under which all names of this role are; of a whole currency, without a role. */
export function domainOf(role: TlsRole | undefined, currency: Currency | undefined): string {
  return [role, currency?.toLowerCase()]
    .flatMap((part) => (part === undefined ? [] : `.${part}`))
    .join("");
}

const SCHEME = "bezant://";

export function parseUri(uri: string): Result<InstitutionName, "not-an-institution"> {
  if (!uri.startsWith(SCHEME)) return err("not-an-institution");
  const [id, role, money, ...rest] = uri.slice(SCHEME.length).split(".");
  if (!isInstitutionId(id) || !isRole(role) || rest.length > 0) return err("not-an-institution");
  if (role === "manufacturer") {
    return money === undefined ? ok({ id: institutionId(id), role }) : err("not-an-institution");
  }
  const currency = money?.toUpperCase();
  if (!isCurrency(currency) || currency.toLowerCase() !== money) return err("not-an-institution");
  return ok({ id: institutionId(id), role, currency: currencyOf(currency) });
}

/** The institution that a certificate names: exactly one. Who issued it TLS has checked, or nobody has. */
export function nameIn(certificate: {
  readonly extensions: readonly Extension[];
}): Result<InstitutionName, "not-an-institution"> {
  const [uri, ...more] = alternativeNames(certificate).filter(({ type }) => type === "url");
  if (uri === undefined || more.length > 0) return err("not-an-institution");
  return parseUri(uri.value);
}

/** Every alternative name of a certificate's subject, or asked for in a request. */
export function alternativeNames({
  extensions,
}: {
  readonly extensions: readonly Extension[];
}): JsonGeneralName[] {
  return extensions.flatMap((extension) =>
    extension instanceof SubjectAlternativeNameExtension ? extension.names.toJSON() : [],
  );
}

function isRole(text: string | undefined): text is TlsRole {
  return TLS_ROLES.includes(text as TlsRole);
}
