import { makerOrder, makerOrderContext, publication, type MakerOrder } from "@bezant/manufacturer";
import {
  encode,
  isInstitutionId,
  sha256,
  taManifest,
  type InstitutionId,
  type Signer,
} from "@bezant/protocol";
import { Failure, Refused } from "../failure.ts";
import { giveOrder, postBytes, postSigned, readInfo, type Fetch } from "../service/signed-post.ts";

/** A manufacturer's operator, over the network. Every order may be given again: there is no way back from any of them. */
export type MakerOperator = {
  readonly manufacturer: InstitutionId;
  /** Gives the device or release that it was about. */
  readonly order: (order: Exclude<MakerOrder, { kind: "publish" }>) => Promise<string>;
  /** Has a release endorsed and published: manifest and endorsement. */
  readonly publish: (manifest: Uint8Array, module: Uint8Array) => Promise<Uint8Array>;
};

/** @param fetch with a TLS certificate of the manufacturer's own, where it speaks TLS */
export async function makerOperatorAt(
  url: string,
  signer: Signer,
  fetch: Fetch = globalThis.fetch,
): Promise<MakerOperator> {
  const { manufacturer } = await readInfo(fetch, url, "/oem/v1/manufacturer", "manufacturer");
  if (!isInstitutionId(manufacturer)) {
    throw new Failure(`What answers at ${url} is no manufacturer. Nothing was done.`);
  }
  const to = { url, fetch, context: makerOrderContext(manufacturer), signer };
  return {
    manufacturer,
    order: async (order) => {
      const give = () => postSigned(to, "/operator/v1/orders", makerOrder, order);
      const { about } = (await giveOrder(give, REPEAT)) as { readonly about: string };
      return about;
    },
    publish: async (manifest, module) => {
      const parsed = taManifest.parse(manifest);
      if (!parsed.ok) throw new Refused(parsed.error);
      const order = { kind: "publish", manifest: sha256(parsed.value.payloadBytes) } as const;
      const signed = await makerOrder.signAsync(order, to.context, signer);
      const body = encode(publication, [signed, manifest, module]);
      const give = () => postBytes(to, "/operator/v1/releases", "application/cbor", body);
      return new Uint8Array(await (await giveOrder(give, REPEAT)).arrayBuffer());
    },
  };
}

const REPEAT = "Give it again";
