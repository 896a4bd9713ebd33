import {
  bytes,
  checkSignature,
  decode,
  err,
  keyIdOf,
  malformed,
  MAX_MESSAGE,
  MAX_TRUSTED_APP,
  ok,
  raw,
  refusal,
  tuple,
  type Refusal,
  type Result,
} from "@bezant/protocol";
import { done, refuse, transact } from "@bezant/service";
import type { Core } from "../core/core.ts";
import { enrol } from "../device/enrol.ts";
import { revokeDevice } from "../device/store.ts";
import { publish } from "../release/publish.ts";
import { withdrawRelease } from "../release/store.ts";
import { makerOrder, makerOrderContext, type MakerOrder } from "./order.ts";

/** What was done: an order's kind, and the device or release that it was about. */
export interface Carried {
  readonly kind: MakerOrder["kind"];
  readonly about: string;
}

/** An order to publish, the manifest and the module. */
export const publication = tuple(raw(MAX_MESSAGE), raw(MAX_MESSAGE), bytes(0, MAX_TRUSTED_APP));

/** Carries out an order about a device or a release that is there already. */
export async function carryOut(core: Core, body: Uint8Array): Promise<Result<Carried, Refusal>> {
  const order = await orderIn(core, body);
  if (!order.ok) return order;
  const { value } = order;
  const at = core.clock.now();
  switch (value.kind) {
    case "enrol": {
      const device = await enrol(core, value.certificate);
      return device.ok ? ok({ kind: value.kind, about: device.value }) : device;
    }
    case "revoke":
      return transact(core.db, async (transaction) => {
        const isKnown = await revokeDevice(transaction, value.device, at);
        return isKnown ? done({ kind: value.kind, about: value.device }) : refuse("unknown-device");
      });
    case "withdraw":
      return transact(core.db, async (transaction) => {
        const { kind, uuid, version } = value;
        const isKnown = await withdrawRelease(transaction, uuid, version, at);
        return isKnown ? done({ kind, about: `${uuid} ${version}` }) : refuse("unknown-release");
      });
    case "publish":
      return err(refusal("malformed", "a publication comes with its manifest and module"));
  }
}

/** Carries out an order to publish: `publication` → `taRelease`. */
export async function carryOutPublication(
  core: Core,
  body: Uint8Array,
): Promise<Result<Uint8Array, Refusal>> {
  const parts = decode(publication, body);
  if (!parts.ok) return err(malformed(parts.error));
  const [signed, manifest, module] = parts.value;
  const order = await orderIn(core, signed);
  if (!order.ok) return order;
  if (order.value.kind !== "publish") return err(refusal("malformed", "not an order to publish"));
  return publish(core, { manifest, module, ordered: order.value.manifest });
}

async function orderIn(
  { operators, identity, verifier }: Core,
  body: Uint8Array,
): Promise<Result<MakerOrder, Refusal>> {
  const parsed = makerOrder.parse(body);
  if (!parsed.ok) return parsed;
  const key = operators.find((one) => keyIdOf(one) === parsed.value.kid);
  if (key === undefined) return err(refusal("unknown-issuer", "no key of an operator"));
  const context = makerOrderContext(identity.root.id);
  const check = makerOrder.signatureCheck(parsed.value, context, key.compressed);
  const good = checkSignature(check.signature) === undefined && (await verifier.verify(check));
  return good ? ok(parsed.value.payload) : err(refusal("bad-signature"));
}
