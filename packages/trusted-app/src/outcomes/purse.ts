// The money of one TA and what is under way to and from it. Transitions over it are pure: docs/protocol.md §9 and §13.2.

/** 32 bytes in lower-case hex: a TA's or a wallet's id. */
export type Id = string;

export const MAX_PAYMENTS = 16;
export const MAX_REQUESTS = 8;
export const MAX_OUTCOMES = 16;
export const MAX_U32 = 0xffff_ffff;
const MAX_U64 = 0xffff_ffff_ffff_ffffn;

/** A request for payment that has not ended; it holds its amount as headroom under the holding limit. */
export interface OpenRequest {
  readonly r: number;
  readonly amount: bigint;
  /** 8 bytes in hex: no payment made before the request can name it. */
  readonly challenge: string;
  /** Last second at which it may be paid; 0 for none. */
  readonly expires: number;
}

/** How a request ended. */
export type Outcome =
  | {
      readonly kind: "collected";
      readonly r: number;
      readonly amount: bigint;
      readonly sender: Id;
      readonly index: number;
    }
  | { readonly kind: "void"; readonly r: number; readonly amount: bigint };

/** A payment that has left the balance and that is kept, to be sent again, until somebody says what became of it. */
export interface Payment {
  readonly j: number;
  readonly amount: bigint;
  readonly payee: Id;
  readonly payeeClass: "ta" | "wallet";
  /** Number and challenge of the request it answers. */
  readonly r: number;
  readonly challenge: string;
  readonly time: number;
  /** r || s in hex, so that it is sent again byte for byte. */
  readonly signature: string;
}

/** What the transitions read and write; a TA's whole state extends it. */
export interface Purse {
  readonly id: Id;
  readonly balance: bigint;
  readonly limits: { readonly maxHolding: bigint };
  /** Headroom for the deposit asked for. */
  readonly reserved: bigint;
  /** The last confirmation applied, and the SHA-256 of its payload in hex. */
  readonly d: number;
  readonly depositDigest: string;
  readonly r: number;
  readonly requests: readonly OpenRequest[];
  /** The last outcomes, oldest first. */
  readonly outcomes: readonly Outcome[];
  readonly j: number;
  readonly payments: readonly Payment[];
  /** Totals: `balance = deposited + collected - withdrawn - paid`, always. */
  readonly deposited: bigint;
  readonly withdrawn: bigint;
  readonly paid: bigint;
  readonly collected: bigint;
}

/** Something that moved money or ended a request; the TA chains these into its log. */
export type PurseEvent =
  | {
      readonly event: "deposit";
      readonly d: number;
      readonly amount: bigint;
      readonly digest: string;
    }
  | { readonly event: "withdrawal"; readonly w: number; readonly amount: bigint }
  | { readonly event: "payment"; readonly j: number; readonly amount: bigint; readonly payee: Id }
  | {
      readonly event: "collection";
      readonly r: number;
      readonly amount: bigint;
      readonly sender: Id;
      readonly index: number;
    }
  | { readonly event: "void"; readonly r: number; readonly amount: bigint };

/** A transition's new purse, what it yields, and what happened: nothing, where the same was asked before. */
export interface Step<S, V> {
  readonly purse: S;
  readonly value: V;
  readonly events: readonly PurseEvent[];
}

/** Whether `extra` more fits under the holding limit beside everything already promised; `reserved` is the headroom kept for a deposit. */
export function hasHeadroom(purse: Purse, extra: bigint, reserved = purse.reserved): boolean {
  const requested = purse.requests.reduce((sum, { amount }) => sum + amount, 0n);
  return purse.balance + requested + reserved + extra <= purse.limits.maxHolding;
}

export function isU64(value: bigint): boolean {
  return value <= MAX_U64;
}
