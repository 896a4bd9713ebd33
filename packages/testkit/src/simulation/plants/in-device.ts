import { plant, TA, TEE, type Plant } from "./plant.ts";

/** Faults of the trusted application. */
export const TA_PLANTS: readonly Plant[] = [
  plant(
    "Init begins anew while there is money",
    `${TA}commands/lifecycle.ts`,
    "if (T.phase == Phase.Active) return Status.WrongPhase;",
    "",
    { paper: "Init repeatable" },
  ),
  plant(
    "Pay does not look at the balance",
    `${TA}commands/pay.ts`,
    "if (x > T.balance) return Status.InsufficientBalance;",
    "",
    { paper: "amounts unconstrained" },
  ),
  plant(
    "Withdraw does not look at the balance",
    `${TA}commands/withdraw.ts`,
    "if (x > T.balance) return Status.InsufficientBalance;",
    "",
    { paper: "amounts unconstrained" },
  ),
  plant(
    "Withdraw leaves the balance as it is",
    `${TA}commands/withdraw.ts`,
    "T.balance -= x;",
    "",
    { paper: "Withdraw signs [x, i], GetBalance signs [bal, i]" },
  ),
  plant(
    "Collect leaves the request open",
    `${TA}commands/collect.ts`,
    "  removeRequest(index);\n",
    "",
    { paper: "P's time and type unsigned; log compares whole P" },
  ),
  plant(
    "Collect credits twice what was paid",
    `${TA}commands/collect.ts`,
    "T.balance += payment.amount;",
    "T.balance += 2 * payment.amount;",
    { paper: "amounts unconstrained" },
  ),
  plant(
    "Collect does not verify the payment",
    `${TA}commands/collect.ts`,
    "return isSignedBy(message, leaf.key) ? Status.Ok : Status.BadSignature;",
    "return Status.Ok;",
  ),
  plant(
    "Collect takes no payment of a TA whose certificate was renewed",
    `${TA}commands/collect.ts`,
    "if (trusted != Status.Ok) return trusted;",
    "if (trusted != Status.Ok || leaf.serial > 1) return Status.UnknownIssuer;",
    { paper: "new T.cert strands payments to the old one", violates: ["offline verifiability"] },
  ),
  plant(
    "Deposit takes a confirmation again",
    `${TA}commands/deposit.ts`,
    "if (d == T.d) {",
    "if (false) {",
    { paper: "one counter i for both directions" },
  ),
  plant(
    "Deposit takes money from any provider",
    `${TA}certificate/provider-signed.ts`,
    "  if (!isHome(provider.subject, provider.subjectLength)) return Status.NotHome;\n  return verify(T.home, T.homeLength, provider.key, T.id, ID_SIZE);",
    "  return verify(provider.subject, provider.subjectLength, provider.key, T.id, ID_SIZE);",
    { paper: "Deposit from any server" },
  ),
  plant(
    "Pay pays a request again",
    `${TA}commands/pay.ts`,
    "  if (earlier >= 0) {",
    "  if (earlier >= 1000) {",
    { paper: "Pay emits P once" },
  ),
  plant(
    "Pay numbers two payments alike",
    `${TA}commands/pay.ts`,
    "  T.j += 1;",
    "  T.j += T.j == 2 ? 0 : 1;",
  ),
  plant(
    "Pay does not verify who asks",
    `${TA}commands/pay.ts`,
    "return isSignedBy(message, leaf.key) ? Status.Ok : Status.BadSignature;",
    "return Status.Ok;",
    { paper: "Pay ignores who the receiver is" },
  ),
  plant(
    "a payment is forgotten as soon as its request is void",
    `${TA}commands/settle.ts`,
    "if (!settled) return Status.RefundDue;",
    "",
    { paper: "Pay emits P once" },
  ),
  plant(
    "a payment is released although there is room",
    `${TA}commands/settle.ts`,
    "if (!paymentsFull()) return Status.OutboxNotFull;",
    "",
    { paper: "Pay emits P once" },
  ),
  plant(
    "a payment is released on anybody's word",
    `${TA}commands/settle.ts`,
    "  if (!isSignedBy(message, leaf.key)) return Status.BadSignature;\n\n  removePayment(index);",
    "  removePayment(index);",
    { paper: "Pay emits P once", violates: ["exactly once", "wallet security"] },
  ),
  plant(
    "a request that was cancelled can be paid and collected",
    `${TA}commands/request.ts`,
    "  const outcome = addVoid(requestAt(index));\n  removeRequest(index);",
    "  const outcome = addVoid(requestAt(index));",
    { violates: ["absolute finality", "exactly once", "supply conservation"] },
  ),
  plant(
    "money that was collected cannot be paid on before a sync",
    `${TA}commands/pay.ts`,
    "if (x > T.balance) return Status.InsufficientBalance;",
    "if (x > T.balance - T.collected) return Status.InsufficientBalance;",
    { violates: ["offline transitivity", "supply conservation"] },
  ),
  {
    name: "both signatures that belong together are good",
    paper: "P's time and type unsigned; log compares whole P",
    signatures: "real",
    // The trusted OS looks as well, before it verifies.
    edits: [
      { file: `${TA}cose/signature.ts`, find: "compare(s, HALF, 32) <= 0", replace: "true" },
      {
        file: `${TEE}os/internal-api.ts`,
        find: "    if (checkSignature(signature) !== undefined) return false;\n",
        replace: "",
      },
    ],
  },
  {
    name: "a TA takes another TA's certificate",
    paper: "CertInit accepts any valid TA certificate, repeatedly",
    // The limits that come with a certificate are signed for one TA: that alone would refuse it, too.
    edits: [
      {
        file: `${TA}commands/enrolment.ts`,
        find: "  if (!equal(leaf.key, T.vk, KEY_SIZE)) return Status.WrongKey;\n",
        replace: "",
      },
      {
        file: `${TA}commands/enrolment.ts`,
        find: "    provider.subjectLength,\n    T.id,\n",
        replace: "    provider.subjectLength,\n    leaf.thumbprint,\n",
      },
    ],
    violates: ["wallet security"],
  },
  plant(
    "GetBalance signs what is as good as a withdrawal",
    `${TA}commands/info.ts`,
    "  writeMap(5);\n  writeUint(1);\n  writeBytes(nonce, NONCE_SIZE);\n  writeUint(2);\n  writeUint(T.balance);\n  writeUint(3);\n  writeUint(T.d);\n  writeUint(4);\n  writeUint(T.w);\n  writeUint(5);\n  writeUint(T.j);\n  endPayload(Typ.SignedBalance);\n  outputMessage(signForHome(Typ.SignedBalance));",
    "  writeMap(2);\n  writeUint(1);\n  writeUint(T.balance);\n  writeUint(2);\n  writeUint(T.w + 1);\n  endPayload(Typ.Withdrawal);\n  outputMessage(signForHome(Typ.Withdrawal));",
    { paper: "Withdraw signs [x, i], GetBalance signs [bal, i]" },
  ),
  plant(
    "what is settled stays in the device",
    `${TA}commands/settle.ts`,
    "  if (!settled) return Status.RefundDue;\n\n  removePayment(index);\n",
    "  if (!settled) return Status.RefundDue;\n",
    { paper: "inPaymentLog grows without bound" },
  ),
  plant(
    "a device forgets how a request ended",
    `${TA}state/outcomes.ts`,
    "store<u8>(OUTCOMES_COUNT, <u8>(count + 1));",
    "store<u8>(OUTCOMES_COUNT, <u8>count);",
    { paper: "[ReceivedPayment] goes to S, who is unreachable" },
  ),
  plant(
    "Pay never asks for the PIN",
    `${TA}commands/pay.ts`,
    "if (x > T.pinAllowance && isOver(T.noPinSpent, x, T.noPinCap)) return Status.PinRequired;",
    "",
    { paper: "nobody asks the user" },
  ),
  plant(
    "the cap without a PIN is one for each payment",
    `${TA}commands/pay.ts`,
    "isOver(T.noPinSpent, x, T.noPinCap)",
    "x > T.noPinCap",
    { paper: "nobody asks the user" },
  ),
  plant(
    "any PIN is the right one",
    `${TA}commands/pin.ts`,
    "if (!equalInConstantTime(DIGEST, T.pinDigest, DIGEST_SIZE)) return Status.PinWrong;",
    "",
    { paper: "nobody asks the user" },
  ),
  plant(
    "any provider ends payments to any client",
    `${TA}commands/settle.ts`,
    "return equal(outcome.receiver, CLIENT, ID_SIZE) ? Status.Ok : Status.NotHome;",
    "return Status.Ok;",
    { paper: "one server key" },
  ),
];

/** Faults of the trusted OS. */
export const TEE_PLANTS: readonly Plant[] = [
  plant(
    "an answer leaves before its commit",
    `${TEE}os/trusted-os.ts`,
    'return err(storageError(committed.error, "unknown"));',
    "return ok(invocation);",
    { paper: "commit after release" },
  ),
  plant(
    "a TA goes on from a state that was not committed",
    `${TEE}os/internal-api.ts`,
    "    this.#committed = object;\n    this.#state = object.state;",
    "    this.#state = object.state;",
  ),
  plant(
    "an older flash is at work again",
    `${TEE}storage/anchor.ts`,
    "return image?.commit === anchor.commit && equalBytes(image.digest, anchor.digest);",
    "return image !== undefined || equalBytes(new Uint8Array(0), anchor.digest);",
  ),
];
