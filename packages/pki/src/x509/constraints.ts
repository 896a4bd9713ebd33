import { AsnConvert } from "@peculiar/asn1-schema";
import {
  GeneralName,
  GeneralSubtree,
  GeneralSubtrees,
  id_ce_nameConstraints,
  NameConstraints,
} from "@peculiar/asn1-x509";
import { Extension } from "./library.ts";

/** Name constraints (RFC 5280 §4.2.1.10): every URI in a certificate below has a host in this domain. */
export function onlyUrisIn(domain: string): Extension {
  const base = new GeneralName({ uniformResourceIdentifier: domain });
  const permittedSubtrees = new GeneralSubtrees([new GeneralSubtree({ base })]);
  const constraints = new NameConstraints({ permittedSubtrees });
  return new Extension(id_ce_nameConstraints, true, AsnConvert.serialize(constraints));
}
