import {
  attach,
  attestationResult,
  deviceReport,
  institutionId,
  taEndorsement,
  taManifest,
  unwrap,
  type AttestationResult,
  type Attachments,
  type DeviceReport,
  type Evidence,
  type InstitutionId,
  type OemRoot,
  type Seconds,
  type TaManifest,
} from "../../src/index.ts";
import { accepts, refuses, type Case } from "./case.ts";
import { at, certificates, names, NOW, people, usual } from "./cast.ts";
import { forged, offCurve, otherKind } from "./certificates.ts";
import { aliceEvidence } from "./examples.ts";
import { filler } from "./filler.ts";
import {
  appoint,
  byDeveloper,
  byService,
  developer,
  developerAppointment,
  deviceToMaker,
  digestOf,
  makers,
  makerToBankA,
  manifest,
  report,
  resultOf,
  serviceAppointment,
  usualDeveloper,
  usualService,
} from "./maker-examples.ts";

const oemRoots: readonly OemRoot[] = [{ id: names.oem, key: people.oem.publicKey }];
const own = (appointmentBytes: Uint8Array): Attachments => ({ certificate: appointmentBytes });

/** §17.2: a release, under these roots. */
export type ReleaseInput = {
  readonly manifest: Uint8Array;
  readonly endorsement: Uint8Array;
  readonly roots: readonly OemRoot[];
};

function manifested(
  changes: Partial<TaManifest> = {},
  attached: Attachments = byDeveloper.attached,
  signer = makers.developer,
): Uint8Array {
  return taManifest.sign({ ...manifest, ...changes }, byDeveloper.context, signer, attached);
}

function endorsed(
  time: Seconds = NOW,
  attached: Attachments = byService.attached,
  signer = makers.service,
): Uint8Array {
  const payload = { manifest: digestOf(manifest), at: time };
  return taEndorsement.sign(payload, byService.context, signer, attached);
}

const release = (changes: Partial<ReleaseInput> = {}): ReleaseInput => ({
  manifest: manifested(),
  endorsement: endorsed(),
  roots: oemRoots,
  ...changes,
});
const { mallory } = people;
const released = { version: "2", developer, manufacturer: names.oem };

export const releaseCases: readonly Case<ReleaseInput>[] = [
  accepts("17.2", "of an appointed developer, endorsed", release(), released),
  refuses("3.5", "malformed", "cut short", release({ manifest: manifested().slice(1) })),
  refuses("3.5", "wrong-type", "another kind of message", release({ manifest: otherKind })),
  refuses("3.5", "wrong-type", "endorsed by nothing", release({ endorsement: otherKind })),
  refuses("17.1", "missing-certificate", "of nobody", release({ manifest: manifested({}, {}) })),
  refuses(
    "17.1",
    "missing-certificate",
    "endorsed by nobody",
    release({ endorsement: endorsed(NOW, {}) }),
  ),
  refuses(
    "17.1",
    "wrong-type",
    "with a certificate instead of an appointment",
    release({ manifest: manifested({}, own(certificates.device)) }),
  ),
  refuses(
    "17.1",
    "malformed",
    "with an appointment that has something attached",
    release({
      manifest: manifested(
        {},
        own(unwrap(attach(developerAppointment, { certificate: Uint8Array.of(0) }))),
      ),
    }),
  ),
  refuses(
    "17.1",
    "wrong-role",
    "signed by the service itself",
    release({ manifest: manifested({}, own(serviceAppointment), makers.service) }),
  ),
  refuses(
    "17.1",
    "wrong-role",
    "endorsed by the developer itself",
    release({ endorsement: endorsed(NOW, own(developerAppointment), makers.developer) }),
  ),
  refuses("17.1", "unknown-issuer", "of another manufacturer", release({ roots: [] })),
  refuses(
    "17.1",
    "unknown-issuer",
    "of a developer whom somebody else appointed",
    release({ manifest: manifested({}, own(appoint(usualDeveloper, mallory))) }),
  ),
  refuses(
    "17.1",
    "unknown-issuer",
    "signed with another key than the appointed one",
    release({ manifest: manifested({}, byDeveloper.attached, mallory) }),
  ),
  refuses(
    "17.1",
    "bad-key",
    "of a developer whose key is no point",
    release({ manifest: manifested({}, own(appoint({ ...usualDeveloper, key: offCurve }))) }),
  ),
  refuses(
    "17.2",
    "wrong-type",
    "endorsed by nothing, and cut short",
    release({ manifest: manifested().slice(1), endorsement: otherKind }),
  ),
  refuses(
    "17.2",
    "unknown-issuer",
    "of a developer whom another accepted manufacturer appointed",
    release({
      manifest: manifested({}, own(appoint(usualDeveloper, mallory, institutionId("oem-2")))),
      roots: [...oemRoots, { id: institutionId("oem-2"), key: mallory.publicKey }],
    }),
  ),
  refuses(
    "17.2",
    "wrong-release",
    "with the endorsement of another one",
    release({ manifest: manifested({ version: 3 }) }),
  ),
  refuses(
    "17.2",
    "expired",
    "endorsed after the service's appointment",
    release({ endorsement: endorsed(at(10_000_001)) }),
  ),
  refuses(
    "17.2",
    "not-yet-valid",
    "endorsed before the service's appointment",
    release({ endorsement: endorsed(at(-1001)) }),
  ),
  refuses(
    "17.2",
    "expired",
    "endorsed after the developer's appointment",
    release({ manifest: manifested({}, own(appoint({ ...usualDeveloper, exp: at(-1) }))) }),
  ),
  refuses(
    "17.1",
    "bad-signature",
    "with an appointment in another manufacturer's name",
    release({
      manifest: manifested({}, own(appoint(usualDeveloper, people.oem, names.bankA))),
    }),
  ),
  refuses("17.2", "bad-signature", "forged", release({ manifest: forged(manifested()) })),
  refuses(
    "17.2",
    "bad-signature",
    "endorsed falsely",
    release({ endorsement: forged(endorsed()) }),
  ),
];

/** §17.3: a manufacturer's word on evidence, by a relying party. */
export type ResultInput = {
  readonly bytes: Uint8Array;
  readonly roots: readonly OemRoot[];
  readonly relyingParty: InstitutionId;
  /** The payload of what was asked about. */
  readonly evidence: Evidence;
  readonly now: Seconds;
};

function said(
  changes: Partial<AttestationResult> = {},
  attached: Attachments = makerToBankA.attached,
): Uint8Array {
  const payload = { ...resultOf(aliceEvidence), ...changes };
  return attestationResult.sign(payload, makerToBankA.context, makers.service, attached);
}

const result = (bytes: Uint8Array, changes: Partial<ResultInput> = {}): ResultInput => ({
  bytes,
  roots: oemRoots,
  relyingParty: names.bankA,
  evidence: aliceEvidence,
  now: NOW,
  ...changes,
});
const against = (reason: NonNullable<AttestationResult["verdict"]["reason"]>): ResultInput =>
  result(said({ verdict: { status: "contraindicated", reason } }));

export const resultCases: readonly Case<ResultInput>[] = [
  accepts("17.3", "that affirms", result(said()), { status: "affirming" }),
  accepts(
    "17.3",
    "that warns",
    result(said({ verdict: { status: "warning", reason: "outdated" } })),
    { status: "warning" },
  ),
  accepts("17.3", "in its last second", result(said({ exp: NOW })), { status: "affirming" }),
  refuses("3.5", "malformed", "cut short", result(said().slice(1))),
  refuses("3.5", "wrong-type", "another kind of message", result(otherKind)),
  refuses("17.1", "missing-certificate", "of nobody", result(said({}, {}))),
  refuses("17.1", "wrong-role", "of a developer", result(said({}, own(developerAppointment)))),
  refuses("17.1", "unknown-issuer", "of another manufacturer", result(said(), { roots: [] })),
  refuses("17.3", "expired", "too old", result(said({ exp: at(-1) }))),
  refuses("17.3", "not-yet-valid", "from the future", result(said({ at: at(301) }))),
  refuses(
    "17.3",
    "expired",
    "of a service whose appointment has ended",
    result(said({}, own(appoint({ ...usualService, exp: at(-1) })))),
  ),
  accepts(
    "17.3",
    "of a service appointed as much later as clocks may differ",
    result(said({}, own(appoint({ ...usualService, nbf: at(300) })))),
    { status: "affirming" },
  ),
  refuses(
    "17.3",
    "not-yet-valid",
    "of a service appointed later than clocks may differ",
    result(said({}, own(appoint({ ...usualService, nbf: at(301) })))),
  ),
  refuses("17.3", "unknown-nonce", "on another nonce", result(said({ nonce: filler("x", 16) }))),
  refuses("17.3", "wrong-key", "on another device", result(said({ device: mallory.deviceId }))),
  refuses(
    "17.3",
    "wrong-key",
    "on another TA",
    result(said({ key: mallory.publicKey.compressed })),
  ),
  refuses("17.3", "wrong-key", "on another debug status", result(said({ debug: 1 }))),
  refuses("17.3", "device-revoked", "against a revoked device", against("device-revoked")),
  refuses("17.3", "untrusted-measurement", "against its TA", against("untrusted-measurement")),
  refuses("17.3", "debug-enabled", "against its debug status", against("debug-enabled")),
  refuses("17.3", "security-level", "against its security level", against("security-level")),
  refuses("17.3", "outdated-version", "against its version", against("outdated")),
  refuses(
    "17.3",
    "bad-signature",
    "for another relying party",
    result(said(), { relyingParty: names.bankB }),
  ),
  refuses("17.3", "bad-signature", "forged", result(forged(said()))),
];

/** §17.4: what a device tells its manufacturer. */
export type ReportInput = {
  readonly bytes: Uint8Array;
  readonly roots: readonly OemRoot[];
  readonly manufacturer: InstitutionId;
  readonly nonce: Uint8Array;
  readonly now: Seconds;
};

function reported(
  changes: Partial<DeviceReport> = {},
  attached: Attachments = deviceToMaker.attached,
): Uint8Array {
  const payload = { ...report, ...changes };
  return deviceReport.sign(payload, deviceToMaker.context, people.device, attached);
}

const reporting = (bytes: Uint8Array, changes: Partial<ReportInput> = {}): ReportInput => ({
  bytes,
  roots: oemRoots,
  manufacturer: names.oem,
  nonce: report.nonce,
  now: NOW,
  ...changes,
});

export const reportCases: readonly Case<ReportInput>[] = [
  accepts("17.4", "of one of its devices", reporting(reported()), {
    device: people.device.deviceId,
    version: "1",
  }),
  refuses("3.5", "malformed", "cut short", reporting(reported().slice(1))),
  refuses("3.5", "wrong-type", "another kind of message", reporting(otherKind)),
  refuses("17.4", "missing-certificate", "without a certificate", reporting(reported({}, {}))),
  refuses("17.4", "unknown-issuer", "of another maker's", reporting(reported(), { roots: [] })),
  refuses(
    "17.4",
    "expired",
    "of a device whose certificate has expired",
    reporting(reported(), { now: (usual.device.exp + 1) as Seconds }),
  ),
  refuses(
    "17.4",
    "wrong-key",
    "that names another device",
    reporting(reported({ device: mallory.deviceId })),
  ),
  refuses(
    "17.4",
    "unknown-nonce",
    "that answers another nonce",
    reporting(reported({ nonce: filler("x", 16) })),
  ),
  refuses("17.4", "bad-key", "with a key that is no point", reporting(reported({ key: offCurve }))),
  refuses(
    "17.4",
    "bad-signature",
    "to another manufacturer",
    reporting(reported(), { manufacturer: names.bankA }),
  ),
  refuses("17.4", "bad-signature", "forged", reporting(forged(reported()))),
];
