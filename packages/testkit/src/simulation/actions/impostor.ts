// What somebody does who has keys of his own and no device that is one: he brings a provider keys that are not his, and bytes that are no
// key, and uses whatever it has signed as something else.
import {
  amount,
  assemble,
  bytes,
  certificate as certificateMessage,
  certificateContext,
  checkSignature,
  decode,
  depositConfirmation,
  encode,
  holderToHome,
  homeToTa,
  keyIdOf,
  map,
  parseCertificate,
  payment,
  paymentContext,
  paymentRequest,
  registration,
  registrationAnswer,
  seconds,
  SIGNATURE_SIZE,
  subjectId,
  taIdOf,
  unwrap,
  walletIdOf,
  type Claims,
  type Counter,
  type CompressedKey,
  type PayeeId,
} from "@bezant/protocol";
import { EUR } from "../../institutions.ts";
import type { Bank } from "../bank.ts";
import type { Response } from "../router.ts";
import type { User } from "../user.ts";
import type { World } from "../world.ts";
import type { Action, Doings } from "./action.ts";
import { bring } from "./couriers.ts";
import { give } from "./malware.ts";
import { deviceUser, hand, someUser } from "./wallet.ts";

const CLIENTS = "/v1/clients";
const YEAR = 365 * 24 * 60 * 60;

export const IMPOSTOR_ACTIONS: Doings = {
  bringKey: { weight: 2, run: bringKey },
  bringBytes: { weight: 2, run: bringBytes },
  payAsTa: { weight: 2, run: payAsTa },
};

/** A key that he does not have: somebody's wallet's, or the provider's own. */
async function bringKey(world: World, action: Action): Promise<boolean> {
  const bank = bankOf(world, action);
  const key = world.rng.oneIn(2)
    ? someUser(world, action).signer.publicKey.compressed
    : unwrap(parseCertificate(bank.chain[0])).claims.key;
  await bring(world, bank, CLIENTS, registrationOf(world, bank, key));
  return true;
}

/** Bytes of his choice in the place of a key. If nothing is signed for them, the signature under his own wallet's certificate has to do. */
async function bringBytes(world: World, action: Action): Promise<boolean> {
  const { rng } = world;
  const bank = bankOf(world, action);
  const wanted = rng.oneIn(2) ? depositAt(world, bank, action) : certificateAt(world, bank, action);
  if (wanted === undefined) return false;
  const chosen = encode(map({ key: [1, bytes(wanted.toBeSigned.length)] }), {
    key: wanted.toBeSigned,
  });
  const signature = world.thief.signer.sign(chosen);
  const body = assemble({ typ: registration.typ, payload: chosen, signature });
  const answer = await bring(world, bank, CLIENTS, body);
  const signed = signatureIn(answer) ?? (await ownCertificate(world, bank))?.slice(-SIGNATURE_SIZE);
  if (signed !== undefined) await wanted.use(signed);
  return true;
}

/** The certificate of his wallet in place of a TA's. */
async function payAsTa(world: World, action: Action): Promise<boolean> {
  const bank = bankOf(world, action);
  const certificate = await ownCertificate(world, bank);
  if (certificate !== undefined) await pay(world, action, bank, certificate);
  return true;
}

function bankOf({ banks }: World, { v }: Action): Bank {
  return banks[v % banks.length] as Bank;
}

/** Signed by his key, whatever it says. */
function registrationOf(
  { thief: { signer } }: World,
  { id }: Bank,
  key: CompressedKey,
): Uint8Array {
  const parties = { currency: EUR, home: id, signer: walletIdOf(id, signer.publicKey) };
  return registration.sign({ key }, holderToHome(parties), signer);
}

/** His wallet's certificate, which he gets as anybody does; undefined where the provider fails. */
export async function ownCertificate(world: World, bank: Bank): Promise<Uint8Array | undefined> {
  const { thief, oracle } = world;
  const known = thief.certificates.get(bank.id);
  if (known !== undefined) return known;
  const body = registrationOf(world, bank, thief.signer.publicKey.compressed);
  oracle.noteRequest(bank, { method: "POST", path: CLIENTS, token: undefined, body });
  const answer = await bring(world, bank, CLIENTS, body);
  if (answer === undefined || answer.code !== undefined) return undefined;
  const [certificate] = unwrap(decode(registrationAnswer, answer.body));
  thief.certificates.set(bank.id, certificate);
  return certificate;
}

/** What was signed ends with its signature. */
function signatureIn(answer: Response | undefined): Uint8Array | undefined {
  if (answer === undefined || answer.code !== undefined) return undefined;
  const decoded = decode(registrationAnswer, answer.body);
  const signature = (decoded.ok ? decoded.value[0] : answer.body).slice(-SIGNATURE_SIZE);
  return checkSignature(signature) === undefined ? signature : undefined;
}

/** What he would like to be signed, and what he does with it then. */
type Wanted = {
  readonly toBeSigned: Uint8Array;
  readonly use: (signature: Uint8Array) => Promise<void> | void;
};

/** Money for a device that does what he gives it. */
function depositAt(world: World, { id, chain }: Bank, action: Action): Wanted | undefined {
  const user = deviceUser(world, action);
  const book = user?.ta && world.oracle.books.tas.get(user.ta);
  if (user?.ta === undefined || book === undefined) return undefined;
  const d = (book.figures.d + 1) as Counter;
  const content = { amount: amount(1000n), d, kind: "deposit" } as const;
  const context = homeToTa({ currency: EUR, home: id, ta: user.ta });
  const kid = keyIdOf(unwrap(parseCertificate(chain[0])).key);
  return {
    toBeSigned: depositConfirmation.toBeSigned(content, context, kid),
    use: (signature) => {
      const confirmation = depositConfirmation.assemble(content, signature, { kid, chain });
      give(world, user, "Deposit", { confirmation });
    },
  };
}

/** A TA's certificate for a key of which he makes what use he likes. */
function certificateAt(world: World, bank: Bank, action: Action): Wanted {
  const { thief, clock } = world;
  const claims: Claims = {
    role: "ta",
    iss: bank.id,
    currency: EUR,
    key: thief.signer.publicKey.compressed,
    serial: 1,
    statusIndex: 0,
    limitsProfile: 1,
    securityLevel: 1,
    nbf: clock.now(),
    exp: seconds(clock.now() + YEAR),
  };
  const kid = keyIdOf(unwrap(parseCertificate(bank.chain[0])).key);
  return {
    toBeSigned: certificateMessage.toBeSigned(claims, certificateContext(claims), kid),
    use: (signature) =>
      pay(world, action, bank, certificateMessage.assemble(claims, signature, { kid })),
  };
}

/** Pays what somebody has asked for, with a key that is in no TA and this certificate beside it. */
async function pay(
  world: World,
  action: Action,
  bank: Bank,
  certificate: Uint8Array,
): Promise<void> {
  const { rng, thief, oracle, clock } = world;
  const payee = someUser(world, action);
  const asked =
    rng.pick(oracle.tas.get(payee)?.open ?? [])?.bytes ?? rng.pick(payee.requests)?.message;
  if (asked === undefined) return;
  const request = unwrap(paymentRequest.parse(asked));
  const beside = unwrap(parseCertificate(request.certificate as Uint8Array));
  const receiver = subjectId(beside) as PayeeId;
  const receiverClass = beside.claims.role === "ta" ? "ta" : "wallet";
  const { amount: x, r, challenge } = request.payload;
  const common = { amount: x, r, challenge, receiver, receiverClass } as const;
  const content = { ...common, j: 1 as Counter, time: clock.now(), type: "basic" } as const;
  const sender = taIdOf(thief.signer.publicKey);
  const context = paymentContext({ currency: EUR, home: bank.id, sender, receiver });
  const { chain } = bank;
  const message = payment.sign(content, context, thief.signer, { certificate, chain });
  await deliver(world, payee, message, receiverClass);
}

/** To the payee's wallet, or past it. */
async function deliver(
  world: World,
  payee: User,
  message: Uint8Array,
  receiverClass: "ta" | "wallet",
): Promise<void> {
  const { home } = payee.parts;
  if (world.rng.oneIn(2)) {
    await hand(world, payee, message);
  } else if (receiverClass === "ta") {
    give(world, payee, "Collect", { payment: message });
  } else {
    await bring(world, home, `/v1/clients/${payee.wallet}/claims`, message);
  }
}
