import {
  amount,
  depositConfirmation,
  depositRequest,
  err,
  ok,
  type DepositConfirmation,
  type Result,
} from "@bezant/protocol";
import type { Core } from "../core/core.ts";
import { forTa } from "../core/envelope.ts";
import { orderContext, type Equipped, type Online, type Ready } from "../core/identity.ts";
import type { DeviceRefusal } from "../device/device.ts";
import type { WalletRefusal } from "../refusals.ts";
import { endRefund } from "../payment/records.ts";

/**
 * Gives the TA the confirmations in order; one that it has already is no matter. What it takes is from its own provider, for
 * itself: it checks that, so the wallet does not.
 */
export async function applyConfirmations(
  core: Core,
  equipped: Equipped,
  confirmations: readonly Uint8Array[],
): Promise<Result<readonly DepositConfirmation[], DeviceRefusal>> {
  const applied: DepositConfirmation[] = [];
  for (const confirmation of confirmations) {
    const taken = await equipped.device.deposit({
      confirmation: forTa(core, equipped, confirmation),
    });
    if (!taken.ok && taken.error.code !== "deposit-stale") return taken;
    const parsed = depositConfirmation.parse(confirmation);
    if (!parsed.ok) continue;
    const { payload } = parsed.value;
    applied.push(payload);
    if (payload.j !== undefined) await endRefund(core, equipped.ta, payload.j);
  }
  return ok(applied);
}

/**
 * Fetches confirmations that the provider has issued and the TA has not got; there must be one. A reservation of a number that the
 * provider has used moves nothing, and is answered with what it has confirmed.
 */
export async function catchUp(core: Core, ready: Ready): Promise<Result<void, WalletRefusal>> {
  const reserved = await ready.device.reserveDeposit({ amount: LEAST });
  if (!reserved.ok) return reserved;
  const confirmations = await requestConfirmations(core, ready.online, reserved.value);
  if (!confirmations.ok) return confirmations;
  const applied = await applyConfirmations(core, ready, confirmations.value);
  return applied.ok ? ok(undefined) : applied;
}

const LEAST = amount(1n);

/** Figure 5 `[Deposit, x]`: what the provider answers to a reservation, whether it is new, old, or not its turn. */
export async function requestConfirmations(
  core: Core,
  online: Online,
  reservation: Uint8Array,
): Promise<Result<readonly Uint8Array[], WalletRefusal>> {
  const context = orderContext(core, online);
  const message = await depositRequest.signAsync({ reservation }, context, core.signer);
  const answer = await online.client.deposit(message);
  if (answer.ok) return answer;
  const { confirmations, ...refused } = answer.error;
  return confirmations === undefined ? err(refused) : ok(confirmations);
}
