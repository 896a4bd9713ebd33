import { concatBytes, sealedUpdate, updatePackage, type Result } from "@bezant/protocol";
import { teecError } from "../client/teec.ts";
import type { WireRequest, WireResponse } from "../client/wire.ts";
import type { UpdateAgent, UpdateRefusal } from "../provisioning/agent.ts";

export type ProvisioningRequest = Extract<
  WireRequest,
  { readonly call: "report" | "upload" | "install" }
>;
/** What goes to the TA, or opens the way to it. */
export type TaRequest = Exclude<WireRequest, ProvisioningRequest>;

export function isProvisioning(request: WireRequest): request is ProvisioningRequest {
  return request.call === "report" || request.call === "upload" || request.call === "install";
}

const MAX_UPLOAD = Math.max(sealedUpdate.maxSize, updatePackage.maxSize);

/** What one connection asks about the device's own software. An update comes in parts, so that frames stay small. */
export class ProvisioningCalls {
  readonly #agent: UpdateAgent;
  #parts: Uint8Array[] = [];
  #length = 0;

  constructor(agent: UpdateAgent) {
    this.#agent = agent;
  }

  async answer(request: ProvisioningRequest): Promise<WireResponse> {
    const { id } = request;
    if (request.call === "report") return reply(id, await this.#agent.report(request.nonce));
    if (request.call === "upload") return this.#upload(request);
    const uploaded = concatBytes(...this.#parts);
    this.#clear();
    const { nonce } = request;
    return reply(
      id,
      nonce === undefined
        ? await this.#agent.install(uploaded)
        : await this.#agent.installSealed(uploaded, nonce),
    );
  }

  #upload({ id, offset, part }: Extract<ProvisioningRequest, { call: "upload" }>): WireResponse {
    if (offset === 0) this.#clear();
    if (offset !== this.#length || this.#length + part.length > MAX_UPLOAD) {
      this.#clear();
      return { answer: "error", id, error: teecError("TEEC_ERROR_EXCESS_DATA", "communication") };
    }
    this.#parts.push(part);
    this.#length += part.length;
    return { answer: "done", id };
  }

  #clear(): void {
    this.#parts = [];
    this.#length = 0;
  }
}

function reply(id: number, result: Result<Uint8Array, UpdateRefusal>): WireResponse {
  if (result.ok) return { answer: "report", id, report: result.value };
  const { error } = result;
  return "origin" in error
    ? { answer: "error", id, error }
    : { answer: "refused", id, code: error.code };
}
