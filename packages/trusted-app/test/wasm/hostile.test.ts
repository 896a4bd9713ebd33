import {
  attach,
  concatBytes,
  counter,
  depositConfirmation,
  limitsProfile,
  outcome,
  parseCertificate,
  payment,
  paymentRequest,
  seconds,
  syncResponse,
  unwrap,
  withdrawalAcknowledgement,
  amount,
  syncRequest,
} from "@bezant/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COMMANDS, encodeInput, statusOf, type Status } from "../../src/commands.ts";
import { limitsOf, START } from "../world/institutions.ts";
import { signAcknowledgement, signConfirmation, signSync } from "../world/signed.ts";
import type { Device } from "./support/device.ts";
import { cborItem, mutation } from "./support/mutations.ts";
import { ask, fund, Network, pay, withChain, type Enrolled } from "./support/network.ts";

const network = new Network(7);
const { home, other } = network;
const LAST_COMMAND = 23;
const PIN_WRONG = 26;

/** Runs a command that may do anything but trap, or change something although it refuses. */
function invoke(device: Device, command: number, input: Uint8Array): Status {
  const before = device.state;
  const { status, output } = device.invoke(command, input);
  const code = statusOf(status);
  if (code === undefined) throw new Error(`status ${status}`);
  if (status !== 0) {
    expect(output).toHaveLength(0);
    if (status !== PIN_WRONG) {
      expect(device.os.staged).toBe(false);
      expect(device.state).toBe(before);
    }
  }
  return code;
}

/** A device in the middle of its life: everything that it can keep, it keeps some of. */
function busy(): Enrolled {
  const device = network.active();
  const peer = network.active();
  fund(device, 1000n);
  fund(peer, 1000n);
  device.call("SetPin", { pin: Uint8Array.of(1, 2, 3, 4) });
  device.call("Withdraw", { amount: amount(10n) });
  pay(device, ask(peer, 20n));
  device.call("Collect", { payment: pay(peer, ask(device, 30n)) });
  ask(device, 40n);
  ask(device, 50n);
  device.call("CancelRequest", { r: counter(3) });
  return device;
}

/** A number or string of CBOR's own, so that the inputs get past the first byte. */
const argument = fc.oneof(
  fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }).map((value) => Buffer.from(head64(0, value))),
  fc.nat(23).map((value) => Uint8Array.of(value)),
  fc.uint8Array({ maxLength: 23 }).map((bytes) => Uint8Array.of(0x40 | bytes.length, ...bytes)),
  cborItem,
);

function head64(major: number, value: bigint): number[] {
  const bytes = [56n, 48n, 40n, 32n, 24n, 16n, 8n, 0n].map((shift) =>
    Number((value >> shift) & 0xffn),
  );
  return [(major << 5) | 27, ...bytes];
}

describe("whatever the caller sends", () => {
  const device = busy();
  const command = fc.integer({ min: 1, max: LAST_COMMAND });

  it("is answered: bytes at random", () => {
    fc.assert(
      fc.property(command, fc.uint8Array({ maxLength: 80 }), (number, input) => {
        invoke(device, number, input);
      }),
      { numRuns: 5000 },
    );
  });

  it("is answered: arrays of whatever CBOR", () => {
    fc.assert(
      fc.property(command, fc.array(argument, { maxLength: 4 }), (number, items) => {
        invoke(device, number, concatBytes(Uint8Array.of(0x80 | items.length), ...items));
      }),
      { numRuns: 5000 },
    );
  });

  it("is answered: a number that is no command, an input that is too long", () => {
    for (const number of [0, 24, 255, -1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
      expect(invoke(device, number, new Uint8Array(5000))).toBe("unknown-command");
    }
    for (let number = 1; number <= LAST_COMMAND; number++) {
      for (const length of [4096, 4097, 100_000]) {
        expect(invoke(device, number, new Uint8Array(length))).toBe("malformed");
      }
    }
  });

  it("leaves the books in order", () => {
    const view = new DataView(device.state.buffer);
    const [balance, deposited, withdrawn, paid, collected] = [432, 560, 568, 576, 584].map((at) =>
      view.getBigUint64(at, true),
    ) as [bigint, bigint, bigint, bigint, bigint];
    expect(balance).toBe(deposited + collected - withdrawn - paid);
  });
});

/** A command that takes a message, with one that it would accept. */
interface Target {
  readonly name: string;
  readonly device: Enrolled;
  readonly genuine: Uint8Array;
  readonly run: (message: Uint8Array) => readonly [command: number, input: Uint8Array];
  readonly parse: (message: Uint8Array) => { ok: true } | { ok: false; error: { code: string } };
}

function targets(): Target[] {
  const [device, peer, stranger] = [network.active(), network.active(), network.active(other)];
  fund(device, 1000n);
  fund(peer, 1000n);
  const paid = pay(peer, ask(device, 10n));
  const receipt = peer.call("Collect", { payment: pay(device, ask(peer, 10n)) });
  const { nonce } = unwrap(syncRequest.parse(device.call("SyncRequest", {}))).payload;
  const answer = { nonce, limits: limitsOf(), time: START, w: 0, stored: 0 };
  const certification = network.certification(home, device);
  return [
    {
      name: "Deposit",
      device,
      genuine: signConfirmation(home, device.id, { d: 2, x: 5n }),
      run: (confirmation) => [6, encodeInput("Deposit", { confirmation })],
      parse: depositConfirmation.parse,
    },
    {
      name: "AckWithdraw",
      device,
      genuine: unwrap(attach(signAcknowledgement(home, device.id, 0), { chain: home.chain })),
      run: (acknowledgement) => [8, encodeInput("AckWithdraw", { acknowledgement })],
      parse: withdrawalAcknowledgement.parse,
    },
    {
      name: "Pay",
      device,
      genuine: withChain(ask(stranger, 10n, START + 9), stranger),
      run: (request) => [11, encodeInput("Pay", { request, hint: seconds(0) })],
      parse: paymentRequest.parse,
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
      parse: (bytes) => refusingReceived(outcome.parse(bytes)),
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

/** "A TA refuses this kind (malformed)." */
function refusingReceived(
  parsed: ReturnType<typeof outcome.parse>,
): { ok: true } | { ok: false; error: { code: string } } {
  if (!parsed.ok) return parsed;
  return parsed.value.payload.kind === "received"
    ? { ok: false, error: { code: "malformed" } }
    : { ok: true };
}

const READING = ["malformed", "wrong-type", "unsupported-algorithm"];

describe("a changed message", () => {
  it.each(targets())(
    "for $name is refused where the protocol package refuses it, and for the same reason",
    (target) => {
      const { device, genuine, run, parse } = target;
      const committed = device.state;
      fc.assert(
        fc.property(mutation, (change) => {
          const message = change(genuine);
          fc.pre(message.length <= 2048);
          const parsed = parse(message);
          const status = invoke(device, ...run(message));
          device.os.committed = committed;
          if (!parsed.ok) expect(status).toBe(parsed.error.code);
          // What can be read may have a certificate in it that cannot.
          else if (READING.includes(status)) expect(attachedRefusals(message)).toContain(status);
        }),
        { numRuns: 4000 },
      );
    },
  );

  it.each(targets())("for $name does nothing unless only its envelope was changed", (target) => {
    const { device, genuine, run } = target;
    const committed = device.state;
    fc.assert(
      fc.property(mutation, (change) => {
        const message = change(genuine);
        fc.pre(message.length <= 2048);
        const status = invoke(device, ...run(message));
        if (status === "ok") expect(signedParts(message)).toEqual(signedParts(genuine));
        device.os.committed = committed;
      }),
      { numRuns: 2000 },
    );
    expect(invoke(device, ...run(genuine))).toBe("ok");
    device.os.committed = committed;
  });
});

/** Why the attached certificates cannot be read. */
function attachedRefusals(message: Uint8Array): string[] {
  const parsed = unwrap(attachmentsOf(message));
  return parsed.flatMap((bytes) => {
    const certificate = parseCertificate(bytes);
    return certificate.ok ? [] : [certificate.error.code];
  });
}

function attachmentsOf(message: Uint8Array) {
  const messages = [
    payment,
    paymentRequest,
    outcome,
    depositConfirmation,
    withdrawalAcknowledgement,
  ];
  const parsed = messages.map(({ parse }) => parse(message)).find(({ ok }) => ok);
  if (parsed?.ok !== true) return { ok: true, value: [] as Uint8Array[] } as const;
  const { certificate, chain = [] } = parsed.value;
  return {
    ok: true,
    value: [...(certificate === undefined ? [] : [certificate]), ...chain],
  } as const;
}

/** A message without its envelope. */
function signedParts(message: Uint8Array): Uint8Array {
  return unwrap(attach(message, {}));
}

describe("a certificate", () => {
  it("is read as the protocol package reads it, whatever was changed in it", () => {
    const device = network.initialised();
    const genuine = network.certification(home, device);
    const committed = device.state;
    fc.assert(
      fc.property(mutation, fc.nat(2), (change, part) => {
        const parts = [genuine.certificate, ...genuine.chain].map((bytes, i) =>
          i === part ? change(bytes) : bytes,
        ) as [Uint8Array, Uint8Array, Uint8Array];
        fc.pre(parts.every(({ length }) => length <= 256));
        const [certificate, provider, intermediary] = parts;
        const input = { ...genuine, certificate, chain: [provider, intermediary] as const };
        const status = invoke(device, COMMANDS.CertInit.number, encodeInput("CertInit", input));
        device.os.committed = committed;
        const refused = parts.map(parseCertificate).find(({ ok }) => !ok);
        if (refused?.ok === false) expect(status).toBe(refused.error.code);
        else if (parts.some((bytes, i) => bytes !== [genuine.certificate, ...genuine.chain][i])) {
          expect(READING).not.toContain(status);
        }
      }),
      { numRuns: 5000 },
    );
  });

  it("attached as any CBOR item is refused as the protocol package refuses it", () => {
    const device = network.active();
    fund(device, 100n);
    const payee = network.broken();
    const request = unwrap(attach(ask(network.active(), 1n), {}));
    // [header, {13: item}, payload, signature] from [header, {}, payload, signature]
    const headerLength = (request[1] ?? 0) - 0x40;
    const envelopeAt = 2 + headerLength;
    expect(request[envelopeAt]).toBe(0xa0);
    const [before, after] = [request.subarray(0, envelopeAt), request.subarray(envelopeAt + 1)];
    const item = fc.oneof(
      { weight: 8, arbitrary: cborItem },
      { weight: 1, arbitrary: fc.constant(payee.certificate) },
    );
    let accepted = 0;
    fc.assert(
      fc.property(item, (attached) => {
        const message = concatBytes(before, Uint8Array.of(0xa1, 0x0d), attached, after);
        const parsed = paymentRequest.parse(message);
        const status = device.status("Pay", { request: message, hint: seconds(0) });
        const certificate = parsed.ok ? parseCertificate(attached) : parsed;
        if (parsed.ok) accepted += 1;
        expect(status).toBe(certificate.ok ? "bad-signature" : certificate.error.code);
      }),
      { numRuns: 10_000 },
    );
    expect(accepted).toBeGreaterThan(1000);
  });
});

describe("a trusted OS that breaks its word", () => {
  it("makes the TA trap rather than work on a state that it did not write", () => {
    for (const state of [new Uint8Array(1), new Uint8Array(4184), new Uint8Array(4185).fill(1)]) {
      const device = network.active();
      device.os.committed = state;
      expect(() => device.call("GetInfo", {})).toThrow();
    }
  });

  it("makes the TA trap when its books do not balance", () => {
    const device = network.active();
    fund(device, 10n);
    device.edit((state) => state.setBigUint64(432, 11n, true));
    expect(() => device.call("ReserveDeposit", { amount: amount(1n) })).toThrow();
    expect(() => device.call("GetInfo", {})).toThrow("has trapped");
  });

  it("cannot give answers of a wrong size", () => {
    const wrong = [
      { digest: () => new Uint8Array(31) },
      { expand: () => new Uint8Array(65) },
      { generateKey: () => new Uint8Array(63) },
    ];
    for (const answers of wrong) {
      const device = network.blank();
      Object.assign(device.os, answers);
      expect(() => device.call("Init", { anchor: network.bank.anchor })).toThrow(RangeError);
    }
  });

  it("cannot give evidence that does not fit", () => {
    const device = network.initialised();
    device.os.attest = () => new Uint8Array(4097);
    const input = { audience: home.id, nonce: new Uint8Array(16) };
    expect(() => device.call("Attest", input)).toThrow();
  });
});
