import { Crypto, type Key } from "../world/crypto.ts";
import { Random } from "../world/random.ts";
import { sign, sigVerify, type Certificate } from "./crypto.ts";
import { Figure4Server } from "./server.ts";
import { Figure4Ta } from "./ta.ts";

/** A client of the paper: an account at S, and a device with a TA. */
export interface Figure4Client {
  /** Its key, by which S knows it. */
  readonly vk: Uint8Array;
  readonly ta: Figure4Ta;
  /** What S gave it for its TA, and for itself. */
  readonly taCert: Certificate;
  readonly cert: Certificate;
}

/** The paper's system as it stands: one server, its clients, one OEM. */
export class Figure4World {
  readonly #random = new Random(4);
  readonly #crypto = new Crypto();
  readonly #oem = this.newKey();
  readonly server = this.newServer(this.newKey());

  newKey(): Key {
    return this.#crypto.newKey(this.#random);
  }

  newServer(key: Key): Figure4Server {
    return new Figure4Server(key, (vk, sigma) => sigVerify(vk, sigma, this.#oem.compressed));
  }

  newTa(server: Figure4Server = this.server, Ta = Figure4Ta): Figure4Ta {
    return new Ta(
      server.vk,
      () => this.newKey(),
      (vk) => sign(vk, this.#oem),
    );
  }

  client(money = 0, server: Figure4Server = this.server, Ta = Figure4Ta): Figure4Client {
    const { compressed: vk } = this.newKey();
    const cert = server.register(vk);
    const ta = this.newTa(server, Ta);
    const [taVk, sigma] = ta.init();
    const taCert = server.registerTa(vk, taVk, sigma);
    ta.certInit(taCert);
    const client = { vk, ta, taCert, cert };
    if (money > 0) this.fund(client, money, server);
    return client;
  }

  fund({ vk, ta }: Figure4Client, x: number, server: Figure4Server = this.server): void {
    server.client(vk).onBal += x;
    ta.deposit(...server.deposit(vk, x));
  }
}
