// P-256 coordinates (SP 800-186 §3.2.1.3), in bigint. Public values only: nothing here runs in constant time.

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** Whether (x, y) solves y² = x³ - 3x + b with both coordinates below p. */
export function isOnCurve(x: bigint, y: bigint): boolean {
  return x < P && y < P && (y * y) % P === rightSide(x);
}

/** The y of this oddness for x, or undefined where x is on no point of the curve. */
export function solveY(x: bigint, odd: boolean): bigint | undefined {
  if (x >= P) return undefined;
  const square = rightSide(x);
  const root = squareRoot(square);
  if ((root * root) % P !== square) return undefined;
  // The group's order is odd, so no point has y = 0, and exactly one of the two roots is odd.
  return (root & 1n) === (odd ? 1n : 0n) ? root : P - root;
}

function rightSide(x: bigint): bigint {
  // Never negative: x² - 3 is so only for x below 2, where b outweighs it.
  return (((x * x - 3n) % P) * x + B) % P;
}

/** a^((p+1)/4), a root of a if it has one, since p ≡ 3 mod 4; (p+1)/4 = ((2^32-1)·2^128 + 2^96 + 1)·2^94. */
function squareRoot(a: bigint): bigint {
  let ones = a;
  for (let bits = 1n; bits < 32n; bits *= 2n) ones = (squared(ones, bits) * ones) % P;
  const upper = (squared(ones, 32n) * a) % P;
  return squared((squared(upper, 96n) * a) % P, 94n);
}

function squared(a: bigint, times: bigint): bigint {
  let power = a;
  for (let i = 0n; i < times; i++) power = (power * power) % P;
  return power;
}
