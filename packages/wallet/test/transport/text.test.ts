import {
  amount,
  counter,
  outcome,
  payment,
  paymentRequest,
  seconds,
  taId,
  withdrawal,
} from "@bezant/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeText, encodeText, kindOf } from "../../src/index.ts";

const signature = new Uint8Array(64).fill(1);
const id = taId("ab".repeat(32));
const request = paymentRequest.assemble(
  { amount: amount(1250n), r: counter(7), challenge: new Uint8Array(8), expires: seconds(9) },
  signature,
);
const paid = payment.assemble(
  {
    amount: amount(1250n),
    receiver: id,
    receiverClass: "ta",
    j: counter(1),
    r: counter(7),
    challenge: new Uint8Array(8),
    time: seconds(0),
    type: "basic",
  },
  signature,
);
const ended = outcome.assemble({ kind: "void", r: counter(7), amount: amount(1250n) }, signature);
const MESSAGES = [
  ["request", request],
  ["payment", paid],
  ["outcome", ended],
] as const;

/** What mail, chat and word processors do to a text. */
const MISCHIEF = ["\n", "\r\n", " ", "\t", "\u200b", "\u00ad", "\ufeff", "\u00a0", "\n> ", "\n>> "];

describe("a message as text", () => {
  it.each(MESSAGES)("is one line that says that it is a %s", (kind, message) => {
    const text = encodeText(message);
    expect(text).toMatch(new RegExp(`^bezant1:${kind}:[A-Za-z0-9_-]+:[A-Za-z0-9_-]{8}$`));
    expect(decodeText(text)).toEqual({ ok: true, value: { kind, message } });
    expect(kindOf(message)).toBe(kind);
  });

  it("survives line breaks, spaces, invisible signs, quoting and words around it", () => {
    const break_ = fc.record({ at: fc.nat(1000), what: fc.constantFrom(...MISCHIEF) });
    fc.assert(
      fc.property(
        fc.constantFrom(...MESSAGES),
        fc.array(break_, { maxLength: 20 }),
        fc.constantFrom("", "Pay me: ", "> ", "\n\n\t"),
        fc.constantFrom("", " ", "\n-- \nBob", ".", " thanks"),
        ([kind, message], breaks, before, after) => {
          let text = encodeText(message);
          for (const { at, what } of breaks) {
            const place = at % text.length;
            text = text.slice(0, place) + what + text.slice(place);
          }
          expect(decodeText(before + text + after)).toEqual({ ok: true, value: { kind, message } });
        },
      ),
    );
  });

  it("is refused when any of its signs has changed, or any is missing", () => {
    fc.assert(
      fc.property(
        fc.nat(encodeText(request).length - 1),
        fc.constantFrom("", "A", "b", "0", "9", "_", "-", ":"),
        (at, sign) => {
          const text = encodeText(request);
          const damaged = text.slice(0, at) + sign + text.slice(at + 1);
          fc.pre(damaged !== text);
          const decoded = decodeText(damaged);
          // Capitals in the prefix are no damage.
          expect(decoded.ok && decoded.value.kind).toBe(
            /^bezant1:/i.test(damaged) && damaged.slice(8) === text.slice(8) ? "request" : false,
          );
        },
      ),
      { numRuns: 500 },
    );
  });

  it("says what is wrong with a text that is none", () => {
    const codeOf = (text: string) => {
      const decoded = decodeText(text);
      return decoded.ok ? "ok" : decoded.error.code;
    };
    const [, word, body, check] = encodeText(request).split(":") as [
      string,
      string,
      string,
      string,
    ];
    expect(codeOf("")).toBe("malformed");
    expect(codeOf("hello")).toBe("malformed");
    expect(codeOf("bezant1:")).toBe("damaged-text");
    expect(codeOf(`bezant1:${word}:${body}`)).toBe("damaged-text");
    expect(codeOf(`bezant1:cheque:${body}:${check}`)).toBe("wrong-type");
    expect(codeOf(`bezant1:payment:${body}:${check}`)).toBe("damaged-text");
    expect(codeOf(`bezant2:${word}:${body}:${check}`)).toBe("malformed");
    expect(codeOf("bezant1:".repeat(3000))).toBe("too-large");
  });

  it("never throws, whatever the text is", () => {
    const near = fc
      .array(fc.constantFrom("bezant1", ":", "request", "payment", "outcome", "AAAA", "_-", "é"))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), near), (text) => {
        expect(decodeText(text).ok).toBe(false);
      }),
    );
  });

  it("is only for what people hand to each other", () => {
    const other = withdrawal.assemble({ amount: amount(1n), w: counter(1) }, signature);
    expect(kindOf(other)).toBeUndefined();
    expect(() => encodeText(other)).toThrow(TypeError);
    expect(() => encodeText(Uint8Array.of(1, 2))).toThrow(TypeError);
  });
});
