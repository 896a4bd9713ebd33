import {
  allowance,
  settlementReport,
  type Chain,
  type InstitutionId,
  type RefusalCode,
  type Seconds,
} from "../../src/index.ts";
import { actor, type Actor } from "./actor.ts";
import { accepts, refuses, type Case } from "./case.ts";
import { at, certificates, certify, chainB, names, NOW, people, usual } from "./cast.ts";
import { forged, listOf } from "./certificates.ts";
import { examples } from "./examples.ts";
import type { Example } from "./example.ts";

/** A message of the central bank, for the institution that it is to. */
export type StatementInput = {
  readonly bytes: Uint8Array;
  readonly audience: InstitutionId;
  readonly now: Seconds;
  readonly lists?: readonly Uint8Array[];
};

/** A message of a provider, for the central bank of this id. */
export type ReportInput = {
  readonly bytes: Uint8Array;
  readonly centralBank: InstitutionId;
  readonly now: Seconds;
  readonly lists?: readonly Uint8Array[];
};

function exampleOf(name: string): Example {
  return examples.find((each) => each.name === name) as Example;
}

const allowed = exampleOf("allowance");
const statement = (changes: Partial<StatementInput> = {}): StatementInput => ({
  bytes: allowed.bytes,
  audience: names.bankA,
  now: NOW,
  ...changes,
});
const {
  payload: { n, amount },
} = allowed as Example & {
  readonly payload: { readonly n: number; readonly amount: bigint };
};
const said = { n: String(n), amount: String(amount) };

function signed(certificate: Uint8Array | undefined, signer: Actor): StatementInput {
  const envelope = certificate === undefined ? {} : { certificate };
  const payload = allowance.parse(allowed.bytes);
  if (!payload.ok) throw new Error("the example is none");
  return statement({
    bytes: allowance.sign(payload.value.payload, allowed.context, signer, envelope),
  });
}

const next = actor("central bank's next key");
const renewed = certify(
  { ...usual.centralBank, key: next.publicKey.compressed, serial: 2 },
  people.root,
);
const refusesStatement = (code: RefusalCode, name: string, input: StatementInput) =>
  refuses("15.1", code, name, input);

export const statementCases: readonly Case<StatementInput>[] = [
  accepts("15.1", "an allowance", statement(), said),
  accepts("15.1", "signed with the next key", signed(renewed, next), said),
  refusesStatement("malformed", "cut short", statement({ bytes: allowed.bytes.slice(1) })),
  refusesStatement(
    "wrong-type",
    "another kind of message",
    statement({ bytes: exampleOf("net-position").bytes }),
  ),
  refusesStatement(
    "missing-certificate",
    "without a certificate",
    signed(undefined, people.centralBank),
  ),
  refusesStatement("wrong-role", "by a provider", signed(certificates.bankA, people.bankA)),
  refusesStatement("wrong-role", "by the root itself", signed(certificates.root, people.root)),
  refusesStatement(
    "wrong-currency",
    "for another currency",
    signed(
      certify({ ...usual.centralBank, currency: "USD" as never }, people.root),
      people.centralBank,
    ),
  ),
  refusesStatement(
    "unknown-issuer",
    "certified by an intermediary",
    signed(certify(usual.centralBank, people.intermediary), people.centralBank),
  ),
  refusesStatement(
    "unknown-issuer",
    "signed with another key than the certificate's",
    signed(certificates.centralBank, next),
  ),
  refusesStatement("expired", "after the certificate", statement({ now: at(6 * 31_557_600) })),
  refusesStatement(
    "not-yet-valid",
    "before the certificate",
    statement({ now: at(-2 * 31_557_600) }),
  ),
  refusesStatement(
    "issuer-revoked",
    "with a key revoked since a time after it was certified",
    statement({ lists: [listOf("root", people.centralBank, 1_000)] }),
  ),
  refusesStatement("bad-signature", "to another provider", statement({ audience: names.bankB })),
  refusesStatement("bad-signature", "forged", statement({ bytes: forged(allowed.bytes) })),
];

const reported = exampleOf("settlement-report");
const report = (changes: Partial<ReportInput> = {}): ReportInput => ({
  bytes: reported.bytes,
  centralBank: names.root,
  now: NOW,
  ...changes,
});
function attached(chain: Chain | undefined, signer: Actor): ReportInput {
  const parsed = settlementReport.parse(reported.bytes);
  if (!parsed.ok) throw new Error("the example is none");
  const envelope = chain === undefined ? {} : { chain };
  return report({
    bytes: settlementReport.sign(parsed.value.payload, reported.context, signer, envelope),
  });
}
const refusesReport = (code: RefusalCode, name: string, input: ReportInput) =>
  refuses("15.2", code, name, input);

export const settlementCases: readonly Case<ReportInput>[] = [
  accepts("15.2", "a report", report(), { provider: names.bankA, n: "1" }),
  refusesReport("malformed", "cut short", report({ bytes: reported.bytes.slice(1) })),
  refusesReport("wrong-type", "another kind of message", report({ bytes: allowed.bytes })),
  refusesReport("missing-certificate", "without its chain", attached(undefined, people.bankA)),
  refusesReport(
    "wrong-role",
    "by an intermediary",
    attached([certificates.intermediary, certificates.intermediary], people.intermediary),
  ),
  refusesReport("unknown-issuer", "with another provider's chain", attached(chainB, people.bankA)),
  refusesReport("expired", "after the provider's certificate", report({ now: at(6 * 31_557_600) })),
  refusesReport(
    "issuer-revoked",
    "with a key revoked since a time after it was certified",
    report({ lists: [listOf("intermediary", people.bankA, 1_000)] }),
  ),
  refusesReport("issuer-revoked", "with a revoked key and another's kid", {
    ...attached(chainB, people.bankA),
    lists: [listOf("intermediary", people.bankB, 1_000)],
  }),
  refusesReport("bad-signature", "in another provider's name", attached(chainB, people.bankB)),
  refusesReport("bad-signature", "to somebody else", report({ centralBank: names.bankB })),
  refusesReport("bad-signature", "forged", report({ bytes: forged(reported.bytes) })),
];
