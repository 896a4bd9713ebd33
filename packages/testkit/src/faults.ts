import { err } from "@bezant/protocol";
import type { Channel, Device, DeviceRefusal, Fetch } from "@bezant/wallet";
import { Crash, type CommitFault } from "@bezant/wallet/simulation";

/** Where something can go wrong, and what: `crash-…` ends the party's process there. */
export const FAULTS = {
  /** The store commits. */
  commit: ["crash-before", "crash-after", "full"],
  /** The TA is called; `lost`: the command ran, or did not, and the wallet is not told. */
  device: ["crash-before", "crash-after", "lost-before", "lost-after", "unreachable"],
  /** A message goes to the other party. */
  send: ["crash-before", "crash-after", "drop", "repeat", "hang-up"],
  /** A request goes to the provider. */
  fetch: ["crash-before", "crash-after", "lose-request", "lose-answer"],
} as const;

export type Place = keyof typeof FAULTS;
export type Fault = (typeof FAULTS)[Place][number];

/** Counts the places that a party passes, and lets one thing go wrong at one of them. */
export class Faults {
  /** Every place passed so far. */
  readonly passed: Place[] = [];
  #at: number | undefined;
  #fault: Fault | undefined;

  /** At the place with this number, counted from 0 and from now on, this happens; once. */
  plan(at: number, fault: Fault): void {
    this.passed.length = 0;
    this.#at = at;
    this.#fault = fault;
  }

  clear(): void {
    this.#at = undefined;
  }

  /** Passes a place. */
  pass<P extends Place>(place: P): (typeof FAULTS)[P][number] | undefined {
    const isHere = this.passed.length === this.#at;
    this.passed.push(place);
    if (!isHere) return undefined;
    this.clear();
    const faults: readonly (typeof FAULTS)[P][number][] = FAULTS[place];
    return faults.find((fault) => fault === this.#fault);
  }

  commit(): CommitFault | undefined {
    return this.pass("commit");
  }
}

/** A device whose calls may go wrong. */
export function faultyDevice(device: Device, faults: Faults): Device {
  type Call = (...input: unknown[]) => Promise<unknown>;
  const faulty = (call: Call): Call => {
    return async (...input) => {
      const fault = faults.pass("device");
      if (fault === "crash-before") throw new Crash();
      if (fault === "unreachable") return lost("device-unreachable");
      if (fault === "lost-before") return lost("device-interrupted");
      const answer = await call(...input);
      if (fault === "crash-after") throw new Crash();
      return fault === "lost-after" ? lost("device-interrupted") : answer;
    };
  };
  const calls = Object.entries(device).map(([name, call]) => [name, faulty(call as Call)]);
  return Object.fromEntries(calls) as Device;
}

function lost(code: "device-unreachable" | "device-interrupted") {
  return err({ code } satisfies DeviceRefusal);
}

/** An end of a channel whose messages may go wrong. */
export function faultyChannel(channel: Channel, faults: Faults): Channel {
  return {
    ...channel,
    send: async (message) => {
      const fault = faults.pass("send");
      if (fault === "crash-before") throw new Crash();
      if (fault === "drop") return true;
      if (fault === "hang-up") {
        await channel.close();
        return false;
      }
      if (fault === "repeat") await channel.send(message);
      const sent = await channel.send(message);
      if (fault === "crash-after") throw new Crash();
      return sent;
    },
  };
}

/** A way to the provider that may go wrong. */
export function faultyFetch(fetch: Fetch, faults: Faults): Fetch {
  return async (url, request) => {
    const fault = faults.pass("fetch");
    if (fault === "crash-before") throw new Crash();
    if (fault === "lose-request") throw new Error("the request was lost");
    const answer = await fetch(url, request);
    if (fault === "crash-after") throw new Crash();
    if (fault === "lose-answer") {
      await answer.body?.getReader().cancel();
      throw new Error("the answer was lost");
    }
    return answer;
  };
}
