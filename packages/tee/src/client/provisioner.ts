import { err, isRefusalCode, ok, refusal, type Refusal, type Result } from "@bezant/protocol";
import { Connection } from "./socket.ts";
import { MAX_INPUT, teecError, type TeecError } from "./teec.ts";
import type { WireResponse } from "./wire.ts";

type Report = Promise<Result<Uint8Array, Refusal | TeecError>>;

/** The device's own software, through its socket: what carries reports and updates between device and manufacturer. */
export type Provisioner = {
  /** A signed report of what is installed, for a manufacturer's nonce. */
  readonly report: (nonce: Uint8Array) => Report;
  /** Installs a `sealedUpdate` that answers the report with this nonce. The report that comes back goes to the manufacturer. */
  readonly installSealed: (sealed: Uint8Array, nonce: Uint8Array) => Report;
  /** Installs an `updatePackage` from a file. */
  readonly install: (update: Uint8Array) => Report;
  readonly close: () => void;
};

export async function connectProvisioner({
  socket,
}: {
  readonly socket: string;
}): Promise<Result<Provisioner, TeecError>> {
  const opened = await Connection.open(socket);
  if (!opened.ok) return opened;
  const connection = opened.value;
  const install = async (update: Uint8Array, nonce?: Uint8Array): Report => {
    for (let offset = 0; offset < update.length; offset += MAX_INPUT) {
      const part = update.subarray(offset, offset + MAX_INPUT);
      const sent = await connection.call({ call: "upload", offset, part });
      if (!sent.ok) return sent;
    }
    const named = nonce === undefined ? {} : { nonce };
    return reportIn(await connection.call({ call: "install", ...named }));
  };
  return ok({
    report: async (nonce) => reportIn(await connection.call({ call: "report", nonce })),
    installSealed: install,
    install: (update) => install(update),
    close: () => connection.close(),
  });
}

function reportIn(
  answer: Result<WireResponse, TeecError>,
): Result<Uint8Array, Refusal | TeecError> {
  if (!answer.ok) return answer;
  const { value } = answer;
  if (value.answer === "report") return ok(value.report);
  return value.answer === "refused" && isRefusalCode(value.code)
    ? err(refusal(value.code))
    : err(teecError("TEEC_ERROR_COMMUNICATION", "communication", "unknown"));
}
