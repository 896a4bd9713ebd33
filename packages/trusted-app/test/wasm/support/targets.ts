import {
  attach,
  depositConfirmation,
  limitsProfile,
  outcome,
  payment,
  paymentRequest,
  seconds,
  syncRequest,
  syncResponse,
  unwrap,
  withdrawalAcknowledgement,
  type Parsed,
} from "@bezant/protocol";
import { encodeInput } from "../../../src/commands.ts";
import { limitsOf, START } from "../../world/institutions.ts";
import { signAcknowledgement, signConfirmation, signSync, withChain } from "../../world/signed.ts";
import { ask, fund, pay, type Enrolled, type Network } from "./network.ts";

/** What the protocol package says of some bytes. */
export type Reading =
  | { readonly ok: true; readonly value: Parsed<unknown> }
  | { readonly ok: false; readonly error: { readonly code: string } };

/** A command that takes a message, with one that it accepts. */
export interface Target {
  readonly name: string;
  readonly device: Enrolled;
  readonly genuine: Uint8Array;
  readonly run: (message: Uint8Array) => readonly [command: number, input: Uint8Array];
  readonly parse: (message: Uint8Array) => Reading;
}

/** One for each kind of message that a TA reads; two for those that come in two forms. */
export function targets(network: Network): Target[] {
  const { home, other } = network;
  const [device, peer, stranger] = [network.active(), network.active(), network.active(other)];
  fund(device, 1000n);
  fund(peer, 1000n);
  const paid = pay(peer, ask(device, 10n));
  const request = ask(peer, 10n);
  const mine = pay(device, request);
  const receipt = peer.call("Collect", { payment: mine });
  const { nonce } = unwrap(syncRequest.parse(device.call("SyncRequest", {}))).payload;
  const answer = { nonce, limits: limitsOf(), time: START, w: 0, stored: 0 };
  const certification = network.certification(home, device);
  const acknowledgement = signAcknowledgement(home, device.id, 0);
  const deposit = {
    device,
    run: (confirmation: Uint8Array) => [6, encodeInput("Deposit", { confirmation })] as const,
    parse: depositConfirmation.parse,
  };
  const payOrder = {
    device,
    run: (bytes: Uint8Array) =>
      [11, encodeInput("Pay", { request: bytes, hint: seconds(0) })] as const,
    parse: paymentRequest.parse,
  };
  return [
    { name: "Deposit", genuine: signConfirmation(home, device.id, { d: 2, x: 5n }), ...deposit },
    {
      name: "Deposit of a refund",
      genuine: signConfirmation(home, device.id, { d: 2, x: 10n, refundOf: 1 }),
      ...deposit,
    },
    {
      name: "AckWithdraw",
      device,
      genuine: unwrap(attach(acknowledgement, { chain: home.chain })),
      run: (bytes) => [8, encodeInput("AckWithdraw", { acknowledgement: bytes })],
      parse: withdrawalAcknowledgement.parse,
    },
    { name: "Pay", genuine: request, ...payOrder },
    {
      name: "Pay to another provider's TA",
      genuine: withChain(ask(stranger, 10n, START + 9), stranger),
      ...payOrder,
    },
    {
      name: "Collect",
      device,
      genuine: paid,
      run: (bytes) => [12, encodeInput("Collect", { payment: bytes })],
      parse: payment.parse,
    },
    {
      name: "Settle",
      device,
      genuine: receipt,
      run: (bytes) => [13, encodeInput("Settle", { outcome: bytes })],
      parse: parseEnd,
    },
    {
      name: "Sync",
      device,
      genuine: signSync(home, device.id, answer),
      run: (response) => [18, encodeInput("Sync", { response })],
      parse: syncResponse.parse,
    },
    {
      name: "Renew's limits",
      device,
      genuine: certification.limitsProfile,
      run: (bytes) => [4, encodeInput("Renew", { ...certification, limitsProfile: bytes })],
      parse: limitsProfile.parse,
    },
  ];
}

/** "A TA refuses this kind (malformed)": received. */
function parseEnd(bytes: Uint8Array): Reading {
  const parsed = outcome.parse(bytes);
  const isEnd = !parsed.ok || parsed.value.payload.kind !== "received";
  return isEnd ? parsed : { ok: false, error: { code: "malformed" } };
}
