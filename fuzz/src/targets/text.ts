import { decodeText, encodeText } from "@bezant/wallet";
import {
  equalBytes,
  parseAmount,
  parseCounter,
  parseDecimalAmount,
  amountToString,
} from "@bezant/protocol";
import { mutateBytes } from "../mutate.ts";
import { must, type Target } from "../target.ts";
import { example, examples } from "../vectors.ts";

const texts = examples
  .filter(({ message }) => ["payment", "payment-request", "outcome"].includes(message))
  .map(({ name }) => new TextEncoder().encode(encodeText(example(name))));

/** Messages as text, as mail and chat leave them. */
export const text: Target = {
  name: "text",
  make(random) {
    const bytes = random.pick(texts);
    if (random.chance(0.2)) {
      const at = random.below(bytes.length);
      const noise = random.pick(["\n> ", " ", "\u200b", "\u00ad", "bezant1:", "=", "hello "]);
      const parts = [bytes.subarray(0, at), new TextEncoder().encode(noise), bytes.subarray(at)];
      return [Uint8Array.from(parts.flatMap((part) => [...part]))];
    }
    return [mutateBytes(random, bytes, texts)];
  },
  run([bytes = new Uint8Array()]) {
    const decoded = decodeText(new TextDecoder().decode(bytes));
    if (!decoded.ok) return;
    const again = decodeText(encodeText(decoded.value.message));
    must(
      again.ok && equalBytes(again.value.message, decoded.value.message),
      "is the same text again",
    );
  },
};

const numbers = [
  "0",
  "1",
  "18446744073709551615",
  "4294967295",
  "12.34",
  "0.01",
  "1e3",
  "-1",
  " 1",
];
const numberBytes = numbers.map((number) => new TextEncoder().encode(number));

/** Amounts and counters as people, files and JSON write them. */
export const values: Target = {
  name: "values",
  make: (random) => [mutateBytes(random, random.pick(numberBytes), numberBytes)],
  run([bytes = new Uint8Array()]) {
    const written = new TextDecoder().decode(bytes);
    const amount = parseAmount(written);
    if (amount.ok) must(amountToString(amount.value) === written, "an amount is written one way");
    const counter = parseCounter(written);
    if (counter.ok) must(String(counter.value) === written, "a counter is written one way");
    const decimal = parseDecimalAmount(written);
    if (decimal.ok) must(decimal.value >= 0n && decimal.value < 1n << 64n, "fits 64 bits");
  },
};
