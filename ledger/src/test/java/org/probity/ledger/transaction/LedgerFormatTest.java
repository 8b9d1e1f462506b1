package org.probity.ledger.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.probity.detector.DecoderFuzz;
import org.probity.detector.DecoderFuzz.Decoder;
import org.probity.detector.GoldenFile;
import org.probity.detector.TestData;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.codec.Uint128;
import org.probity.detector.crypto.TestKeys;
import org.probity.detector.program.Transaction;
import org.probity.ledger.program.Account;
import org.probity.ledger.program.Issuance;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.program.PendingGroup;
import org.probity.ledger.program.Settlement;
import org.probity.ledger.transaction.SettlementMessage.Credit;
import org.probity.ledger.transaction.SettlementMessage.CreditGroup;
import org.probity.ledger.transaction.SettlementMessage.Credits;
import org.probity.ledger.transaction.SettlementMessage.ResultGroup;
import org.probity.ledger.transaction.SettlementMessage.Results;

/** The examples and tables of {@code docs/format/ledger.md}, and that decoding has one answer. */
class LedgerFormatTest {
  private static final String DOCUMENT = "docs/format/ledger.md";

  private static final Bytes KEY_1 = TestKeys.RFC_1.publicKey().toBytes();
  private static final Bytes KEY_2 = TestKeys.RFC_2.publicKey().toBytes();
  private static final AssetDefinition CZK =
      new AssetDefinition("CZK", 2, KeyPolicy.single(KEY_1), 0);
  private static final AccountId ALICE = AccountId.fromHex("a11ce000000000000000000000000001");
  private static final AccountId BOB = AccountId.fromHex("b0b00000000000000000000000000002");
  private static final Amount AMOUNT = Amount.of(245_200);
  private static final References REFERENCES =
      References.endToEnd("ORDER-29401")
          .withUetr(Bytes.fromHex("97ed4827a7e64b23a3a2bd3d3a0b1a2c"))
          .withPurpose("OTHR")
          .withCreditorReference("RF18539007547034")
          .withLei("529900T8BM49AURSDO55");

  private record Example<T>(T value, Decoder<T> decoder, Function<T, Bytes> encoder) {
    Bytes encoded() {
      return encoder.apply(value);
    }

    void assertDecodes() throws DecodeException {
      assertEquals(value, decoder.decode(encoded()));
    }

    void fuzz() {
      DecoderFuzz.run(2_000, List.of(encoded()), decoder, encoder);
    }
  }

  private static Map<String, Example<?>> examples() {
    Map<String, Example<?>> examples = new LinkedHashMap<>();
    TreeMap<String, KeyPolicy> operators = new TreeMap<>();
    operators.put("bank-a", KeyPolicy.of(2, KEY_1, KEY_2));
    operators.put("bank-b", KeyPolicy.single(KEY_2));
    LedgerParameters parameters = new LedgerParameters(List.of(CZK), operators);
    examples.put(
        "Example: genesis parameters",
        new Example<>(parameters, LedgerParameters::decode, LedgerParameters::encode));
    examples.put(
        "Example: asset definition",
        new Example<>(CZK, AssetDefinition::decode, AssetDefinition::encode));
    operations().forEach((name, operation) -> examples.put(name, body(operation)));
    Outcome accepted =
        new Outcome.Accepted(List.of(new Outcome.Remitted("bank-b", CZK.id(), 17, List.of(0, 2))));
    examples.put("Example: accepted", outcome(accepted));
    examples.put(
        "Example: an operation failed",
        outcome(new Outcome.Failed(1, ResultCode.INSUFFICIENT_FUNDS)));
    examples.put("Example: refused", outcome(new Outcome.Refused(ResultCode.MALFORMED)));
    messages().forEach((name, message) -> examples.put(name, message(message)));
    states(examples);
    return examples;
  }

  private static Map<String, Operation> operations() {
    Map<String, Operation> operations = new LinkedHashMap<>();
    operations.put("Example: asset.define", new Operation.DefineAsset(CZK));
    operations.put(
        "Example: account.open",
        new Operation.OpenAccount(
            ALICE,
            CZK.id(),
            KeyPolicy.of(2, KEY_1, KEY_2),
            AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS));
    operations.put("Example: account.close", new Operation.CloseAccount(ALICE));
    operations.put("Example: account.freeze", new Operation.FreezeAccount(ALICE));
    operations.put("Example: account.unfreeze", new Operation.UnfreezeAccount(ALICE));
    operations.put("Example: issue", new Operation.Issue(CZK.id(), ALICE, AMOUNT, References.NONE));
    operations.put("Example: redeem", new Operation.Redeem(ALICE, AMOUNT, References.NONE));
    operations.put("Example: transfer", new Operation.Transfer(ALICE, BOB, AMOUNT, REFERENCES));
    operations.put(
        "Example: remit",
        new Operation.Remit(ALICE, "bank-b", BOB, AMOUNT, References.endToEnd("ORDER-29401")));
    return operations;
  }

  private static Map<String, SettlementMessage> messages() {
    Map<String, SettlementMessage> messages = new LinkedHashMap<>();
    messages.put(
        "Example: credits",
        new Credits(
            List.of(
                new CreditGroup(
                    CZK.id(),
                    17,
                    List.of(
                        new Credit(ALICE, BOB, AMOUNT, References.endToEnd("ORDER-29401")),
                        new Credit(ALICE, ALICE, Amount.ONE, References.NONE))))));
    messages.put(
        "Example: results",
        new Results(
            List.of(
                new ResultGroup(
                    CZK.id(), 17, List.of(ResultCode.OK, ResultCode.PAYEE_NOT_FOUND)))));
    return messages;
  }

  private static void states(Map<String, Example<?>> examples) {
    Account account =
        new Account(
            CZK.id(),
            KeyPolicy.single(KEY_1),
            AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS,
            Account.Status.FROZEN,
            AMOUNT.toUint128(),
            Uint128.of(7),
            Uint128.ZERO,
            Uint128.of(1_000_000));
    examples.put("Example: account", new Example<>(account, Account::decode, Account::encode));
    Issuance issuance = new Issuance(Uint128.of(1_000_000), Uint128.ONE);
    examples.put(
        "Example: issuance account", new Example<>(issuance, Issuance::decode, Issuance::encode));
    Settlement settlement =
        new Settlement(
            Uint128.of(245_201),
            Uint128.of(90),
            Uint128.of(1),
            19,
            15,
            Uint128.of(5),
            Uint128.ZERO,
            2);
    examples.put(
        "Example: settlement account",
        new Example<>(settlement, Settlement::decode, Settlement::encode));
    PendingGroup pending =
        new PendingGroup(
            4711,
            List.of(
                new PendingGroup.Remittance(0, ALICE, AMOUNT),
                new PendingGroup.Remittance(2, ALICE, Amount.ONE)));
    examples.put(
        "Example: pending group",
        new Example<>(pending, PendingGroup::decode, PendingGroup::encode));
  }

  @Test
  void balancesHaveOneEncoding() throws DecodeException {
    Account poor = Account.open(CZK.id(), KeyPolicy.single(KEY_1), AccountFlags.NONE);
    String head = poor.encode().toHex().substring(0, 2 * (poor.encode().size() - 4));
    assertEquals(head + "40404040", poor.encode().toHex());
    String largest = "50" + "ff".repeat(16);
    Account rich = Account.decode(Bytes.fromHex(head + "40404107" + largest));
    assertEquals(Uint128.of(7), rich.creditsPending());
    assertEquals(Uint128.MAX, rich.creditsPosted());
    for (String wrong : List.of("4100", "420007", "50" + "00".repeat(15) + "07")) {
      assertEquals("balance_not_shortest", codeOf(head + "404040" + wrong), wrong);
    }
    assertEquals("cbor_wrong_length", codeOf(head + "40404051" + "ff".repeat(17)));
  }

  private static String codeOf(String account) {
    return assertThrows(DecodeException.class, () -> Account.decode(Bytes.fromHex(account))).code();
  }

  private static Example<TransactionBody> body(Operation operation) {
    TransactionBody body = TransactionBody.of(operation);
    return new Example<>(body, TransactionBody::decode, TransactionBody::encode);
  }

  private static Example<Outcome> outcome(Outcome outcome) {
    return new Example<>(outcome, Outcome::decode, Outcome::encode);
  }

  private static Example<SettlementMessage> message(SettlementMessage message) {
    return new Example<>(message, SettlementMessage::decode, SettlementMessage::encode);
  }

  @TestFactory
  Collection<DynamicTest> examplesAreWhatTheCodeWrites() {
    GoldenFile document = GoldenFile.read(DOCUMENT);
    List<DynamicTest> tests = new ArrayList<>();
    examples()
        .forEach(
            (heading, example) ->
                tests.add(
                    dynamicTest(
                        heading, () -> document.assertExample(heading, example.encoded()))));
    return tests;
  }

  @TestFactory
  Collection<DynamicTest> examplesDecodeToWhatWasEncoded() {
    List<DynamicTest> tests = new ArrayList<>();
    examples()
        .forEach((heading, example) -> tests.add(dynamicTest(heading, example::assertDecodes)));
    return tests;
  }

  /** SPEC protocol.md §3.1: what does not re-encode to the same bytes is rejected. */
  @TestFactory
  Collection<DynamicTest> anyChangedByteIsAnotherValueOrNone() {
    List<DynamicTest> tests = new ArrayList<>();
    examples().forEach((heading, example) -> tests.add(dynamicTest(heading, example::fuzz)));
    return tests;
  }

  @Test
  void constantsAreInTheDocument() throws Exception {
    String text = Files.readString(TestData.projectRoot().resolve(DOCUMENT));
    LedgerProgram program = new LedgerProgram();
    assertTrue(text.contains(program.id().toHex()), "program id");
    assertTrue(text.contains(program.rules()), "name of the rules");
    String genesis = Files.readString(TestData.projectRoot().resolve("docs/format/genesis.md"));
    assertTrue(genesis.contains(program.rules()), "name of the rules in genesis.md");
    assertTrue(text.contains(CZK.id().toString()), "asset id of the example");
    assertTrue(text.contains(AccountId.named("payer/1").toString()), "id of a named account");
    assertTrue(text.contains(Transaction.TYP));
  }

  @Test
  void everyResultCodeIsInTheDocument() throws Exception {
    String text = Files.readString(TestData.projectRoot().resolve(DOCUMENT));
    for (ResultCode code : ResultCode.values()) {
      String row = "| " + code.number() + " | `" + code.label() + "` | " + code.meaning() + " |";
      assertTrue(text.contains(row), () -> "missing: " + row);
    }
  }

  @Test
  void resultCodesAreNumberedInOrder() throws DecodeException {
    int number = 0;
    for (ResultCode code : ResultCode.values()) {
      assertEquals(number++, code.number());
      assertEquals(code, ResultCode.of(code.number()));
    }
  }
}
