import type { Brand } from "../brand.ts";
import { equalBytes } from "../bytes.ts";
import { deviceVerify, type CertRefusal, type Certified } from "../certificate/cert-verify.ts";
import { decompress, type PublicKey } from "../cose/key.ts";
import { refusal, type Refusal } from "../errors.ts";
import type { InstitutionId, Seconds } from "../ids.ts";
import { deviceToRelyingParty } from "../messages/contexts.ts";
import { deviceReport, type DeviceReport } from "../messages/device-report.ts";
import { err, ok, type Result } from "../result.ts";
import type { OemRoot } from "./appointment-verify.ts";
import { andThen, type Pending } from "./checks.ts";

export type VerifiedReport = Brand<
  {
    readonly report: DeviceReport;
    readonly device: Certified<"device">;
    /** The device's key for HPKE. */
    readonly key: PublicKey;
  },
  "VerifiedReport"
>;

export type ReportRefusal =
  | CertRefusal
  | Refusal<"missing-certificate" | "wrong-key" | "unknown-nonce">;

/** What a device tells its manufacturer (§17.4): the device's own word, with the nonce that it was asked with. */
export function deviceReportVerify(
  bytes: Uint8Array,
  input: {
    readonly roots: readonly OemRoot[];
    readonly manufacturer: InstitutionId;
    readonly nonce: Uint8Array;
    readonly now: Seconds;
  },
): Result<Pending<VerifiedReport>, ReportRefusal> {
  const { roots, manufacturer, nonce, now } = input;
  const parsed = deviceReport.parse(bytes);
  if (!parsed.ok) return parsed;
  const { payload, certificate } = parsed.value;
  if (certificate === undefined) return err(refusal("missing-certificate"));
  const device = deviceVerify({ certificate, roots, now });
  if (!device.ok) return device;
  const { id, claims } = device.value.claimed;
  if (payload.device !== id) return err(refusal("wrong-key"));
  if (!equalBytes(payload.nonce, nonce)) return err(refusal("unknown-nonce"));
  const key = decompress(payload.key);
  if (!key.ok) return err(refusal("bad-key"));
  const context = deviceToRelyingParty({ device: id, relyingParty: manufacturer });
  const check = deviceReport.signatureCheck(parsed.value, context, claims.key);
  return ok(
    andThen(device.value, [check], (certified) => {
      return { report: payload, device: certified, key: key.value } as VerifiedReport;
    }),
  );
}
