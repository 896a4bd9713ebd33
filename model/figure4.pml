/*
 * Figure 4 of the paper to the letter, with the server of its Figures 5, 6 and 9: what goes wrong with it. Without any
 * of the moves below, one message at a time and none lost, it conserves the supply; each move has a counterexample.
 *
 * -D GET_BALANCE        the wallet also calls Get-Balance
 *    CHANGE_TIME        the wallet changes P.time, which nobody signs
 *    OTHER_CERTIFICATE  the wallet loads the other TA's certificate
 *    INIT_AGAIN         the wallet calls Init again
 *    CLAIM_TOO          the payee claims what its TA has collected
 *    NEGATIVE           the wallet pays -1
 *    LOSE_DEPOSIT       the server's answer is lost
 *    LOSE_WITHDRAWAL    the TA's withdrawal is lost
 *    LOSE_PAYMENT       the payment is lost
 *    CROSS              a deposit and a withdrawal are under way at once
 *    SAFETY_ONLY        nobody resumes, so that a trace ends with the attack
 */
#define A 0
#define B 1
#define MONEY 3
#define LETTER(t) ('A' + t)

mtype = { account_is_usable, all_money_is_spendable };

/* Figure 4: T.bal, T.cert, T.inPaymentLog, T.i, T.j. A payment is (sender, j) and its time, 0 or 1. */
typedef Ta { short bal; byte cert; byte i; byte j; bool key_is_new }
Ta t[2];
#define ITEM(sender, number, time) (((sender) * 2 + (number) - 1) * 2 + (time))
byte in_payment_log[2];                  /* bits ITEM of TA t; one payment each is enough */
typedef Payment { short amount; byte receiver; bool sent }
Payment payment[4];                      /* sender * 2 + j - 1 */
#define P(sender, number) payment[(sender) * 2 + (number) - 1]

/* Figures 5, 6, 9: S.onBal, S.i, S.inPaymentLog. */
short online[2];
byte s_i[2];
byte s_in_payment_log;
#define LAST 3                           /* T.i and S.i go no further */
short deposit[10];                       /* D(t, i): [T.vk, x, i] as signed by S and not lost; 0 for none */
byte pair[10];                           /* PAIR(t, i): the x of each [x, i] that T has signed, bit x */
#define D(who, number) deposit[(who) * 5 + (number)]
#define PAIR(who, number) pair[(who) * 5 + (number)]

bool over;

inline require(condition, property) {
  if
  :: condition
  :: else -> printf("VIOLATED %e\n", property); assert(false)
  fi
}
/* Never more than there was: what is lost may be missing here, what is made may not be too much. */
#define total (online[A] + online[B] + t[A].bal + t[B].bal)
proctype Monitor() {
end:
  d_step { total > MONEY -> printf("VIOLATED supply_is_conserved\n"); assert(false) }
}

/* One message at a time: what S and T count is equal, unless the adversary makes them cross. */
#ifdef CROSS
#define quiet(who) true
#else
#define quiet(who) (t[who].i == s_i[who])
#endif
#if defined(LOSE_DEPOSIT)
#define LOST_DEPOSIT :: D(who, s_i[who]) = 0; printf("  lost\n")
#else
#define LOST_DEPOSIT
#endif
#if defined(LOSE_WITHDRAWAL)
#define LOST_WITHDRAWAL :: printf("  lost\n")
#else
#define LOST_WITHDRAWAL
#endif
#if defined(LOSE_PAYMENT)
#define LOST_PAYMENT :: printf("  lost\n")
#else
#define LOST_PAYMENT
#endif

proctype Server(byte who) {
end:
  do
  /* Figure 5 */
#define DEPOSIT(x) :: atomic { !over && quiet(who) && s_i[who] < LAST && online[who] >= x -> \
       online[who] = online[who] - x; s_i[who] = s_i[who] + 1; \
       printf("S: deposit of %d to %c, i = %d\n", x, LETTER(who), s_i[who]); \
       if :: D(who, s_i[who]) = x LOST_DEPOSIT fi }
  DEPOSIT(1) DEPOSIT(3)
  /* Figure 6: σ over [x, i], i = S.i + 1 */
#define WITHDRAWN(x) :: d_step { !over && s_i[who] < LAST && (PAIR(who, s_i[who] + 1) & (1 << x)) -> \
       online[who] = online[who] + x; s_i[who] = s_i[who] + 1; \
       printf("S: withdrawal of %d by %c, i = %d\n", x, LETTER(who), s_i[who]) }
  WITHDRAWN(1) WITHDRAWN(2)
  /* Figure 9: a fresh payment, for its receiver */
#ifdef CLAIM_TOO
  :: d_step { !over && P((1 - who), 1).sent && P((1 - who), 1).receiver == who && !(s_in_payment_log & (1 << ITEM((1 - who), 1, 0))) ->
       online[who] = online[who] + P((1 - who), 1).amount;
       s_in_payment_log = s_in_payment_log | (1 << ITEM((1 - who), 1, 0));
       printf("S: %c claims payment 1 of %c\n", LETTER(who), LETTER((1 - who))) }
#endif
  od
}

proctype TrustedApp(byte who) {
end:
  do
  /* Init: everything is forgotten. The wallet has kept the certificate that it had. */
#ifdef INIT_AGAIN
  :: d_step { !over && !t[who].key_is_new && t[who].bal == 0 -> t[who].cert = 2; in_payment_log[who] = 0;
       t[who].i = 0; t[who].j = 0; t[who].key_is_new = true; printf("%c: Init\n", LETTER(who)) }
  :: d_step { !over && t[who].cert == 2 -> t[who].cert = who; printf("%c: CertInit with the old certificate\n", LETTER(who)) }
#endif
  /* CertInit: any valid TA certificate */
#ifdef OTHER_CERTIFICATE
  :: d_step { !over && t[who].cert == who -> t[who].cert = 1 - who;
       printf("%c: CertInit with the certificate of %c\n", LETTER(who), LETTER((1 - who))) }
#endif
  /* Deposit: i = T.i + 1 */
  :: d_step { !over && !t[who].key_is_new && D(who, t[who].i + 1) > 0 -> t[who].bal = t[who].bal + D(who, t[who].i + 1); t[who].i = t[who].i + 1;
       printf("%c: Deposit, i = %d\n", LETTER(who), t[who].i) }
  /* Withdraw */
  :: atomic { !over && quiet(who) && t[who].i < LAST && t[who].bal >= 1 -> t[who].bal = t[who].bal - 1; t[who].i = t[who].i + 1;
       printf("%c: Withdraw 1, i = %d\n", LETTER(who), t[who].i);
       if :: PAIR(who, t[who].i) = PAIR(who, t[who].i) | (1 << 1) LOST_WITHDRAWAL fi }
  /* Get-Balance signs [T.bal, T.i] with the same key */
#ifdef GET_BALANCE
  :: d_step { !over && t[who].bal > 0 && !(PAIR(who, t[who].i) & (1 << t[who].bal)) ->
       PAIR(who, t[who].i) = PAIR(who, t[who].i) | (1 << t[who].bal);
       printf("%c: Get-Balance signs [%d, %d]\n", LETTER(who), t[who].bal, t[who].i) }
#endif
  /* Pay; only what the sender's certificate verifies is of use */
#define PAY(x) :: atomic { !over && t[who].cert == who && !t[who].key_is_new && t[who].j < 1 && t[who].bal >= x -> \
       t[who].bal = t[who].bal - x; t[who].j = t[who].j + 1; \
       P(who, t[who].j).amount = x; P(who, t[who].j).receiver = 1 - who; \
       printf("%c: Pay %d to %c, j = %d\n", LETTER(who), x, LETTER((1 - who)), t[who].j); \
       if :: P(who, t[who].j).sent = true LOST_PAYMENT fi }
  PAY(1)
#ifdef NEGATIVE
  PAY(-1)
#endif
  /* Collect: P.receiver = T.cert, P not in T.inPaymentLog, which knows P by all its bytes */
#define COLLECT(sender, time) :: d_step { !over && P(sender, 1).sent && P(sender, 1).receiver == t[who].cert \
       && !(in_payment_log[who] & (1 << ITEM(sender, 1, time))) -> \
       t[who].bal = t[who].bal + P(sender, 1).amount; \
       in_payment_log[who] = in_payment_log[who] | (1 << ITEM(sender, 1, time)); \
       printf("%c: Collect payment 1 of %c, time %d\n", LETTER(who), LETTER(sender), time) }
  COLLECT(A, 0) COLLECT(B, 0)
#ifdef CHANGE_TIME
  COLLECT(A, 1) COLLECT(B, 1)
#endif
  od
}

/* Everybody does what is left to do with what was not lost; nobody in the paper sends anything again. */
byte w;
inline resume() {
  for (w : A .. B) {
    do
    :: t[w].i < LAST && D(w, t[w].i + 1) > 0 -> t[w].bal = t[w].bal + D(w, t[w].i + 1); t[w].i = t[w].i + 1
    :: else -> break
    od;
    do
    :: s_i[w] < LAST && (PAIR(w, s_i[w] + 1) & 2) -> online[w] = online[w] + 1; s_i[w] = s_i[w] + 1
    :: else -> break
    od;
    if
    :: P((1 - w), 1).sent && !(in_payment_log[w] & (1 << ITEM((1 - w), 1, 0))) ->
      t[w].bal = t[w].bal + P((1 - w), 1).amount;
      in_payment_log[w] = in_payment_log[w] | (1 << ITEM((1 - w), 1, 0))
    :: else
    fi
  }
}
proctype Recovery() {
end:
  d_step {
    !over -> over = true;
    printf("everybody resumes\n");
    resume();
    require(t[A].i == s_i[A] && t[B].i == s_i[B], account_is_usable);
    require(total == MONEY, all_money_is_spendable)
  }
}

init {
  online[A] = MONEY;
  t[B].cert = B;
  atomic { run Monitor(); run Server(A); run Server(B); run TrustedApp(A); run TrustedApp(B);
#ifndef SAFETY_ONLY
    run Recovery()
#endif
  }
}
