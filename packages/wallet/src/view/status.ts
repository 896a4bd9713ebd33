import { ok, type ProviderId, type Result, type TaId, type WalletId } from "@bezant/protocol";
import type { Output } from "@bezant/trusted-app/commands";
import type { Core } from "../core/core.ts";
import { needDevice } from "../core/identity.ts";
import type { WalletRefusal } from "../refusals.ts";
import { REGISTRATION, TRUSTED_APP } from "../registration/records.ts";
import { openRequests, type RequestRecord } from "../request/records.ts";

export type Status = {
  /** Absent before `register`. */
  readonly registered?: {
    readonly url: string;
    readonly provider: ProviderId;
    readonly wallet: WalletId;
  };
  /** The TA that `registerTa` has certified. */
  readonly ta?: TaId;
  /** What the device says of its TA (`GetInfo`), or why it does not. */
  readonly device?: Result<Output<"GetInfo">, WalletRefusal>;
  /** Requests that have not ended. */
  readonly open: readonly RequestRecord[];
};

/** Who this wallet is, and how its device is. */
export async function status(core: Core): Promise<Result<Status, never>> {
  const registration = await core.records.get(REGISTRATION, "");
  const trustedApp = await core.records.get(TRUSTED_APP, "active");
  const device = needDevice(core);
  return ok({
    ...(registration?.certificate === undefined ? {} : { registered: pick(registration) }),
    ...(trustedApp === undefined ? {} : { ta: trustedApp.ta }),
    ...(device.ok ? { device: await device.value.getInfo() } : {}),
    open: await openRequests(core.records),
  });
}

function pick({ url, provider, wallet }: NonNullable<Status["registered"]>) {
  return { url, provider, wallet };
}
