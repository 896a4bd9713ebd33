import {
  evidence,
  fromHex,
  type AttestationPolicy,
  type Attachments,
  type Evidence,
  type InstitutionId,
  type Seconds,
} from "../../src/index.ts";
import { accepts, refuses, type Case } from "./case.ts";
import { certificates, ids, names, NOW, oemRoot, people, usual } from "./cast.ts";
import { forged, offCurve, otherKind } from "./certificates.ts";
import { aliceEvidence, deviceToBankA } from "./examples.ts";
import { filler } from "./filler.ts";

export type EvidenceInput = {
  readonly bytes: Uint8Array;
  readonly policy: AttestationPolicy;
  readonly relyingParty: InstitutionId;
  readonly nonce: Uint8Array;
  readonly now: Seconds;
};

const policy: AttestationPolicy = {
  oemRoots: [oemRoot],
  trustedApps: [{ measurement: aliceEvidence.measurements.taMeasurement, version: 1 }],
  trustedOses: [{ measurement: aliceEvidence.measurements.tosMeasurement, version: 1 }],
  minimumLevel: 1,
  anchor: people.root.publicKey,
};

function signed(
  changes: Partial<Evidence> = {},
  attached: Attachments = deviceToBankA.attached,
): Uint8Array {
  const payload = { ...aliceEvidence, ...changes };
  return evidence.sign(payload, deviceToBankA.context, people.device, attached);
}

function measured(changes: Partial<Evidence["measurements"]>): Uint8Array {
  return signed({ measurements: { ...aliceEvidence.measurements, ...changes } });
}

const input = (bytes: Uint8Array, changes: Partial<EvidenceInput> = {}): EvidenceInput => ({
  bytes,
  policy,
  relyingParty: names.bankA,
  nonce: aliceEvidence.nonce,
  now: NOW,
  ...changes,
});

export const evidenceCases: readonly Case<EvidenceInput>[] = [
  accepts("5.2", "of an allowed TA on an accepted device", input(signed()), {
    ta: ids.alice,
    device: people.device.deviceId,
  }),
  accepts("5.2", "with debugging merely disabled", input(signed({ debug: 1 })), {
    ta: ids.alice,
    device: people.device.deviceId,
  }),
  refuses("3.5", "malformed", "cut short", input(signed().slice(1))),
  refuses("3.5", "wrong-type", "another kind of message", input(otherKind)),
  refuses("5.2", "missing-certificate", "without a device certificate", input(signed({}, {}))),
  refuses(
    "5.2",
    "wrong-role",
    "with a TA's certificate",
    input(signed({}, { certificate: certificates.aliceTa })),
  ),
  refuses(
    "5.2",
    "unknown-issuer",
    "of a maker that the policy does not accept",
    input(signed(), { policy: { ...policy, oemRoots: [] } }),
  ),
  refuses(
    "5.2",
    "expired",
    "of a device whose certificate has expired",
    input(signed(), { now: (usual.device.exp + 1) as Seconds }),
  ),
  refuses(
    "5.2",
    "wrong-key",
    "that names another device",
    input(signed({ device: people.mallory.deviceId })),
  ),
  refuses(
    "5.2",
    "unknown-nonce",
    "that answers another nonce",
    input(signed({ nonce: filler("other", 16) })),
  ),
  refuses(
    "5.2",
    "untrusted-measurement",
    "of another TA",
    input(measured({ taMeasurement: filler("x", 32) })),
  ),
  refuses(
    "5.2",
    "untrusted-measurement",
    "of another version of the TA",
    input(measured({ taVersion: 2 })),
  ),
  refuses(
    "5.2",
    "untrusted-measurement",
    "of another TOS",
    input(measured({ tosMeasurement: filler("x", 32) })),
  ),
  refuses(
    "5.2",
    "untrusted-measurement",
    "of another version of the TOS",
    input(measured({ tosVersion: 0 })),
  ),
  refuses(
    "5.2",
    "outdated-version",
    "of an allowed TA older than the policy's minimum",
    input(signed(), { policy: { ...policy, minimumTaVersion: 2 } }),
  ),
  refuses(
    "5.2",
    "outdated-version",
    "of an allowed TOS older than the policy's minimum",
    input(signed(), { policy: { ...policy, minimumTosVersion: 2 } }),
  ),
  refuses(
    "5.2",
    "security-level",
    "of a level above the device certificate's",
    input(measured({ securityLevel: 2 })),
  ),
  refuses(
    "5.2",
    "security-level",
    "of a level below the policy's",
    input(signed(), { policy: { ...policy, minimumLevel: 2 } }),
  ),
  refuses("5.2", "debug-enabled", "with debugging enabled", input(signed({ debug: 0 }))),
  refuses(
    "5.2",
    "wrong-anchor",
    "of a TA that trusts another root",
    input(measured({ anchor: fromHex(people.bankA.thumbprint) })),
  ),
  refuses("5.2", "bad-key", "of a key that is no point", input(signed({ key: offCurve }))),
  refuses(
    "5.2",
    "bad-signature",
    "made for another provider",
    input(signed(), { relyingParty: names.bankB }),
  ),
  refuses("5.2", "bad-signature", "forged", input(forged(signed()))),
];
