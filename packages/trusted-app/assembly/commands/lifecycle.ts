import { copy } from "../bytes";
import { finished, lastLength, readArray, readFixed } from "../cbor/reader";
import { readInstitution } from "../cbor/text";
import { startWriting, writeArray, writeBytes, writeMap, writeUint, written } from "../cbor/writer";
import { compress, ID_SIZE, KEY_SIZE, thumbprint, thumbprintOfPoint } from "../cose/key";
import { endPayload, outputMessage, signForHome, startPayload } from "../cose/outgoing";
import { Typ } from "../cose/typ";
import { OUTPUT, OUTPUT_CAPACITY, setOutputLength } from "../output";
import { resetState } from "../state/commit";
import { paymentsCount } from "../state/payments";
import { requestsCount } from "../state/requests";
import { Phase, T } from "../state/state";
import { withdrawalsCount } from "../state/withdrawals";
import { Status } from "../status";
import { attest, generateKey } from "../tee";

const NONCE_SIZE: u32 = 16;
const POINT = memory.data(64);
const ANCHOR_THUMBPRINT = memory.data(32);

/** Init: a new instance, with a new key, under a root key pinned for its life. */
export function init(): Status {
  readArray(1);
  const anchor = readFixed(KEY_SIZE);
  if (!finished()) return Status.Malformed;
  // "phase is not active (wrong-phase)"
  if (T.phase == Phase.Active) return Status.WrongPhase;
  // "anchor is a valid point (bad-key)"
  if (!thumbprint(anchor, ANCHOR_THUMBPRINT)) return Status.BadKey;

  // "Generate the key, set the whole state anew."
  resetState();
  T.phase = Phase.Initialised;
  copy(T.anchor, anchor, KEY_SIZE);
  generateKey(POINT);
  compress(POINT, T.vk);
  thumbprintOfPoint(POINT, T.id);

  startWriting(OUTPUT, OUTPUT_CAPACITY);
  writeArray(2);
  writeBytes(T.vk, KEY_SIZE);
  writeBytes(T.id, ID_SIZE);
  setOutputLength(written());
  return Status.Ok;
}

/** Attest: TOS.Attest of T.vk and the anchor, for one relying party and its nonce. */
export function attestKey(): Status {
  readArray(2);
  const audience = readInstitution();
  const audienceLength = lastLength();
  const nonce = readFixed(NONCE_SIZE);
  if (!finished()) return Status.Malformed;
  // "Attest needs initialised or active"
  if (T.phase != Phase.Initialised && T.phase != Phase.Active) return Status.WrongPhase;

  if (!thumbprint(T.anchor, ANCHOR_THUMBPRINT)) unreachable();
  const length = attest(
    audience,
    audienceLength,
    nonce,
    T.vk,
    ANCHOR_THUMBPRINT,
    OUTPUT,
    OUTPUT_CAPACITY,
  );
  if (length == 0 || length > OUTPUT_CAPACITY) unreachable();
  setOutputLength(length);
  return Status.Ok;
}

/** Retire: the last statement of an instance that holds nothing. A retired one gives it again, as the first may be lost. */
export function retire(): Status {
  readArray(0);
  if (!finished()) return Status.Malformed;
  // "phase active or retired (wrong-phase)"
  if (T.phase != Phase.Active && T.phase != Phase.Retired) return Status.WrongPhase;
  // "Retired already: the same statement is signed again, no change. Otherwise balance 0, payments, withdrawals and
  // requests empty (not-empty)"
  if (T.phase == Phase.Active && !isEmpty()) return Status.NotEmpty;

  signRetirement();
  // "Phase becomes retired"
  T.phase = Phase.Retired;
  return Status.Ok;
}

function isEmpty(): bool {
  return T.balance == 0 && paymentsCount() == 0 && withdrawalsCount() == 0 && requestsCount() == 0;
}

function signRetirement(): void {
  // `retirement = { 1: d, 2: w, 3: j, 4: head }`
  startPayload();
  writeMap(4);
  writeUint(1);
  writeUint(T.d);
  writeUint(2);
  writeUint(T.w);
  writeUint(3);
  writeUint(T.j);
  writeUint(4);
  writeBytes(T.head, 32);
  endPayload(Typ.Retirement);
  outputMessage(signForHome(Typ.Retirement));
}
