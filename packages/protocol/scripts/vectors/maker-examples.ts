import {
  appointment,
  appointed,
  attestationResult,
  deviceReport,
  deviceToRelyingParty,
  encode,
  institutionId,
  makerToAnybody,
  makerToRelyingParty,
  sha256,
  taEndorsement,
  taManifest,
  type AttestationResult,
  type DeviceReport,
  type Evidence,
  type TaManifest,
} from "../../src/index.ts";
import { actor, type Actor } from "./actor.ts";
import { at, certificates, names, NOW, people } from "./cast.ts";
import { example, type Example } from "./example.ts";
import { filler } from "./filler.ts";

// What a manufacturer says (§17).

export const makers = { service: actor("oem service"), developer: actor("ta developer") } as const;
export const developer = institutionId("ta-dev");

type Appointment = Parameters<typeof appointment.sign>[0];
const validity = { nbf: at(-1000), exp: at(10_000_000) };
const { publicKey: serviceKey } = makers.service;
const { publicKey: developerKey } = makers.developer;
export const usualService: Appointment = {
  purpose: "service",
  name: names.oem,
  key: serviceKey.compressed,
  ...validity,
};
export const usualDeveloper: Appointment = {
  purpose: "developer",
  name: developer,
  key: developerKey.compressed,
  ...validity,
};

export function appoint(payload: Appointment, root = people.oem, name = names.oem): Uint8Array {
  return appointment.sign(payload, makerToAnybody(name), root);
}

export const serviceAppointment = appoint(usualService);
export const developerAppointment = appoint(usualDeveloper);

export const manifest: TaManifest = {
  uuid: "6b1f9a527c0e4d839a570f5d2c8e41b7",
  version: 2,
  measurement: filler("ta 2", 32),
  size: 13_343,
  minimumVersion: 1,
};
export const digestOf = (payload: TaManifest): Uint8Array =>
  sha256(encode(taManifest.payload, payload));

export const byDeveloper = by(makers.developer, makerToAnybody(developer), developerAppointment);
export const byService = by(makers.service, makerToAnybody(names.oem), serviceAppointment);

function by(signer: Actor, context: Example["context"], own: Uint8Array) {
  return { signer, context, attached: appointed(own) };
}

export const report: DeviceReport = {
  key: actor("device hpke").publicKey.compressed,
  nonce: filler("report nonce", 16),
  device: people.device.deviceId,
  uuid: manifest.uuid,
  version: 1,
  measurement: filler("ta", 32),
  tosMeasurement: filler("tos", 32),
  tosVersion: 1,
};
export const deviceToMaker = {
  signer: people.device,
  context: deviceToRelyingParty({ device: people.device.deviceId, relyingParty: names.oem }),
  attached: { certificate: certificates.device },
};

export const makerToBankA = {
  ...byService,
  context: makerToRelyingParty({ manufacturer: names.oem, relyingParty: names.bankA }),
};
export function resultOf(evidence: Evidence): AttestationResult {
  return { ...evidence, at: NOW, exp: at(300), verdict: { status: "affirming" } };
}

/** Every kind of message of §17, as its rightful signer makes it. */
export function makerExamples(evidence: Evidence): readonly Example[] {
  const result = resultOf(evidence);
  const revoked = { status: "contraindicated", reason: "device-revoked" } as const;
  const root = { signer: people.oem, context: makerToAnybody(names.oem) };
  return [
    example("appointment of a service", appointment, usualService, root),
    example("appointment of a developer", appointment, usualDeveloper, root),
    example("ta-manifest", taManifest, manifest, byDeveloper),
    example("ta-endorsement", taEndorsement, { manifest: digestOf(manifest), at: NOW }, byService),
    example("device-report", deviceReport, report, deviceToMaker),
    example("attestation-result", attestationResult, result, makerToBankA),
    example(
      "attestation-result of a revoked device",
      attestationResult,
      { ...result, verdict: revoked },
      makerToBankA,
    ),
  ];
}
