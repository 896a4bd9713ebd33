import {
  concatBytes,
  counter,
  fromHex,
  limitsProfile,
  ok,
  retirement,
  toHex,
  type CompressedKey,
  type Limits,
  type Result,
  type TaClaims,
  type TaId,
} from "@bezant/protocol";
import type { Input, TaRefusal } from "../../commands.ts";
import type { TeeInternalApi } from "../../internal-api.ts";
import {
  certVerify,
  currencyOf,
  readCertificate,
  thumbprintOf,
  thumbprintOfPoint,
  verifies,
  type Issuer,
} from "../certificates.ts";
import { BLANK } from "../layout.ts";
import { read } from "../incoming.ts";
import { signForHome } from "../outgoing.ts";
import { done, refuse, type Handler } from "../reply.ts";
import { MAX_PIN_TRIES, type TaState } from "../state.ts";

// From blank to retired: Init, Attest, CertInit, Renew, Retire.

export const init: Handler<"Init"> = (api, _, { anchor }) => {
  if (api.expand(anchor) === undefined) return refuse("bad-key");
  const point = api.generateKey();
  const sign = ((point[63] as number) & 1) === 1 ? 3 : 2;
  const vk = concatBytes(Uint8Array.of(sign), point.subarray(0, 32));
  const id = thumbprintOfPoint(api, point) as TaId;
  const state: TaState = {
    ...BLANK,
    phase: "initialised",
    anchor: toHex(anchor) as CompressedKey,
    vk: toHex(vk) as CompressedKey,
    id,
    pinTries: MAX_PIN_TRIES,
  };
  return done(state, { vk, id });
};

export const attest: Handler<"Attest"> = (api, state, { audience, nonce }) => {
  const anchor = fromHex(thumbprintOf(api, state.anchor) as string);
  const name = Uint8Array.from(audience, (character) => character.charCodeAt(0));
  return done(state, api.attest(name, nonce, fromHex(state.vk), anchor));
};

export const certInit: Handler<"CertInit"> = (api, state, input) => {
  const certified = certification(api, state, input);
  if (!certified.ok) return certified;
  return done({ ...accept(state, certified.value), phase: "active" }, {});
};

export const renew: Handler<"Renew"> = (api, state, input) => {
  const certified = certification(api, state, input);
  if (!certified.ok) return certified;
  const { claims, limits } = certified.value;
  if (claims.iss !== state.home) return refuse("not-home");
  if (claims.currency !== state.currency) return refuse("wrong-currency");
  if (claims.serial <= state.serial) return refuse("stale-serial");
  if (limits.version < state.limits.version) return refuse("stale-limits");
  return done(accept(state, certified.value), {});
};

/** A certificate for this T.vk, its issuer, and the limits that belong to it. */
interface Certification {
  readonly bytes: Uint8Array;
  readonly claims: TaClaims;
  readonly issuer: Issuer;
  readonly limits: Limits;
}

function certification(
  api: TeeInternalApi,
  state: TaState,
  input: Input<"CertInit">,
): Result<Certification, TaRefusal> {
  const seen = readCertificate(api, input.certificate);
  if (!seen.ok) return seen;
  const { kid, claims, bytes } = seen.value;
  const issuer = certVerify(api, {
    state,
    currency: currencyOf(claims),
    now: state.time,
    chain: input.chain,
    kid,
    leaf: { seen: seen.value, roles: ["ta"] },
  });
  if (!issuer.ok) return issuer;
  const own = claims as TaClaims;
  if (own.key !== state.vk) return refuse("wrong-key");

  const profile = read(limitsProfile, input.limitsProfile);
  if (!profile.ok) return profile;
  const { id, key } = issuer.value;
  if (profile.value.kid !== issuer.value.kid) return refuse("unknown-issuer");
  const context = { currency: own.currency, home: "", signer: id, audience: state.id } as const;
  if (!verifies(api, limitsProfile.signatureCheck(profile.value, context, key))) {
    return refuse("bad-signature");
  }
  const limits = profile.value.payload;
  if (limits.profile !== own.limitsProfile) return refuse("wrong-limits");
  return ok({ bytes, claims: own, issuer: issuer.value, limits });
}

function accept(state: TaState, { bytes, claims, issuer, limits }: Certification): TaState {
  return {
    ...state,
    cert: bytes,
    home: issuer.id,
    currency: claims.currency,
    exp: claims.exp,
    serial: claims.serial,
    providerKey: issuer.key,
    providerKid: issuer.kid,
    providerExp: issuer.exp,
    limits,
    time: Math.max(state.time, claims.nbf),
  };
}

/** The key stays, so that a lost statement can be had again; the next `Init` replaces it. */
export const retire: Handler<"Retire"> = (api, state) => {
  const { phase, balance, payments, withdrawals, requests } = state;
  const isEmpty = [payments, withdrawals, requests].every(({ length }) => length === 0);
  if (phase !== "retired" && (balance !== 0n || !isEmpty)) return refuse("not-empty");
  const statement = signForHome(api, state, retirement, {
    d: counter(state.d),
    w: counter(state.w),
    j: counter(state.j),
    head: fromHex(state.head),
  });
  return done({ ...state, phase: "retired" }, statement);
};
