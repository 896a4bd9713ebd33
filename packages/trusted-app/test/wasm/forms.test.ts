import {
  assemble,
  bool,
  bytes,
  encode,
  int,
  keyIdOf,
  map,
  optional,
  text,
  uint,
  unwrap,
} from "@bezant/protocol";
import { describe, expect, it } from "vitest";
import { COMMANDS, encodeInput, type CommandName, type Status } from "../../src/commands.ts";
import { START } from "../world/institutions.ts";
import { probe } from "./support/invoke.ts";
import { Network } from "./support/network.ts";
import { targets } from "./support/targets.ts";

// The bounds of every form, one by one: what lies just inside is read, what lies just outside is malformed.

const network = new Network(9);
const { bank, home } = network;

const cnf = map({
  key: [
    1,
    map({ kty: [1, uint()], crv: [-1, int(-9, 9)], x: [-2, bytes(0, 64)], odd: [-3, bool()] }),
  ],
});
const bezant = map({
  role: [1, uint()],
  currency: [2, optional(text(9))],
  serial: [3, uint()],
  profile: [4, optional(uint())],
  level: [5, optional(uint())],
  index: [6, optional(uint())],
});
/** Claims of any role, sensible or not. */
const anyClaims = map({
  iss: [1, text(9)],
  sub: [2, optional(text(9))],
  exp: [4, uint()],
  nbf: [5, uint()],
  cnf: [8, cnf],
  bezant: [-65_537, bezant],
});
const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
const PRIME = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";

interface Changes {
  readonly iss?: string;
  readonly sub?: string;
  readonly key?: { readonly kty?: number; readonly crv?: number; readonly x?: Uint8Array };
  readonly role?: number;
  readonly currency?: string | undefined;
  readonly profile?: number | undefined;
  readonly level?: number | undefined;
  readonly index?: number;
}

const device = network.initialised();
const genuine = network.certification(home, device);

function claims({ iss, sub, key, ...own }: Changes): Uint8Array {
  const x = Buffer.from(device.key.slice(2), "hex");
  const odd = device.key.startsWith("03");
  const role = { role: 4, currency: "EUR", serial: 9, profile: 1, level: 3, ...own };
  return encode(anyClaims, {
    iss: iss ?? home.id,
    ...(sub === undefined ? {} : { sub }),
    exp: START + 9,
    nbf: START,
    cnf: { key: { kty: 2, crv: 1, x, odd, ...key } },
    bezant: Object.fromEntries(
      Object.entries(role).filter(([, it_]) => it_ !== undefined),
    ) as never,
  });
}

/** Whether a certificate with these claims can be read; nobody signed it. */
function isReadable(payload: Uint8Array): boolean {
  const kid = keyIdOf(home.key.publicKey);
  const signature = new Uint8Array(64).fill(1);
  const certificate = assemble({ typ: 65_000, kid, payload, signature });
  const input = encodeInput("CertInit", { ...genuine, certificate });
  return probe(device, COMMANDS.CertInit.number, input) !== "malformed";
}

describe("a certificate", () => {
  it("has exactly the claims of its role", () => {
    const shapes = new Map([
      [0, "sub currency"],
      [1, "sub currency"],
      [2, "sub currency"],
      [3, "currency"],
      [4, "currency profile level"],
      [8, "sub"],
      [9, "level"],
    ]);
    const names = ["sub", "currency", "profile", "level"] as const;
    const values = { sub: "bank-x", currency: "EUR", profile: 1, level: 1 };
    for (let role = 0; role <= 24; role++) {
      for (let chosen = 0; chosen < 16; chosen++) {
        const present = names.filter((_, i) => (chosen >> i) & 1);
        const absent = { currency: undefined, profile: undefined, level: undefined };
        const given = Object.fromEntries(present.map((name) => [name, values[name]]));
        const readable = isReadable(claims({ ...absent, ...given, role }));
        expect(`${role} ${readable}`).toBe(`${role} ${present.join(" ") === shapes.get(role)}`);
      }
    }
  });

  it("has names of one to eight of a-z, 0-9 and -", () => {
    const accepted = ASCII.filter((character) => isReadable(claims({ iss: `a${character}b` })));
    expect(accepted.join("")).toBe("-0123456789abcdefghijklmnopqrstuvwxyz");
    const lengths = ["", "a", "abcdefgh", "abcdefghi"].map((iss) => isReadable(claims({ iss })));
    expect(lengths).toEqual([false, true, true, false]);
    const subject = { profile: undefined, level: undefined, role: 2 };
    const subjects = ["", "a", "A"].map((sub) => isReadable(claims({ ...subject, sub })));
    expect(subjects).toEqual([false, true, false]);
  });

  it("has a currency of three of A-Z", () => {
    const accepted = ASCII.filter((character) =>
      isReadable(claims({ currency: `E${character}R` })),
    );
    expect(accepted.join("")).toBe("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    const lengths = ["EU", "EUR", "EURO"].map((currency) => isReadable(claims({ currency })));
    expect(lengths).toEqual([false, true, false]);
  });

  it("has numbers within their bounds", () => {
    expect([0, 65_535, 65_536].map((profile) => isReadable(claims({ profile })))).toEqual([
      true,
      true,
      false,
    ]);
    expect([0, 1, 2, 3, 4].map((level) => isReadable(claims({ level })))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    expect([0, 0xffff_ffff].map((index) => isReadable(claims({ index })))).toEqual([true, true]);
  });

  it("has a key on P-256 whose x is below p", () => {
    const key = (it_: NonNullable<Changes["key"]>): boolean => isReadable(claims({ key: it_ }));
    expect([1, 2, 3].map((kty) => key({ kty }))).toEqual([false, true, false]);
    expect([0, 1, 2].map((crv) => key({ crv }))).toEqual([false, true, false]);
    const prime = Buffer.from(PRIME, "hex");
    expect(key({ x: prime })).toBe(false);
    expect(key({ x: prime.with(31, 0xfe) })).toBe(true);
    expect(key({ x: new Uint8Array(32).fill(0xff) })).toBe(false);
    expect([31, 33].map((length) => key({ x: new Uint8Array(length) }))).toEqual([false, false]);
  });

  it("counts its claims", () => {
    const payload = claims({});
    const inner =
      payload.length -
      encode(bezant, { role: 4, currency: "EUR", serial: 9, profile: 1, level: 3 }).length;
    const confirmation = payload.indexOf(0x08) + 1;
    expect([payload[0], payload[confirmation], payload[confirmation + 2], payload[inner]]).toEqual([
      0xa5, 0xa1, 0xa4, 0xa5,
    ]);
    for (const head of [0, confirmation, confirmation + 2, inner]) {
      for (const more of [-1, 1]) {
        expect(isReadable(payload.with(head, payload[head]! + more)), `${head} ${more}`).toBe(
          false,
        );
      }
    }
    expect(isReadable(payload)).toBe(true);
  });
});

describe("a message", () => {
  it.each(targets(network))("for $name counts its fields", (target) => {
    const { typ, kid, payloadBytes, signature } = unwrap(target.parse(target.genuine));
    const common = { typ, ...(kid === undefined ? {} : { kid }), signature };
    for (const more of [-1, 1]) {
      const payload = payloadBytes.with(0, payloadBytes[0]! + more);
      expect(probe(target.device, ...target.run(assemble({ ...common, payload })))).toBe(
        "malformed",
      );
    }
  });

  it.each(targets(network))("for $name has a kid exactly if an institution signs it", (target) => {
    const { typ, kid, payloadBytes: payload, signature } = unwrap(target.parse(target.genuine));
    const other = kid === undefined ? { kid: keyIdOf(home.key.publicKey) } : {};
    const message = assemble({ typ, ...other, payload, signature });
    expect(probe(target.device, ...target.run(message))).toBe("malformed");
  });
});

describe("a header", () => {
  const active = network.active();
  const KID = "0448" + "00".repeat(8);
  /** [header, envelope, payload, signature] of a payment, with an empty payload. */
  const read = (header: string, envelope = "a0"): Status => {
    const body = `84${(0x40 + header.length / 2).toString(16)}${header}${envelope}41a05840${"01".repeat(64)}`;
    const payment = Buffer.from(body, "hex");
    return probe(active, COMMANDS.Collect.number, encodeInput("Collect", { payment }));
  };

  it.each([
    ["another type", "a201281019fde8", "wrong-type"],
    ["the last type there is", "a201281019ffff", "wrong-type"],
    ["a type below ours", "a201281019fde7", "malformed"],
    ["a type above ours", "a20128101a00010000", "malformed"],
    ["another algorithm", "a201261019fdf1", "unsupported-algorithm"],
    ["the algorithm 8, which is not -9", "a201081019fdf1", "unsupported-algorithm"],
    ["the smallest algorithm", "a2013affffffff1019fdf1", "unsupported-algorithm"],
    ["an algorithm below it", "a2013b00000001000000001019fdf1", "malformed"],
    ["the largest algorithm", "a2011affffffff1019fdf1", "unsupported-algorithm"],
    ["an algorithm above it", "a2011b00000001000000001019fdf1", "malformed"],
    ["another type and another algorithm", "a201261019fde8", "wrong-type"],
    ["a type, another one, and a kid", `a30128${KID}1019fde8`, "wrong-type"],
    ["a kid that is not counted", `a20128${KID}1019fde8`, "malformed"],
    ["a kid that is counted only", "a301281019fde8", "malformed"],
    ["a kid of 7 bytes", `a301280447${"00".repeat(7)}1019fde8`, "malformed"],
    ["no type", "a10128", "malformed"],
    ["no algorithm", "a11019fdf1", "malformed"],
    ["an unknown field", "a3012805001019fde8", "malformed"],
    ["fields out of order", "a21019fde80128", "malformed"],
    ["a byte too many", "a201281019fde800", "malformed"],
  ] satisfies readonly (readonly [string, string, Status])[])("with %s", (_, header, status) => {
    expect(read(header)).toBe(status);
  });

  it.each([
    ["nothing", "a0", "wrong-type"],
    ["a certificate", "a10d00", "wrong-type"],
    ["a chain", "a13a00010000820000", "wrong-type"],
    ["both", "a20d003a00010000820000", "wrong-type"],
    ["both out of order", "a23a000100008200000d00", "malformed"],
    ["two certificates", "a20d000d00", "malformed"],
    ["a certificate, counted twice", "a20d00", "malformed"],
    ["a certificate, not counted", "a00d00", "malformed"],
    ["a chain of one", "a13a000100008100", "malformed"],
    ["a chain of three", "a13a0001000083000000", "malformed"],
    ["something else", "a10e00", "malformed"],
    ["something else that is negative", "a13a00010001820000", "malformed"],
  ] satisfies readonly (readonly [string, string, Status])[])(
    "is read with what is attached: %s",
    (_, envelope, status) => {
      expect(read("a201281019fde8", envelope)).toBe(status);
    },
  );
});

describe("an input", () => {
  const active = network.active();

  it.each([
    ["an amount of 0", "ReserveDeposit", "8100", "malformed"],
    ["an amount of 1", "ReserveDeposit", "8101", "ok"],
    ["the largest amount", "ReserveDeposit", "811bffffffffffffffff", "limit-holding"],
    ["an amount in a longer form", "ReserveDeposit", "811801", "malformed"],
    ["a negative amount", "ReserveDeposit", "8120", "malformed"],
    ["the largest number", "CancelRequest", "811affffffff", "unknown-request"],
    ["a number that has no 32 bits", "CancelRequest", "811b0000000100000000", "malformed"],
    ["a number cut short", "CancelRequest", "811aff", "malformed"],
    ["an item too few", "CancelRequest", "80", "malformed"],
    ["an item too many", "CancelRequest", "820101", "malformed"],
    ["a byte too many", "CancelRequest", "810100", "malformed"],
    ["another type", "CancelRequest", "a10101", "malformed"],
    ["nothing", "CancelRequest", "", "malformed"],
    ["the last kind", "Resend", "820301", "unknown-request"],
    ["a kind that there is not", "Resend", "820401", "malformed"],
    ["a nonce of 15 bytes", "GetBalance", `814f${"00".repeat(15)}`, "malformed"],
    ["a nonce of 16 bytes", "GetBalance", `8150${"00".repeat(16)}`, "ok"],
    ["text where bytes belong", "GetBalance", `8170${"00".repeat(16)}`, "malformed"],
    ["a PIN of 3 bytes", "SetPin", `8143${"00".repeat(3)}`, "malformed"],
    ["a PIN of 4 bytes", "SetPin", `8144${"00".repeat(4)}`, "ok"],
    ["a PIN of 12 bytes", "SetPin", `814c${"00".repeat(12)}`, "ok"],
    ["a PIN of 13 bytes", "SetPin", `814d${"00".repeat(13)}`, "malformed"],
    ["something where nothing belongs", "PinBegin", "8100", "malformed"],
    ["nothing where nothing belongs", "PinBegin", "80", "pin-not-set"],
    ["a message of 2,048 bytes", "Collect", `81590800${"00".repeat(2048)}`, "malformed"],
    ["a message of 2,049 bytes", "Collect", `81590801${"00".repeat(2049)}`, "malformed"],
  ] satisfies readonly (readonly [string, CommandName, string, string])[])(
    "with %s, for %s",
    (_, name, hex, status) => {
      expect(probe(active, COMMANDS[name].number, Buffer.from(hex, "hex"))).toBe(status);
    },
  );

  it("is looked at before the phase, and a message in it after it", () => {
    const blank = network.blank();
    const collect = COMMANDS.Collect.number;
    const at = (length: number): Uint8Array =>
      Uint8Array.of(0x81, 0x59, length >> 8, length & 0xff, ...new Uint8Array(length));
    expect(probe(blank, collect, at(2048))).toBe("wrong-phase");
    expect(probe(blank, collect, at(2049))).toBe("malformed");
    const renew = (length: number): Uint8Array =>
      Uint8Array.of(
        0x83,
        0x59,
        length >> 8,
        length & 0xff,
        ...new Uint8Array(length),
        0x82,
        0x40,
        0x40,
        0x40,
      );
    expect(probe(blank, COMMANDS.Renew.number, renew(256))).toBe("wrong-phase");
    expect(probe(blank, COMMANDS.Renew.number, renew(257))).toBe("malformed");
  });

  it("of a certificate that is not the TA's is read in full before it is judged", () => {
    const certificate = bank.certify(bank.root, {
      role: "intermediary",
      sub: home.id,
      key: device.key,
    });
    const status = probe(
      device,
      COMMANDS.CertInit.number,
      encodeInput("CertInit", { ...genuine, certificate }),
    );
    expect(status).toBe("wrong-role");
  });
});
