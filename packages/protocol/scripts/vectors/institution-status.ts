import { institutionStatus, type Seconds } from "../../src/index.ts";
import { accepts, refuses, type Case } from "./case.ts";
import { certificates, certify, names, NOW, people, usual, at } from "./cast.ts";
import { forged, otherKind } from "./certificates.ts";
import { byIntermediary, byRoot, revokedInstitutions } from "./examples.ts";

/** A status list of institutions, from anybody. */
export type InstitutionStatusInput = { readonly bytes: Uint8Array; readonly now: Seconds };

const sign = (by: typeof byRoot | typeof byIntermediary, certificate?: Uint8Array): Uint8Array =>
  institutionStatus.sign(revokedInstitutions, by.context, by.signer, { certificate });
const ofRoot = sign(byRoot);
const ofIntermediary = sign(byIntermediary, certificates.intermediary);
const input = (bytes: Uint8Array, now = NOW): InstitutionStatusInput => ({ bytes, now });
const under = (changes: Partial<typeof usual.intermediary>, issuer = people.root): Uint8Array =>
  certify({ ...usual.intermediary, ...changes }, issuer);

export const institutionStatusCases: readonly Case<InstitutionStatusInput>[] = [
  accepts("16.3", "of the root", input(ofRoot), { issuer: names.root, sequence: "5", keys: "2" }),
  accepts("16.3", "of an intermediary", input(ofIntermediary), {
    issuer: names.intermediary,
    sequence: "5",
    keys: "2",
  }),
  refuses(
    "16.3",
    "missing-certificate",
    "of an intermediary, without its certificate",
    input(sign(byIntermediary)),
  ),
  refuses(
    "16.3",
    "wrong-role",
    "of a provider",
    input(
      institutionStatus.sign(
        revokedInstitutions,
        { ...byIntermediary.context, signer: names.bankA },
        people.bankA,
        { certificate: certificates.bankA },
      ),
    ),
  ),
  refuses(
    "16.3",
    "unknown-issuer",
    "with the certificate of another key",
    input(sign(byIntermediary, under({ key: people.bankB.publicKey.compressed }))),
  ),
  refuses(
    "16.3",
    "unknown-issuer",
    "of an intermediary under another root",
    input(sign(byIntermediary, under({}, people.mallory))),
  ),
  refuses(
    "16.3",
    "expired",
    "of an intermediary whose certificate has expired",
    input(sign(byIntermediary, under({ exp: at(-1) }))),
  ),
  refuses(
    "16.3",
    "bad-signature",
    "of an intermediary whose certificate is forged",
    input(sign(byIntermediary, forged(certificates.intermediary))),
  ),
  refuses("16.3", "bad-signature", "forged", input(forged(ofRoot))),
  refuses(
    "16.3",
    "bad-signature",
    "of the root, in another currency",
    input(
      institutionStatus.sign(
        revokedInstitutions,
        { ...byRoot.context, currency: "" },
        byRoot.signer,
      ),
    ),
  ),
  refuses("3.5", "wrong-type", "another kind of message", input(otherKind)),
  refuses("3.5", "malformed", "cut short", input(ofRoot.slice(1))),
];
