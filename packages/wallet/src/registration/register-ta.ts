import {
  certVerify,
  err,
  fromHex,
  ok,
  taRegistration,
  type Result,
  type TaId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { needDevice, needProvider, orderContext, type Online } from "../core/identity.ts";
import { begin, end, unfinished } from "../core/journal.ts";
import { stop } from "../core/stop.ts";
import type { Device } from "../device/device.ts";
import { pending, walletRefusal, type WalletRefusal } from "../refusals.ts";
import { put, remove } from "../store/records.ts";
import { adopt } from "./adopt.ts";
import { TRUSTED_APP, type TrustedAppRecord } from "./records.ts";
import { awaitsStatement, reportRetired } from "./retire.ts";

export type RegisteredTa = { readonly ta: TaId };

/**
 * Figure 3: the device's TA attests to the provider and gets its certificate; on a TA that has one, this renews it. A blank or
 * retired device begins a new TA.
 */
export async function registerTa(core: Core): Promise<Result<RegisteredTa, WalletRefusal>> {
  return core.exclusive("register", async () => {
    const device = needDevice(core);
    if (!device.ok) return device;
    const provider = await needProvider(core);
    if (!provider.ok) return provider;
    if (await awaitsStatement(core)) return err(walletRefusal("unfinished"));
    await core.records.commit(begin("register-ta", "", core.now()));
    return run(core, device.value, provider.value);
  });
}

export async function resumeRegisterTa(core: Core): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("register", async () => {
    if ((await unfinished(core, "register-ta")).length === 0) return ok(undefined);
    const device = needDevice(core);
    if (!device.ok) return err(pending(device.error));
    const next = await core.records.get(TRUSTED_APP, "next");
    if (next !== undefined) return withoutValue(await install(core, device.value, next));
    const provider = await needProvider(core);
    if (!provider.ok) return err(pending(provider.error));
    return withoutValue(await run(core, device.value, provider.value));
  });
}

async function run(
  core: Core,
  device: Device,
  provider: Online,
  isSecondTry = false,
): Promise<Result<RegisteredTa, WalletRefusal>> {
  const attested = await attest(core, device, provider);
  if (!attested.ok) return abandon(core, attested.error);
  const message = await taRegistration.signAsync(
    { evidence: attested.value },
    orderContext(core, provider),
    core.signer,
  );
  const answer = await provider.client.registerTa(message);
  if (!answer.ok && answer.error.code === "wrong-anchor" && !isSecondTry) {
    // Somebody has called Init with another root; without a certificate that counts for nothing.
    const made = await device.init({ anchor: fromHex(core.root.key.compressed) });
    return made.ok ? run(core, device, provider, true) : abandon(core, made.error);
  }
  if (!answer.ok) return abandon(core, answer.error);
  const [certificate, chain, limitsProfile] = answer.value;
  const certified = await core.trust.verify(
    certVerify({ ...core.trust.at(core.now()), certificate, chain, roles: ["ta"] }),
  );
  if (!certified.ok) return abandon(core, walletRefusal("untrusted-answer", certified.error.code));
  const { id: ta, claims } = certified.value;
  const next = { ta, home: claims.iss, certificate, chain, limitsProfile };
  await core.records.commit(put(TRUSTED_APP, "next", next));
  return install(core, device, next);
}

/** Evidence of the device's TA, which is made first where there is none. */
async function attest(
  core: Core,
  device: Device,
  online: Online,
): Promise<Result<Uint8Array, WalletRefusal>> {
  const { client, provider } = online;
  const info = await device.getInfo();
  if (!info.ok) return info;
  const { phase } = info.value;
  if (phase === "retired") {
    const reported = await reportRetired(core, device, online);
    if (!reported.ok) return reported;
  }
  if (phase === "blank" || phase === "retired") {
    const made = await device.init({ anchor: fromHex(core.root.key.compressed) });
    if (!made.ok) return made;
  }
  const nonce = await client.challenge("attest");
  if (!nonce.ok) return nonce;
  return device.attest({ audience: provider, nonce: nonce.value });
}

/** Gives the TA its certificate, which is stored already. */
async function install(
  core: Core,
  device: Device,
  next: TrustedAppRecord,
): Promise<Result<RegisteredTa, WalletRefusal>> {
  const { certificate, chain, limitsProfile, ta } = next;
  const info = await device.getInfo();
  if (!info.ok) return err(pending(info.error));
  if (info.value.id !== ta) return abandon(core, walletRefusal("other-device"));
  const certification = { certificate, chain, limitsProfile };
  const installed =
    info.value.phase === "initialised"
      ? await device.certInit(certification)
      : await device.renew(certification);
  // The TA has it already: this was interrupted after it took it.
  if (!installed.ok && installed.error.code !== "stale-serial") {
    return abandon(core, installed.error);
  }
  core.connectedTa = ta;
  if ((await core.records.get(TRUSTED_APP, "active"))?.ta !== ta) {
    const adopted = await adopt(core, { ...next, device });
    if (!adopted.ok) return err(pending(adopted.error));
  }
  await core.records.commit(
    put(TRUSTED_APP, "active", next),
    remove(TRUSTED_APP, "next"),
    end("register-ta", ""),
  );
  return ok({ ta });
}

function abandon(core: Core, refused: WalletRefusal): Promise<Result<never, WalletRefusal>> {
  return stop(core, refused, remove(TRUSTED_APP, "next"), end("register-ta", ""));
}

function withoutValue<T, E>(result: Result<T, E>): Result<void, E> {
  return result.ok ? ok(undefined) : result;
}
