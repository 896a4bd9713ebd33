import { decode as cborDecode } from "cborg";
import {
  encode,
  evidence,
  toHex,
  typOf,
  type AttestationPolicy,
  type Context,
  type Payment,
  type Root,
} from "../../src/index.ts";
import type { Actor } from "./actor.ts";
import type { Case } from "./case.ts";
import { chainA, chainB, EUR, names, NOW, people, root } from "./cast.ts";
import { certificateCases, deviceCases } from "./certificates.ts";
import { evidenceCases } from "./evidence.ts";
import type { Example } from "./example.ts";
import { examples } from "./examples.ts";
import { formCases } from "./form.ts";
import { releaseCases, reportCases, resultCases } from "./maker.ts";
import { makers } from "./maker-examples.ts";
import { institutionStatusCases } from "./institution-status.ts";
import { outcomeCases } from "./outcomes.ts";
import { holderCases, homeCases, registrationCases } from "./parties.ts";
import { providerEntryCases } from "./provider-entries.ts";
import {
  settlementCases,
  statementCases,
  type ReportInput,
  type StatementInput,
} from "./settlement.ts";
import { payeeCases, paymentCases, requestCases } from "./payments.ts";
import { statusCases } from "./status.ts";

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

/** Every file of vectors/ that is generated, by name. */
export function vectorFiles(): Readonly<Record<string, string>> {
  const files: Readonly<Record<string, Json>> = {
    "keys.json": Object.values({ ...people, ...makers }).map(key),
    "messages.json": examples.map(message),
    "refused-messages.json": formCases.map((each) =>
      vector(each, ({ as, bytes, context, signer }) => ({
        as,
        bytes: toHex(bytes),
        key: signer.publicKey.compressed,
        context: bound(context),
      })),
    ),
    "certificates.json": certificateCases.map((each) =>
      vector(each, ({ root: pinned, certificate, chain, known, lists, ...rest }) =>
        plain({
          ...rest,
          root: rootOf(pinned),
          certificate: toHex(certificate),
          chain: chain?.map(toHex),
          known: known?.map((one) => one.map(toHex)),
          lists: lists?.map(toHex),
        }),
      ),
    ),
    "device-certificates.json": deviceCases.map((each) =>
      vector(each, ({ roots, certificate, now }) => ({
        roots: roots.map(rootOf),
        certificate: toHex(certificate),
        now,
      })),
    ),
    "payments.json": paymentCases.map(trusting),
    "payees.json": payeeCases.map((each) =>
      vector(each, ({ payment: { receiver, receiverClass, ...paid }, payee, request }) =>
        plain({
          payment: { receiver, class: receiverClass, ...asked(paid) },
          payee,
          request: request && asked(request),
        }),
      ),
    ),
    "payment-requests.json": requestCases.map(trusting),
    "outcomes.json": outcomeCases.map((each) =>
      vector(each, ({ bytes, subject, home, known = [] }) => ({
        ...trusted,
        known: [home === names.bankA ? chainA : chainB, ...known].map((one) => one.map(toHex)),
        bytes: toHex(bytes),
        home,
        sender: subject.sender,
        payment: {
          receiver: subject.payment.receiver,
          class: subject.payment.receiverClass,
          j: String(subject.payment.j),
          r: String(subject.payment.r),
          amount: String(subject.payment.amount),
        },
      })),
    ),
    "evidence.json": evidenceCases.map((each) =>
      vector(each, ({ bytes, policy, relyingParty, nonce, now }) => ({
        bytes: toHex(bytes),
        relyingParty,
        nonce: toHex(nonce),
        now,
        policy: policyOf(policy),
      })),
    ),
    "institution-statuses.json": institutionStatusCases.map((each) =>
      vector(each, ({ bytes, now }) => plain({ ...trusted, now, bytes: toHex(bytes) })),
    ),
    "provider-entries.json": providerEntryCases.map((each) =>
      vector(each, ({ bytes, now }) => plain({ ...trusted, now, bytes: toHex(bytes) })),
    ),
    "status-chunks.json": statusCases.map((each) =>
      vector(each, ({ bytes, known, now, ...rest }) =>
        plain({
          ...trusted,
          ...rest,
          now,
          bytes: toHex(bytes),
          known: known?.map((one) => one.map(toHex)),
        }),
      ),
    ),
    "releases.json": releaseCases.map((each) =>
      vector(each, ({ manifest, endorsement, roots }) => ({
        roots: roots.map(rootOf),
        manifest: toHex(manifest),
        endorsement: toHex(endorsement),
      })),
    ),
    "attestation-results.json": resultCases.map((each) =>
      vector(each, ({ bytes, roots, relyingParty, evidence: about, now }) => ({
        roots: roots.map(rootOf),
        relyingParty,
        evidence: toHex(encode(evidence.payload, about)),
        now,
        bytes: toHex(bytes),
      })),
    ),
    "device-reports.json": reportCases.map((each) =>
      vector(each, ({ bytes, roots, manufacturer, nonce, now }) => ({
        roots: roots.map(rootOf),
        manufacturer,
        nonce: toHex(nonce),
        now,
        bytes: toHex(bytes),
      })),
    ),
    "central-bank-statements.json": statementCases.map((each) => vector(each, toInstitution)),
    "settlement-reports.json": settlementCases.map((each) => vector(each, toInstitution)),
    "withdrawals.json": holderCases.map((each) =>
      vector(each, ({ bytes, ...rest }) => ({ ...rest, currency: EUR, bytes: toHex(bytes) })),
    ),
    "registrations.json": registrationCases.map((each) =>
      vector(each, ({ bytes, provider }) => ({ provider, currency: EUR, bytes: toHex(bytes) })),
    ),
    "deposit-confirmations.json": homeCases.map((each) =>
      vector(each, ({ bytes, known, lists, ...rest }) =>
        plain({
          ...trusted,
          ...rest,
          bytes: toHex(bytes),
          known: known?.map((one) => one.map(toHex)),
          lists: lists?.map(toHex),
        }),
      ),
    ),
  };
  return Object.fromEntries(
    Object.entries(files).map(([name, value]) => [
      name,
      `${JSON.stringify(value, undefined, 1)}\n`,
    ]),
  );
}

const trusted = { root: rootOf(root), currency: EUR, now: NOW };

function key({ name, secret, publicKey, keyId, thumbprint: print, walletIdAt }: Actor): Json {
  return {
    name,
    secret: toHex(secret),
    x: toHex(publicKey.x),
    y: toHex(publicKey.y),
    key: publicKey.compressed,
    thumbprint: print,
    keyId,
    walletIds: { [names.bankA]: walletIdAt(names.bankA), [names.bankB]: walletIdAt(names.bankB) },
  };
}

function message(each: Example): Json {
  const { name, context, signer, kid, attached, payloadBytes, toBeSigned, bytes } = each;
  return plain({
    name,
    message: each.message.name,
    typ: typOf(bytes),
    signer: signer.name,
    kid,
    context: bound(context),
    payload: json(cborDecode(payloadBytes, { useMaps: true })),
    payloadBytes: toHex(payloadBytes),
    toBeSigned: toHex(toBeSigned),
    certificate: attached.certificate && toHex(attached.certificate),
    chain: attached.chain?.map(toHex),
    bytes: toHex(bytes),
  });
}

/** The name, the section and what is expected, around what is given. */
function vector<I>({ name, section, input, expected }: Case<I>, given: (input: I) => Json): Json {
  return { name, section, given: given(input), expected };
}

function toInstitution({ bytes, lists, ...rest }: StatementInput | ReportInput): Json {
  return plain({ ...trusted, ...rest, bytes: toHex(bytes), lists: lists?.map(toHex) });
}

function trusting(each: (typeof paymentCases)[number]): Json {
  return vector(each, ({ bytes, currency, now, grace, known }) =>
    plain({
      root: rootOf(root),
      currency,
      now,
      grace,
      bytes: toHex(bytes),
      known: known?.map((one) => one.map(toHex)),
    }),
  );
}

function asked({ r, challenge, amount }: Pick<Payment, "r" | "challenge" | "amount">): {
  readonly [name: string]: Json;
} {
  return { r: String(r), challenge: toHex(challenge), amount: String(amount) };
}

function bound({ currency, home, signer, audience }: Context): Json {
  return { currency, home, signer, audience };
}

function rootOf({ id, key: pinned }: Root): Json {
  return plain({ id, key: pinned.compressed });
}

function policyOf(policy: AttestationPolicy): Json {
  const releases = (list: AttestationPolicy["trustedApps"]): Json =>
    list.map(({ measurement, version }) => ({ measurement: toHex(measurement), version }));
  return plain({
    oemRoots: policy.oemRoots.map(rootOf),
    trustedApps: releases(policy.trustedApps),
    trustedOses: releases(policy.trustedOses),
    minimumLevel: policy.minimumLevel,
    anchor: policy.anchor.compressed,
    minimumTaVersion: policy.minimumTaVersion,
    minimumTosVersion: policy.minimumTosVersion,
  });
}

/** Integers as decimal strings, byte strings as hex, maps as objects with their keys as text. */
function json(value: unknown): Json {
  if (value instanceof Uint8Array) return toHex(value);
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, field]) => [String(name), json(field)]));
  }
  if (Array.isArray(value)) return value.map(json);
  return typeof value === "boolean" || typeof value === "string" ? value : String(value);
}

/** Without what is absent. */
function plain(value: Readonly<Record<string, Json | undefined>>): Json {
  const present = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(present) as Json;
}
