import {
  bytesOf,
  certVerify,
  chainVerify,
  err,
  ok,
  refusal,
  registration,
  walletIdOf,
  type CertRefusal,
  type Certified,
  type Infer,
  type ProviderId,
  type registrationAnswer,
  type Refusal,
  type Result,
  type WalletId,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { orderContext, wayTo } from "../core/identity.ts";
import { begin, end, unfinished } from "../core/journal.ts";
import { stop } from "../core/stop.ts";
import type { Way } from "../provider-client/http.ts";
import { postRegistration, providerInfo } from "../provider-client/provider.ts";
import { pending, walletRefusal, type WalletRefusal } from "../refusals.ts";
import { put, remove } from "../store/records.ts";
import { REGISTRATION, type RegistrationRecord } from "./records.ts";

export type RegisteredWallet = { readonly provider: ProviderId; readonly wallet: WalletId };

/**
 * Figure 2: makes the wallet a client of the provider at this address, or fetches its current certificate. The wallet's key
 * is the same for ever, so repeating it changes nothing.
 */
export async function register(
  core: Core,
  { url: given }: { readonly url: string },
): Promise<Result<RegisteredWallet, WalletRefusal>> {
  const url = baseOf(given);
  if (url === undefined) return err(refusal("malformed", "not the address of a provider"));
  return core.exclusive("register", async () => {
    const way = wayTo(core, url);
    if (!way.ok) return way;
    const asked = await meetProvider(core, way.value);
    if (!asked.ok) return asked;
    const known = await core.records.get(REGISTRATION, "");
    if (known !== undefined && known.provider !== asked.value.provider) {
      return err(walletRefusal("other-provider", known.provider));
    }
    const record = { ...known, ...asked.value };
    await core.records.commit(put(REGISTRATION, "", record), begin("register", "", core.now()));
    return finish(core, way.value, record, known);
  });
}

const MAX_URL = 500;

/** An address to which paths can be added; undefined for what is none. */
function baseOf(given: string): string | undefined {
  const url = given.length <= MAX_URL && URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return undefined;
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

export async function resumeRegister(core: Core): Promise<Result<void, WalletRefusal>> {
  return core.exclusive("register", async () => {
    const [entry] = await unfinished(core, "register");
    const record = await core.records.get(REGISTRATION, "");
    if (entry === undefined || record === undefined) return ok(undefined);
    const way = wayTo(core, record.url);
    if (!way.ok) return err(pending(way.error));
    const known = record.certificate === undefined ? undefined : record;
    const finished = await finish(core, way.value, record, known);
    return finished.ok ? ok(undefined) : finished;
  });
}

/** Who is there, and whether the pinned root says so. */
async function meetProvider(
  core: Core,
  way: Way,
): Promise<Result<Omit<RegistrationRecord, "certificate">, WalletRefusal>> {
  const info = await providerInfo(way);
  if (!info.ok) return info;
  const { provider, currency, chain } = info.value;
  if (currency !== core.currency) return err(refusal("wrong-currency"));
  const now = core.now();
  const verified = await core.trust.verify(
    chainVerify({ ...core.trust.at(now), chain, asSigner: true }),
  );
  if (!verified.ok) return verified;
  if (verified.value.providerId !== provider) return err(refusal("unknown-issuer"));
  return ok({ url: way.url, provider, wallet: walletIdOf(provider, core.signer.publicKey), chain });
}

async function finish(
  core: Core,
  way: Way,
  record: RegistrationRecord,
  before: RegistrationRecord | undefined,
): Promise<Result<RegisteredWallet, WalletRefusal>> {
  const { provider, wallet } = record;
  const { signer } = core;
  const key = { key: signer.publicKey.compressed };
  const message = await registration.signAsync(key, orderContext(core, record), signer);
  const answer = await postRegistration(way, message);
  if (!answer.ok) {
    const undo = before === undefined ? remove(REGISTRATION, "") : put(REGISTRATION, "", before);
    return stop(core, answer.error, undo, end("register", ""));
  }
  const certified = await verifyCertificate(core, answer.value);
  if (!certified.ok || certified.value.id !== wallet) {
    const detail = certified.ok ? "another wallet's" : certified.error.code;
    return err(pending(walletRefusal("untrusted-answer", detail)));
  }
  const { bytes: certificate, chain } = certified.value;
  const own = { certificate, chain: chain === undefined ? record.chain : bytesOf(chain) };
  await core.records.commit(put(REGISTRATION, "", { ...record, ...own }), end("register", ""));
  return ok({ provider, wallet });
}

/** The certificate under the chain that came with it, or under an earlier one: a provider that has a new key sends its chain. */
async function verifyCertificate(
  core: Core,
  [certificate, chain]: Infer<typeof registrationAnswer>,
): Promise<Result<Certified<"wallet">, CertRefusal | Refusal<"bad-signature">>> {
  const input = { ...core.trust.at(core.now()), certificate, roles: ["wallet"] as const };
  const certified = await core.trust.verify(certVerify({ ...input, chain }));
  if (certified.ok || certified.error.code !== "unknown-issuer") return certified;
  return core.trust.verify(certVerify(input));
}
