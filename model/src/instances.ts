// What is checked: each model under bounds, with what must come out of it.

export interface Instance {
  readonly name: string;
  readonly file: "bezant.pml" | "figure4.pml";
  readonly defines: readonly string[];
  /** Absent: every property holds in every state. */
  readonly counterexample?: Counterexample;
  /** Takes minutes: not part of the tests. */
  readonly isLong?: true;
}

export interface Counterexample {
  /** The property that does not hold, or what is reached. */
  readonly ends: string;
  /** Lines of the shortest trace, in this order; others may lie between. */
  readonly steps: readonly string[];
}

const ONE_DEPOSITED = [
  "A: ReserveDeposit 1, number 1",
  "S: deposit of 1 is confirmation 1 to A",
  "A: Deposit of confirmation 1",
];
const PAID_B = [...ONE_DEPOSITED, "A: Pay request 1 of B, payment 1"];
const PAID_W = [...ONE_DEPOSITED, "A: Pay request 1 of W, payment 1"];

const holding: readonly Instance[] = [
  holds("one of everything", "REQUESTS_OF_W=2"),
  holds("amounts of 1 and 2", "MONEY=2", "WITHDRAWALS=0"),
  holds("two deposits and withdrawals", "MONEY=2", "LARGEST=1", "DEPOSITS=2", "WITHDRAWALS=2"),
  holds("two requests", "REQUESTS=2", "REQUESTS_OF_W=2", "WITHDRAWALS=0"),
  holds("two payments for one request", "PAYMENTS=2", "OUTBOX=2", "WITHDRAWALS=0"),
  holds("two payments, room for one", "PAYMENTS=2", "OUTBOX=1", "WITHDRAWALS=0"),
  { ...holds("one of everything, amounts of 1 and 2", "MONEY=2"), isLong: true },
  {
    ...holds("two payments, two requests", "PAYMENTS=2", "REQUESTS=2", "WITHDRAWALS=0"),
    isLong: true,
  },
  {
    ...holds(
      "two units in two payments",
      "MONEY=2",
      "LARGEST=1",
      "PAYMENTS=2",
      "DEPOSITS=2",
      "OUTBOX=1",
      "WITHDRAWALS=0",
    ),
    isLong: true,
  },
  {
    ...holds("Figure 4: an honest wallet, one message at a time, none lost"),
    file: "figure4.pml",
  },
];

/** One rule of ours taken out: each is needed, and its loss is seen. */
const faults: readonly Instance[] = [
  fault("a confirmation is applied again", "APPLY_AGAIN", "supply_is_conserved", [
    ...ONE_DEPOSITED,
    "A: Deposit of confirmation 1",
  ]),
  fault(
    "confirmations are applied in any order",
    "APPLY_ANY_NUMBER",
    "supply_is_conserved",
    ["S: deposit of 1 is confirmation 2 to A", "A: Deposit of confirmation 3"],
    ["MONEY=2", "LARGEST=1", "DEPOSITS=2"],
  ),
  fault("a withdrawal is booked again", "BOOK_AGAIN", "supply_is_conserved", [
    ...ONE_DEPOSITED,
    "A: Withdraw 1, withdrawal 1",
    "S: withdrawal 1 of A is booked",
    "S: withdrawal 1 of A is booked",
  ]),
  fault("a request that is void stays open", "VOID_STAYS_OPEN", "request_ends_once", [
    "B: CancelRequest 1, outcome void",
    "A: Pay request 1 of B, payment 1",
  ]),
  fault("a payment is collected again", "COLLECT_AGAIN", "credited_at_most_once", [
    ...PAID_B,
    "B: Collect payment 1 of A, outcome collected",
    "B: Collect payment 1 of A, outcome collected",
  ]),
  fault("a payment is claimed again", "CLAIM_AGAIN", "credited_at_most_once", [
    ...PAID_W,
    "S: payment 1 of A is claimed",
    "S: payment 1 of A is claimed",
  ]),
  fault("a payment to a TA can be claimed", "CLAIM_ANYTHING", "supply_is_conserved", [
    ...PAID_B,
    "S: payment 1 of A is claimed",
  ]),
  fault("a payment still open is refunded", "REFUND_OPEN", "credited_at_most_once", [
    ...PAID_W,
    "S: refund of payment 1 of A is confirmation 2",
    "S: payment 1 of A is claimed",
  ]),
  fault("a payment is refunded again", "REFUND_AGAIN", "credited_at_most_once", [
    ...PAID_W,
    "S: payment 1 of A is never settled",
    "S: refund of payment 1 of A is confirmation 2",
    "S: refund of payment 1 of A is confirmation 3",
  ]),
  fault("the answer is released before the commit", "RELEASE_FIRST", "supply_is_conserved", [
    ...PAID_W,
    "  stopped before the commit",
  ]),
  fault("the TA does not repeat a payment", "NO_OUTBOX", "all_money_is_spendable", [
    ...PAID_W,
    "  nobody sees a_payment 1 of A",
    "everybody resumes",
  ]),
  fault(
    "a payment is released of which its payee has said nothing",
    "RELEASE_UNHEARD",
    "all_money_is_spendable",
    [...PAID_W, "A: Release payment 1", "everybody resumes"],
  ),
  fault(
    "a second payment for a request is not refunded",
    "NO_REFUND_OF_SECOND",
    "all_money_is_spendable",
    [
      "A: Pay request 1 of B, payment 1",
      "A: Pay request 1 of B, payment 2",
      "B: Collect payment 1 of A, outcome collected",
    ],
    ["MONEY=2", "LARGEST=1", "DEPOSITS=2", "PAYMENTS=2", "WITHDRAWALS=0"],
  ),
];

const PAID_OFFLINE = ["A: Pay 1 to B, j = 1", "B: Collect payment 1 of A, time 0"];

/** Figure 4 to the letter. */
const figure4: readonly Instance[] = [
  attack("P.time is changed: collected twice", "CHANGE_TIME", "supply_is_conserved", [
    ...PAID_OFFLINE,
    "B: Collect payment 1 of A, time 1",
  ]),
  attack("another TA's certificate is loaded", "OTHER_CERTIFICATE", "supply_is_conserved", [
    "A: CertInit with the certificate of B",
    "A: Collect payment 1 of A, time 0",
  ]),
  attack("Init wipes the log: collected again", "INIT_AGAIN", "supply_is_conserved", [
    ...PAID_OFFLINE,
    "B: Init",
    "B: CertInit with the old certificate",
    "B: Collect payment 1 of A, time 0",
  ]),
  attack("a withheld Withdraw, and Get-Balance", "GET_BALANCE", "supply_is_conserved", [
    "A: Withdraw 1, i = 2",
    "A: Get-Balance signs [2, 2]",
    "S: withdrawal of 2 by A, i = 2",
  ]),
  attack("collected, then claimed", "CLAIM_TOO", "supply_is_conserved", [
    ...PAID_OFFLINE,
    "S: B claims payment 1 of A",
  ]),
  attack("a negative amount", "NEGATIVE", "supply_is_conserved", ["B: Pay -1 to A, j = 1"]),
  attack("a lost deposit locks the account", "LOSE_DEPOSIT", "account_is_usable", [
    "S: deposit of 1 to A, i = 1",
    "  lost",
    "everybody resumes",
  ]),
  attack("a lost withdrawal locks the account", "LOSE_WITHDRAWAL", "account_is_usable", [
    "A: Withdraw 1, i = 2",
    "  lost",
    "everybody resumes",
  ]),
  attack("a lost payment destroys money", "LOSE_PAYMENT", "all_money_is_spendable", [
    "A: Pay 1 to B, j = 1",
    "  lost",
    "everybody resumes",
  ]),
  attack("a deposit that crosses a withdrawal", "CROSS", "all_money_is_spendable", [
    "A: Withdraw 1, i = 2",
    "S: deposit of 1 to A, i = 2",
    "everybody resumes",
  ]),
];

/** Not only safe: what the protocol is for can be done. */
const witness: Instance = {
  name: "what B was paid offline it pays on, without the provider",
  file: "bezant.pml",
  defines: ["WITNESS_TRANSITIVE"],
  counterexample: {
    ends: "REACHED offline transitivity",
    steps: [
      "A: Pay request 1 of B, payment 1",
      "B: Collect payment 1 of A, outcome collected",
      "B: Pay request 1 of W, payment 1",
      "S: payment 1 of B is claimed",
    ],
  },
};

export const INSTANCES: readonly Instance[] = [...holding, witness, ...faults, ...figure4];

function holds(name: string, ...defines: string[]): Instance {
  return { name, file: "bezant.pml", defines };
}

function fault(
  name: string,
  define: string,
  property: string,
  steps: readonly string[],
  bounds: readonly string[] = [],
): Instance {
  const counterexample = { ends: `VIOLATED ${property}`, steps };
  const defines = [`FAULT_${define}`, ...bounds, ...safetyOnly(property)];
  return { name: `fault: ${name}`, file: "bezant.pml", defines, counterexample };
}

function attack(
  name: string,
  define: string,
  property: string,
  steps: readonly string[],
): Instance {
  const counterexample = { ends: `VIOLATED ${property}`, steps };
  const defines = [define, ...safetyOnly(property)];
  return { name: `Figure 4: ${name}`, file: "figure4.pml", defines, counterexample };
}

/** Whether all resume is asked only where that is what fails. */
function safetyOnly(property: string): string[] {
  return ["all_money_is_spendable", "account_is_usable"].includes(property) ? [] : ["SAFETY_ONLY"];
}
