import {
  amount,
  counter,
  fromHex,
  seconds,
  toHex,
  unwrap,
  type CompressedKey,
  type Result,
  type TaId,
} from "@bezant/protocol";
import type { CommandName, Input, Output, TaRefusal } from "@bezant/trusted-app/commands";
import type { World } from "./world.ts";

/** A TA to be called, wherever it runs. */
export type Call = <N extends CommandName>(
  name: N,
  input: Input<N>,
) => Promise<Result<Output<N>, TaRefusal>>;

export type Party = { readonly id: TaId; readonly call: Call };

/** Brings a TA to life in this world. */
export async function enrol(world: World, call: Call): Promise<Party> {
  const { vk, id } = unwrap(await call("Init", { anchor: fromHex(world.root.claims.key) }));
  unwrap(await call("CertInit", await world.certInit(id, toHex(vk) as CompressedKey)));
  return { id, call };
}

/** Gives it money. */
export async function fund(world: World, { id, call }: Party, d: number, x: bigint): Promise<void> {
  unwrap(await call("ReserveDeposit", { amount: amount(x) }));
  unwrap(await call("Deposit", world.deposit(id, d, x)));
}

export const X = amount(1n);

export function requestOf(payee: Party, x = X): Promise<Result<Uint8Array, TaRefusal>> {
  const input = { amount: x, expires: seconds(0), replaces: counter(0) };
  return payee.call("RequestPayment", input);
}
