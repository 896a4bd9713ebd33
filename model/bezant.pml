/*
 * Bezant's protocol: two trusted applications A and B, a payee W without one, their provider S, and an adversary who
 * owns every wallet and the network. README.md names the command and the rule behind each transition.
 *
 * The adversary: a message that was once released stays known for ever and may be delivered at any time, any number of
 * times, in any order, or never. Every command of a TA may be given at any time. A TA or S may stop between its commit
 * and its answer, so that nobody sees the answer. What is signed cannot be forged.
 *
 * Bounds (-D): MONEY, in the beginning online at A's; for each TA PAYMENTS, REQUESTS, DEPOSITS, WITHDRAWALS and OUTBOX
 * places for payments; REQUESTS_OF_W; LARGEST amount. FAULT_… takes one rule out; each must have a counterexample.
 * SAFETY_ONLY leaves out the recovery, so that a trace ends with the attack.
 */
#ifndef MONEY
#define MONEY 1
#endif
#ifndef PAYMENTS
#define PAYMENTS 1
#endif
#ifndef REQUESTS
#define REQUESTS 1
#endif
#ifndef REQUESTS_OF_W
#define REQUESTS_OF_W 1
#endif
#ifndef DEPOSITS
#define DEPOSITS 1
#endif
#ifndef WITHDRAWALS
#define WITHDRAWALS 1
#endif
#ifndef LARGEST
#define LARGEST MONEY
#endif
#ifndef OUTBOX
#define OUTBOX PAYMENTS
#endif

#define A 0
#define B 1
#define W 2
#define LETTER(party) (party == W -> 'W' : 'A' + party)

/* Arrays are flat; numbers begin with 1, as in the protocol. */
#define MOST 2                           /* of a party's payments, requests and withdrawals */
#define CONFIRMATIONS 4                  /* of a TA's deposits and refunds */
#define AT(party, number) ((party) * MOST + (number) - 1)
#define CONF(t, number) ((t) * CONFIRMATIONS + (number) - 1)

#define none 0                           /* also what is 0 in the beginning */
mtype = { open, ended_void, ended_collected, claimed, declined };
mtype = { a_payment, a_request, a_withdrawal };
mtype = { credited_at_most_once, request_ends_once, all_money_is_spendable, nothing_is_pending };

/* --- A trusted application (§13.1) ------------------------------------------------------------------------------- */
typedef Ta {
  byte balance;
  unsigned d : 3;                        /* last confirmation applied */
  unsigned w : 2;                        /* last withdrawal made */
  unsigned acked : 2;                    /* withdrawals up to this one have left the outbox */
  unsigned r : 2;                        /* last request opened */
  unsigned j : 2                         /* last payment made */
}
Ta ta[2];

typedef Request {
  mtype state;
  bool released;
  unsigned amount : 2;
  unsigned sender : 2;                   /* of the payment collected, */
  unsigned index : 2;                    /* and its index j */
  bool voided                            /* the outcome void has been signed */
}
Request request[6];                      /* AT(payee, r) */

typedef Payment {
  unsigned amount : 2;
  unsigned payee : 2;
  unsigned r : 2;
  bool outbox;                           /* the sender's TA repeats it */
  bool released;                         /* the adversary knows it */
  bool kept;                             /* the provider keeps it: it said so to the sender's TA */
  bool received;                         /* W keeps it, and has signed that it does */
  unsigned credits : 2                   /* history: how often anybody was credited for it */
}
Payment payment[4];                      /* AT(sender, j) */

typedef Withdrawal { unsigned amount : 2; bool released }
Withdrawal withdrawal[4];                /* AT(t, w) */

/* --- The provider (§6, §7, §10) ----------------------------------------------------------------------------------- */
byte online[3];
typedef Account {
  unsigned d : 3;                        /* S.d */
  unsigned w : 2;                        /* S.w */
  unsigned deposits : 2                  /* how many of the confirmations are deposits */
}
Account account[2];
typedef Confirmation {
  unsigned amount : 2;
  unsigned refund_of : 2                 /* the index j; 0 for a deposit */
}
Confirmation confirmation[8];            /* CONF(t, d) */
byte reservation[8];                     /* CONF(t, d): the amounts that the TA reserved, bit x for amount x */
mtype claim[4];                          /* AT(sender, j): none, claimed or declined */
bool refunded[4];                        /* AT(sender, j) */

bool over;                               /* the run ends with everybody's recovery */

/* --- What must hold ------------------------------------------------------------------------------------------------ */
inline require(condition, property) {
  if
  :: condition
  :: else -> printf("VIOLATED %e\n", property); assert(false)
  fi
}

#define TO(s, number) payment[AT(s, number)].payee
#define REQUEST_OF(s, number) request[AT(TO(s, number), payment[AT(s, number)].r)]
#define collected_by(s, number) (REQUEST_OF(s, number).state == ended_collected \
  && REQUEST_OF(s, number).sender == s && REQUEST_OF(s, number).index == number)
#define arrived(s, number) (TO(s, number) == W -> claim[AT(s, number)] == claimed : collected_by(s, number))

/* Supply: the balances, and what is on its way, by the states of the parties alone. */
#define confirmed(t, c) (c > ta[t].d && c <= account[t].d -> confirmation[CONF(t, c)].amount : 0)
#define withdrawn(t, number) (number > account[t].w && number <= ta[t].w -> withdrawal[AT(t, number)].amount : 0)
#define paid(s, number) (number <= ta[s].j && !arrived(s, number) && !refunded[AT(s, number)] -> payment[AT(s, number)].amount : 0)
#define on_its_way(t) (confirmed(t, 1) + confirmed(t, 2) + confirmed(t, 3) + confirmed(t, 4) \
  + withdrawn(t, 1) + withdrawn(t, 2) + paid(t, 1) + paid(t, 2))
#define spendable (online[A] + online[B] + online[W] + ta[A].balance + ta[B].balance)

/* In every state, of every party. */
proctype Monitor() {
end:
  d_step { spendable + on_its_way(A) + on_its_way(B) != MONEY -> printf("VIOLATED supply_is_conserved\n"); assert(false) }
}

inline credit_for(s, number) {
  payment[AT(s, number)].credits = payment[AT(s, number)].credits + 1;
  require(payment[AT(s, number)].credits == 1, credited_at_most_once)
}

/* The power may fail, or the network lose the answer: then nobody but the TA knows of it. */
inline answer(message, what, who, number) {
  if
  :: message.released = true
  :: printf("  nobody sees %e %d of %c\n", what, number, LETTER(who))
  fi
}

/* --- Deposit (Figure 5) --------------------------------------------------------------------------------------------- */
#define can_reserve(t, x) (ta[t].d < CONFIRMATIONS && !((reservation[CONF(t, ta[t].d + 1)] >> x) & 1))
inline reserve_deposit(t, x) {
  reservation[CONF(t, ta[t].d + 1)] = reservation[CONF(t, ta[t].d + 1)] | (1 << x);
  printf("%c: ReserveDeposit %d, number %d\n", LETTER(t), x, ta[t].d + 1)
}

/* A deposit request with d = S.d + 1. One with a smaller d repeats confirmations, which moves nothing. */
#define can_deposit(t, x) (account[t].d < CONFIRMATIONS && account[t].deposits < DEPOSITS && online[t] >= x \
  && ((reservation[CONF(t, account[t].d + 1)] >> x) & 1))
inline issue_deposit(t, x) {
  online[t] = online[t] - x;
  account[t].deposits = account[t].deposits + 1;
  account[t].d = account[t].d + 1;
  confirmation[CONF(t, account[t].d)].amount = x;
  printf("S: deposit of %d is confirmation %d to %c\n", x, account[t].d, LETTER(t))
}

#ifdef FAULT_APPLY_AGAIN
#define is_next(t, c) (c == ta[t].d + 1 || c == ta[t].d)
#elif defined(FAULT_APPLY_ANY_NUMBER)
#define is_next(t, c) (c > ta[t].d)
#else
#define is_next(t, c) (c == ta[t].d + 1)
#endif
#define can_apply(t, c) (c <= account[t].d && is_next(t, c))
inline apply(t, c) {
  ta[t].balance = ta[t].balance + confirmation[CONF(t, c)].amount;
  ta[t].d = c;
  if
  :: confirmation[CONF(t, c)].refund_of > 0 -> payment[AT(t, confirmation[CONF(t, c)].refund_of)].outbox = false
  :: else
  fi;
  printf("%c: Deposit of confirmation %d\n", LETTER(t), c)
}

/* --- Withdrawal (Figure 6) ------------------------------------------------------------------------------------------- */
#define can_withdraw(t, x) (ta[t].w < WITHDRAWALS && x <= ta[t].balance)
inline withdraw(t, x) {
  ta[t].balance = ta[t].balance - x;
  ta[t].w = ta[t].w + 1;
  withdrawal[AT(t, ta[t].w)].amount = x;
  printf("%c: Withdraw %d, withdrawal %d\n", LETTER(t), x, ta[t].w)
}

#ifdef FAULT_BOOK_AGAIN
#define is_next_withdrawal(t, number) (number == account[t].w + 1 || number == account[t].w)
#else
#define is_next_withdrawal(t, number) (number == account[t].w + 1)
#endif
#define can_book(t, number) (number <= ta[t].w && withdrawal[AT(t, number)].released && is_next_withdrawal(t, number))
inline book(t, number) {
  online[t] = online[t] + withdrawal[AT(t, number)].amount;
  account[t].w = number;
  printf("S: withdrawal %d of %c is booked\n", number, LETTER(t))
}

/* Acknowledgements are cumulative: each number up to S.w was signed, or can be. */
#define can_acknowledge(t, number) (number <= account[t].w && number > ta[t].acked)
inline acknowledge(t, number) {
  ta[t].acked = number;
  printf("%c: AckWithdraw up to %d\n", LETTER(t), number)
}

/* --- Request (Figure 7) ----------------------------------------------------------------------------------------------- */
#define can_open(t) (ta[t].r < REQUESTS)
inline open_request(t, x) {
  ta[t].r = ta[t].r + 1;
  request[AT(t, ta[t].r)].state = open;
  request[AT(t, ta[t].r)].amount = x;
  printf("%c: RequestPayment %d, request %d\n", LETTER(t), x, ta[t].r)
}

#define can_cancel(t, number) (request[AT(t, number)].state == open)
inline cancel(t, number) {
  request[AT(t, number)].voided = true;
#ifndef FAULT_VOID_STAYS_OPEN
  request[AT(t, number)].state = ended_void;
#endif
  printf("%c: CancelRequest %d, outcome void\n", LETTER(t), number)
}

/* --- Payment (Figure 7) ------------------------------------------------------------------------------------------------ */
#define in_outbox(s, number) (payment[AT(s, number)].outbox -> 1 : 0)
#define answers(s, number, to, which) (in_outbox(s, number) && TO(s, number) == to && payment[AT(s, number)].r == which)
#define can_pay(s, to, which) (to != s && ta[s].j < PAYMENTS && in_outbox(s, 1) + in_outbox(s, 2) < OUTBOX \
  && request[AT(to, which)].released && request[AT(to, which)].amount <= ta[s].balance \
  && !answers(s, 1, to, which) && !answers(s, 2, to, which))
inline pay(s, to, which) {
  ta[s].balance = ta[s].balance - request[AT(to, which)].amount;
  ta[s].j = ta[s].j + 1;
  payment[AT(s, ta[s].j)].amount = request[AT(to, which)].amount;
  payment[AT(s, ta[s].j)].payee = to;
  payment[AT(s, ta[s].j)].r = which;
#ifndef FAULT_NO_OUTBOX
  payment[AT(s, ta[s].j)].outbox = true;
#endif
  printf("%c: Pay request %d of %c, payment %d\n", LETTER(s), which, LETTER(to), ta[s].j)
}

#ifdef FAULT_COLLECT_AGAIN
#define is_open_for(s, number) (REQUEST_OF(s, number).state == open || collected_by(s, number))
#else
#define is_open_for(s, number) (REQUEST_OF(s, number).state == open)
#endif
#define can_collect(t, s, number) (number <= ta[s].j && payment[AT(s, number)].released && TO(s, number) == t \
  && is_open_for(s, number))
inline collect(t, s, number) {
  require(!REQUEST_OF(s, number).voided, request_ends_once);
  REQUEST_OF(s, number).state = ended_collected;
  REQUEST_OF(s, number).sender = s;
  REQUEST_OF(s, number).index = number;
  ta[t].balance = ta[t].balance + payment[AT(s, number)].amount;
  printf("%c: Collect payment %d of %c, outcome collected\n", LETTER(t), number, LETTER(s));
  credit_for(s, number)
}

#define can_settle(s, number) (payment[AT(s, number)].outbox && arrived(s, number))
inline settle(s, number) {
  payment[AT(s, number)].outbox = false;
  printf("%c: Settle payment %d\n", LETTER(s), number)
}

/* W stores a payment that has reached it, and signs that it has; its wallet signs so for fewer, those of open requests. */
#define can_receive(s, number) (number <= ta[s].j && payment[AT(s, number)].released && TO(s, number) == W \
  && !payment[AT(s, number)].received)
inline receive(s, number) {
  payment[AT(s, number)].received = true;
  printf("W: payment %d of %c, outcome received\n", number, LETTER(s))
}

/* Under pressure of the outbox, on W's word. */
#ifdef FAULT_RELEASE_UNHEARD
#define has_word(s, number) true
#else
#define has_word(s, number) (payment[AT(s, number)].received)
#endif
#define can_release(s, number) (payment[AT(s, number)].outbox && TO(s, number) == W && has_word(s, number) \
  && in_outbox(s, 1) + in_outbox(s, 2) == OUTBOX)
inline release(s, number) {
  payment[AT(s, number)].outbox = false;
  printf("%c: Release payment %d\n", LETTER(s), number)
}

/* The provider has stored the payments up to this one, after the wallet has handed them in, and keeps. */
#define can_sync(s, number) (payment[AT(s, number)].outbox && payment[AT(s, number)].released \
  && (number == 1 || !payment[AT(s, 1)].outbox || payment[AT(s, 1)].released))
byte n;
inline sync(s, number) {
  for (n : 1 .. number) {
    if :: payment[AT(s, n)].outbox -> payment[AT(s, n)].outbox = false; payment[AT(s, n)].kept = true :: else fi
  }
  n = 0;
  printf("%c: Sync, stored up to payment %d\n", LETTER(s), number)
}

/* --- Claim, decline (Figure 9), refund --------------------------------------------------------------------------------- */
#ifdef FAULT_CLAIM_AGAIN
#define is_new_claim(s, number) (claim[AT(s, number)] != declined)
#else
#define is_new_claim(s, number) (claim[AT(s, number)] == none)
#endif
#ifdef FAULT_CLAIM_ANYTHING
#define is_claimable(s, number) true
#else
#define is_claimable(s, number) (TO(s, number) == W)
#endif
#define can_claim(s, number) (number <= ta[s].j && payment[AT(s, number)].released && is_claimable(s, number) \
  && is_new_claim(s, number))
inline book_claim(s, number) {
  claim[AT(s, number)] = claimed;
  online[TO(s, number)] = online[TO(s, number)] + payment[AT(s, number)].amount;
  printf("S: payment %d of %c is claimed\n", number, LETTER(s));
  credit_for(s, number)
}

#define can_decline(s, number) (number <= ta[s].j && TO(s, number) == W && claim[AT(s, number)] == none)
inline decline(s, number) {
  claim[AT(s, number)] = declined;
  printf("S: payment %d of %c is never settled\n", number, LETTER(s))
}

/* Evidence: the payee's outcome void, or collected naming another; never-settled by W's provider. */
#ifdef FAULT_REFUND_OPEN
#define is_evidence(s, number) (!arrived(s, number))
#else
#define is_evidence(s, number) (TO(s, number) == W -> claim[AT(s, number)] == declined \
  : REQUEST_OF(s, number).voided || went_to_another(s, number))
#endif
#ifdef FAULT_NO_REFUND_OF_SECOND
#define went_to_another(s, number) false
#else
#define went_to_another(s, number) (REQUEST_OF(s, number).state == ended_collected && !collected_by(s, number))
#endif
#ifdef FAULT_REFUND_AGAIN
#define is_first_refund(s, number) true
#else
#define is_first_refund(s, number) (!refunded[AT(s, number)])
#endif
#define can_refund(s, number) (number <= ta[s].j && payment[AT(s, number)].released && is_evidence(s, number) \
  && is_first_refund(s, number) && account[s].d < CONFIRMATIONS)
inline refund(s, number) {
  refunded[AT(s, number)] = true;
  account[s].d = account[s].d + 1;
  confirmation[CONF(s, account[s].d)].amount = payment[AT(s, number)].amount;
  confirmation[CONF(s, account[s].d)].refund_of = number;
  printf("S: refund of payment %d of %c is confirmation %d\n", number, LETTER(s), account[s].d);
  credit_for(s, number)
}

/* --- The parties, each with every choice that it ever has ------------------------------------------------------------- */
#if LARGEST > 1
#define EACH_AMOUNT(option) option(1) option(2)
#else
#define EACH_AMOUNT(option) option(1)
#endif
#define EACH_NUMBER(option) option(1) option(2)
#define EACH_CONFIRMATION(option) option(1) option(2) option(3) option(4)
#define EACH_PAYMENT(option) option(A, 1) option(A, 2) option(B, 1) option(B, 2)
#define SILENT(can, does) :: d_step { !over && can -> does }
#define ANSWERED(can, does, message, what, number) \
  :: atomic { !over && can -> does; answer(message, what, t, number) }

#ifdef FAULT_RELEASE_FIRST
/* The power fails after the payment has been released, before the debit is committed. */
#define PAY(to, which) :: atomic { !over && can_pay(t, to, which) -> pay(t, to, which); payment[AT(t, ta[t].j)].released = true; \
  if :: ta[t].balance = ta[t].balance + payment[AT(t, ta[t].j)].amount; payment[AT(t, ta[t].j)].outbox = false; \
    printf("  stopped before the commit\n") :: true fi }
#else
#define PAY(to, which) ANSWERED(can_pay(t, to, which), pay(t, to, which), payment[AT(t, ta[t].j)], a_payment, ta[t].j)
#endif
#define PAY_TA(which) PAY((1 - t), which)
#define PAY_W(which) PAY(W, which)
#define RESERVE(x) SILENT(can_reserve(t, x), reserve_deposit(t, x))
#define APPLY(c) SILENT(can_apply(t, c), apply(t, c))
#define WITHDRAW(x) ANSWERED(can_withdraw(t, x), withdraw(t, x), withdrawal[AT(t, ta[t].w)], a_withdrawal, ta[t].w)
#define ACKNOWLEDGE(number) SILENT(can_acknowledge(t, number), acknowledge(t, number))
#define OPEN(x) ANSWERED(can_open(t), open_request(t, x), request[AT(t, ta[t].r)], a_request, ta[t].r)
#define CANCEL(number) SILENT(can_cancel(t, number), cancel(t, number))
#define COLLECT(number) SILENT(can_collect(t, (1 - t), number), collect(t, (1 - t), number))
#define SETTLE(number) SILENT(can_settle(t, number), settle(t, number))
#define RELEASE(number) SILENT(can_release(t, number), release(t, number))
#define SYNC(number) SILENT(can_sync(t, number), sync(t, number))
/* Resend: what the TA has made and nobody has seen. */
#define RESEND_PAYMENT(number) SILENT(payment[AT(t, number)].outbox && !payment[AT(t, number)].released, \
  payment[AT(t, number)].released = true; printf("%c: Resend payment %d\n", LETTER(t), number))
#define RESEND_REQUEST(number) SILENT(request[AT(t, number)].state == open && !request[AT(t, number)].released, \
  request[AT(t, number)].released = true; printf("%c: Resend request %d\n", LETTER(t), number))
#define RESEND_WITHDRAWAL(number) SILENT(number <= ta[t].w && number > ta[t].acked && !withdrawal[AT(t, number)].released, \
  withdrawal[AT(t, number)].released = true; printf("%c: Resend withdrawal %d\n", LETTER(t), number))

proctype TrustedApp(byte t) {
end:
  do
  EACH_AMOUNT(RESERVE) EACH_CONFIRMATION(APPLY)
  EACH_AMOUNT(WITHDRAW) EACH_NUMBER(RESEND_WITHDRAWAL) EACH_NUMBER(ACKNOWLEDGE)
  EACH_AMOUNT(OPEN) EACH_NUMBER(RESEND_REQUEST) EACH_NUMBER(CANCEL)
  EACH_NUMBER(PAY_TA) EACH_NUMBER(PAY_W) EACH_NUMBER(RESEND_PAYMENT)
  EACH_NUMBER(COLLECT) EACH_NUMBER(SETTLE) EACH_NUMBER(RELEASE) EACH_NUMBER(SYNC)
  od
}

/* S answers a repeated message as it did before, so an answer of S that is lost changes nothing. */
#define DEPOSIT_A(x) SILENT(can_deposit(A, x), issue_deposit(A, x))
#define DEPOSIT_B(x) SILENT(can_deposit(B, x), issue_deposit(B, x))
#define BOOK_A(number) SILENT(can_book(A, number), book(A, number))
#define BOOK_B(number) SILENT(can_book(B, number), book(B, number))
#define CLAIM(s, number) SILENT(can_claim(s, number), book_claim(s, number))
#define DECLINE(s, number) SILENT(can_decline(s, number), decline(s, number))
#define REFUND(s, number) SILENT(can_refund(s, number), refund(s, number))

proctype Provider() {
end:
  do
  EACH_AMOUNT(DEPOSIT_A) EACH_AMOUNT(DEPOSIT_B) EACH_NUMBER(BOOK_A) EACH_NUMBER(BOOK_B)
  EACH_PAYMENT(CLAIM) EACH_PAYMENT(DECLINE) EACH_PAYMENT(REFUND)
  od
}

/* A payee that is no TA: its key signs any request, and for any payment that it has it. */
#define ASK(x) SILENT(request[AT(W, 1)].state == none, \
  request[AT(W, 1)].state = open; request[AT(W, 1)].amount = x; request[AT(W, 1)].released = true; printf("W: request 1 of %d\n", x))
#define ASK_AGAIN(x) SILENT(REQUESTS_OF_W > 1 && request[AT(W, 1)].state == open && request[AT(W, 2)].state == none, \
  request[AT(W, 2)].state = open; request[AT(W, 2)].amount = x; request[AT(W, 2)].released = true; printf("W: request 2 of %d\n", x))
#define RECEIVE(s, number) SILENT(can_receive(s, number), receive(s, number))
proctype Payee() {
end:
  do
  EACH_AMOUNT(ASK) EACH_AMOUNT(ASK_AGAIN) EACH_PAYMENT(RECEIVE)
  od
}

/*
 * Resumption. From any state, whatever was lost, the wallets' resume in one order, by the same transitions, out of what
 * is stored durably and nothing else: outboxes, what the payee without a TA keeps, and the provider's ledger.
 */
#ifdef FAULT_NO_OUTBOX
#define is_stored(s, number) (payment[AT(s, number)].released)
#else
#define is_stored(s, number) (payment[AT(s, number)].outbox || payment[AT(s, number)].kept || payment[AT(s, number)].received)
#endif
byte s, k;
inline resume() {
  for (s : A .. B) {
    for (k : 1 .. MOST) {
      if :: k <= ta[s].w && k > ta[s].acked -> withdrawal[AT(s, k)].released = true :: else fi;
      if :: can_book(s, k) -> book(s, k) :: else fi;
      if :: can_acknowledge(s, k) -> acknowledge(s, k) :: else fi
    }
    for (k : 1 .. CONFIRMATIONS) { if :: can_apply(s, k) -> apply(s, k) :: else fi }
  }
  for (s : A .. B) {
    for (k : 1 .. MOST) {
      if
      :: k <= ta[s].j && is_stored(s, k) ->
        payment[AT(s, k)].released = true;
        if :: TO(s, k) != W && can_collect(TO(s, k), s, k) -> collect(TO(s, k), s, k) :: else fi;
        if :: TO(s, k) == W && can_claim(s, k) -> book_claim(s, k) :: else fi;
        if :: can_refund(s, k) -> refund(s, k) :: else fi;
        if :: can_settle(s, k) -> settle(s, k) :: else fi
      :: else
      fi
    }
    for (k : 1 .. CONFIRMATIONS) { if :: can_apply(s, k) -> apply(s, k) :: else fi }
  }
  s = 0; k = 0
}
#define nothing_pending (account[A].d == ta[A].d && account[B].d == ta[B].d && ta[A].acked == ta[A].w && ta[B].acked == ta[B].w \
  && !payment[0].outbox && !payment[1].outbox && !payment[2].outbox && !payment[3].outbox)

proctype Recovery() {
end:
  d_step {
    !over ->
    printf("everybody resumes\n");
    resume();
    over = true;
    require(spendable == MONEY, all_money_is_spendable);
    require(nothing_pending, nothing_is_pending)
  }
}

#ifdef WITNESS_TRANSITIVE
/* Reachable: what A paid to B offline is W's, by B, without B ever having seen a confirmation of S. */
#define goal (ta[B].d == 0 && payment[AT(A, 1)].payee == B && payment[AT(B, 1)].payee == W && claim[AT(B, 1)] == claimed)
proctype Witness() { end: d_step { goal -> printf("REACHED offline transitivity\n"); assert(false) } }
#endif

init {
  online[A] = MONEY;
  atomic {
    run TrustedApp(A); run TrustedApp(B); run Provider(); run Payee(); run Monitor();
#ifdef WITNESS_TRANSITIVE
    run Witness();
#elif !defined(SAFETY_ONLY)
    run Recovery();
#endif
  }
}
