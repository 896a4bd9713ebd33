// Evidence that should convince no provider: recorded, older than its nonce, another's device's, or that of a TA that is none.
import {
  attach,
  evidence,
  fromHex,
  holderToHome,
  taRegistration,
  unwrap,
  walletIdOf,
  type SyncSigner,
  type WalletId,
} from "@bezant/protocol";
import { COMMANDS, encodeInput } from "@bezant/trusted-app/commands";
import { EUR } from "../../institutions.ts";
import type { Bank } from "../bank.ts";
import type { User } from "../user.ts";
import type { World } from "../world.ts";
import type { Action, Doings } from "./action.ts";
import { bring } from "./couriers.ts";
import { ownCertificate } from "./impostor.ts";
import { deviceUser } from "./wallet.ts";

export const EVIDENCE_ACTIONS: Doings = {
  bringEvidence: { weight: 3, run: bringEvidence },
};

/** For whom a TA is to be certified. */
type Client = { readonly id: WalletId; readonly signer: SyncSigner };

/** Somebody's TA, or none, is to be certified for the wallet of a phone with malware on it, or for the thief's own. */
async function bringEvidence(world: World, action: Action): Promise<boolean> {
  const user = deviceUser(world, action);
  const bank = user?.parts.home;
  if (user?.wallet === undefined || bank === undefined) return false;
  const client = world.rng.oneIn(2)
    ? { id: user.wallet, signer: user.signer }
    : await thiefAt(world, bank);
  const make = world.rng.pick([recorded, madeBefore, relayed, ofNoDevice]);
  const said = client && (await make?.(world, bank, client, user));
  if (client === undefined || said === undefined) return true;
  const context = holderToHome({ currency: EUR, home: bank.id, signer: client.id });
  const order = taRegistration.sign({ evidence: said }, context, client.signer);
  await bring(world, bank, `/v1/clients/${client.id}/tas`, order);
  return true;
}

async function thiefAt(world: World, bank: Bank): Promise<Client | undefined> {
  const { signer } = world.thief;
  const certificate = await ownCertificate(world, bank);
  return certificate && { id: walletIdOf(bank.id, signer.publicKey), signer };
}

type Making = (
  world: World,
  bank: Bank,
  client: Client,
  user: User,
) => Promise<Uint8Array | undefined> | Uint8Array | undefined;

/** What went over the network for this client, or for another one, as it was or with something else beside it. */
const recorded: Making = ({ rng, net }, bank, { id }) => {
  const all = net.seenRequests.filter(
    (one) => one.bank === bank && one.request.path.endsWith("/tas"),
  );
  const own = all.filter(({ request }) => request.path.includes(id));
  const order = rng.pick(own.length > 0 && !rng.oneIn(4) ? own : all);
  const parsed = order && taRegistration.parse(order.request.body);
  const seen = parsed?.ok === true ? parsed.value.payload.evidence : undefined;
  if (seen === undefined || rng.oneIn(2)) return seen;
  const { certificate } = unwrap(evidence.parse(seen));
  return unwrap(attach(seen, { certificate, chain: bank.chain }));
};

/** Malware had the device for a moment, and keeps what it said for later; no provider has asked for it. */
const madeBefore: Making = ({ rng }, bank, _, user) => attest(user, bank, rng.bytes(16));

/** The provider asks one client, and whatever device is at hand answers. */
const relayed: Making = async (world, bank, client, user) => {
  const nonce = await challenge(world, bank, client);
  return nonce && attest(user, bank, nonce);
};

const ofNoDevice: Making = async (world, bank, client) => {
  const nonce = await challenge(world, bank, client);
  return nonce && world.thief.attest(bank.id, nonce, world.rng.u32());
};

function attest({ device }: User, { id }: Bank, nonce: Uint8Array): Uint8Array | undefined {
  const answer = device?.give(
    COMMANDS.Attest.number,
    encodeInput("Attest", { audience: id, nonce }),
  );
  return answer?.ok === true && answer.value.status === 0 ? answer.value.output : undefined;
}

async function challenge(
  world: World,
  bank: Bank,
  { id }: Client,
): Promise<Uint8Array | undefined> {
  const body = new TextEncoder().encode(JSON.stringify({ purpose: "attest" }));
  const answer = await bring(world, bank, `/v1/clients/${id}/challenges`, body);
  if (answer === undefined || answer.code !== undefined) return undefined;
  const { nonce } = JSON.parse(new TextDecoder().decode(answer.body)) as { readonly nonce: string };
  return fromHex(nonce);
}
