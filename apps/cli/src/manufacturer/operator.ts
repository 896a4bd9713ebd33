import { asyncNodeSigner, readKey } from "@bezant/pki/node";
import { makerOrder, makerOrderContext, type MakerOrder } from "@bezant/manufacturer";
import { isInstitutionId, isRefusalCode, refusal, type InstitutionId } from "@bezant/protocol";
import type { Cli } from "../cli.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure, Refused } from "../failure.ts";
import { folderFailure } from "../folders.ts";
import { passphrase, type PassphraseOptions } from "../passphrase.ts";

/** Signs an order with the operator's key, for the manufacturer that serves there. */
export async function signOrder(
  cli: Cli,
  options: PassphraseOptions & { readonly url: string; readonly key: string },
  order: MakerOrder,
): Promise<Uint8Array> {
  const key = await readKey(options.key, await passphrase(cli, options));
  if (!key.ok) throw folderFailure(options.key, key.error);
  const context = makerOrderContext(await manufacturerAt(options.url));
  return makerOrder.signAsync(order, context, asyncNodeSigner(key.value));
}

/** Whose server this is. */
async function manufacturerAt(url: string): Promise<InstitutionId> {
  const answer = await reach(`${url}/oem/v1/manufacturer`, {});
  const { manufacturer } = (await answer.json()) as { readonly manufacturer?: unknown };
  if (!isInstitutionId(manufacturer)) throw new Failure(`no manufacturer answers at ${url}`);
  return manufacturer;
}

/** Sends bytes; gives the answer's, or ends the command with what was refused. */
export async function postToMaker(
  url: string,
  path: string,
  media: string,
  body: Uint8Array,
): Promise<Uint8Array> {
  const headers = { "content-type": media };
  const answer = await reach(`${url}${path}`, {
    method: "POST",
    headers,
    body: new Uint8Array(body),
  });
  if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
  const { code } = (await answer.json().catch(() => ({}))) as { readonly code?: unknown };
  if (isRefusalCode(code)) throw new Refused(refusal(code));
  throw new Failure(`the manufacturer answered ${answer.status}`);
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    throw new Failure(`nobody answers at ${url}; nothing was done`, EXIT.refused);
  }
}
