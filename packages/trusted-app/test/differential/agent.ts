import { toHex, type Limits, type TaId } from "@bezant/protocol";
import { BLANK } from "../../src/reference/layout.ts";
import { decodeState, type TaState } from "../../src/reference/index.ts";
import type { ProviderKey } from "../world/institutions.ts";
import type { ModelProvider } from "./provider.ts";
import type { Twin } from "./twin.ts";

/** One client with a secure device, and what its wallet remembers. */
export class Agent {
  twin: Twin;
  /** Its home provider. */
  provider: ModelProvider;
  /** The limits it is given when it registers. */
  readonly profile: Limits;
  pin: Uint8Array = Uint8Array.of(1, 2, 3, 4);
  #state: TaState = BLANK;
  #seen: Uint8Array = new Uint8Array();

  constructor(twin: Twin, provider: ModelProvider, profile: Limits) {
    this.twin = twin;
    this.provider = provider;
    this.profile = profile;
  }

  get state(): TaState {
    const { committed } = this.twin;
    if (committed.length === 0) return BLANK;
    if (committed !== this.#seen) {
      this.#seen = committed;
      this.#state = decodeState(committed);
    }
    return this.#state;
  }

  get id(): TaId {
    return this.state.id;
  }

  /** The provider's key that the TA knows. */
  get homeKey(): ProviderKey | undefined {
    const known = this.state.providerKey;
    return this.provider.keys.find(({ key }) => toHex(key.compressed) === known);
  }
}
