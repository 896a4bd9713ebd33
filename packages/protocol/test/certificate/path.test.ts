import fc from "fast-check";
import { expect, test } from "vitest";
import {
  certificate,
  certVerify,
  CLOCK_SKEW,
  seconds,
  type Claims,
  type Seconds,
} from "../../src/index.ts";
import type { Actor } from "../../scripts/vectors/actor.ts";
import { ids, newTrust, people, usual } from "../../scripts/vectors/cast.ts";

// The rules before the signatures, so any signature will do here.
function unsigned(claims: Claims, issuer: Actor, validity: Validity): Uint8Array {
  const signature = new Uint8Array(64).fill(1);
  return certificate.assemble({ ...claims, ...validity }, signature, { kid: issuer.keyId });
}

type Validity = { readonly nbf: Seconds; readonly exp: Seconds };
const time = fc.integer({ min: 1000, max: 1012 }).map(seconds);
const validity: fc.Arbitrary<Validity> = fc.record({ nbf: time, exp: time });
/** Of leaf, provider and intermediary: any three, or three nested ones. */
const validities = fc.oneof(
  fc.tuple(validity, validity, validity),
  fc
    .array(time, { minLength: 6, maxLength: 6 })
    .map((times) => times.toSorted((a, b) => a - b))
    .map((t) => [
      { nbf: t[2]!, exp: t[3]! },
      { nbf: t[1]!, exp: t[4]! },
      { nbf: t[0]!, exp: t[5]! },
    ]),
);
const nows = fc.oneof(
  fc.integer({ min: 1000 - CLOCK_SKEW - 5, max: 1015 - CLOCK_SKEW }),
  fc.integer({ min: 1000, max: 1020 }),
);

test("a chain is accepted exactly when each validity lies in its issuer's and holds now", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      validities,
      nows,
      fc.integer({ min: 0, max: 4 }),
      fc.boolean(),
      (chosen, now, grace, ignoreNotBefore) => {
        const [leaf, bank, intermediary] = chosen as [Validity, Validity, Validity];
        const found = certVerify({
          certificate: unsigned(usual.aliceTa, people.bankA, leaf),
          chain: [
            unsigned(usual.bankA, people.intermediary, bank),
            unsigned(usual.intermediary, people.root, intermediary),
          ],
          trust: newTrust(),
          roles: ["ta"],
          now: seconds(now),
          grace,
          ignoreNotBefore,
        });
        const within = (inner: Validity, outer: Validity): boolean =>
          inner.nbf >= outer.nbf && inner.exp <= outer.exp;
        const nested = within(leaf, bank) && within(bank, intermediary);
        const begun = chosen.every(({ nbf }) => nbf <= now + CLOCK_SKEW);
        const lasts = chosen.every(({ exp }) => now <= exp + grace);
        expect(found.ok).toBe(nested && (begun || ignoreNotBefore) && lasts);
        if (found.ok) expect(found.value.claimed.id).toBe(ids.alice);
        seen.add(found.ok ? "ok" : found.error.code);
      },
    ),
    { numRuns: 1000 },
  );
  // Otherwise the property would have shown nothing.
  expect([...seen].toSorted()).toEqual(["expired", "not-yet-valid", "ok", "wrong-validity"]);
});
