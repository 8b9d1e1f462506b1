package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.PublicKey;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Genesis;
import org.probity.ledger.transaction.AccountFlags;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.KeyPolicy;
import org.probity.ledger.transaction.Operation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code account}: opens and shows accounts on their home node. */
@Command(name = "account", description = "Opens, shows and lists accounts.")
final class AccountCommand {
  private static final int PAGE_ITEMS = 500;

  private final Terminal terminal;

  AccountCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Command(name = "open", description = "Opens an account; signed with the node operator's key.")
  Integer open(
      @Mixin Target target,
      @Mixin WaitOptions waiting,
      @Parameters(paramLabel = "ACCOUNT", description = "32 hex digits, or a name.") String account,
      @Option(names = "--asset", required = true, paramLabel = "CODE|ID") String asset,
      @Option(
              names = "--key",
              required = true,
              paramLabel = "FILE",
              description = "The operator's private key.")
          Path key,
      @Option(
              names = "--owner",
              paramLabel = "HEX",
              description = "Owner's public key, repeatable; default: the operator's.")
          @Nullable List<String> owners,
      @Option(
              names = "--threshold",
              defaultValue = "1",
              description = "How many of the owners must sign; default ${DEFAULT-VALUE}.")
          int threshold,
      @Option(names = "--overdraft", description = "The account may owe.") boolean overdraft,
      @Option(
              names = "--receipt",
              paramLabel = "FILE",
              description =
                  "Where to keep the receipt; default receipt-NODE-TXID.txt; must not exist.")
          @Nullable Path receipt,
      @Option(names = "--dry-run", description = "Say what would be signed, and send nothing.")
          boolean dryRun)
      throws IOException {
    Genesis genesis = target.genesis();
    String node = target.nodeOrFirst();
    AccountId id = Accounts.id(account);
    Signer operator = Submission.signer(key);
    Operation operation =
        new Operation.OpenAccount(
            id,
            Accounts.asset(genesis, asset).id(),
            policy(threshold, owners, operator),
            overdraft ? 0 : AccountFlags.DEBITS_MUST_NOT_EXCEED_CREDITS);
    if (dryRun) {
      terminal.result(Submission.plan(node, operation, List.of(operator)));
      return ExitStatus.OK.code();
    }
    Statement statement = Submission.sign(genesis, node, operation, List.of(operator));
    NodeApi api = target.api(terminal, node);
    Submission.Recorded recorded =
        Delivery.prepare(target, terminal, api, genesis, node, statement, receipt).send();
    waiting.await(api, genesis, node, recorded);
    return recorded.status().code();
  }

  private static KeyPolicy policy(int threshold, @Nullable List<String> owners, Signer operator) {
    List<Bytes> keys = new ArrayList<>();
    if (owners == null) {
      keys.add(operator.publicKey().toBytes());
    } else {
      for (String owner : owners) {
        keys.add(publicKey(owner));
      }
    }
    try {
      return KeyPolicy.of(threshold, keys);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
  }

  private static Bytes publicKey(String hex) {
    try {
      return PublicKey.decode(Bytes.fromHex(hex)).toBytes();
    } catch (DecodeException | IllegalArgumentException e) {
      throw CliException.usage("not an Ed25519 public key in hex: " + hex);
    }
  }

  @Command(name = "show", description = "Shows an account.")
  void show(
      @Mixin Target target,
      @Parameters(paramLabel = "ACCOUNT", description = "32 hex digits, or a name.")
          String account) {
    terminal.result(target.api(terminal).getJson("/v1/accounts/" + Accounts.id(account)));
  }

  @Command(name = "list", description = "Lists a node's accounts in the order of their ids.")
  void list(
      @Mixin Target target,
      @Option(
              names = "--limit",
              defaultValue = "1000",
              description = "At most this many; default ${DEFAULT-VALUE}.")
          int limit) {
    NodeApi api = target.api(terminal);
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    String cursor = "";
    do {
      int want = Math.min(PAGE_ITEMS, limit - all.size());
      JsonNode page = api.getJson("/v1/accounts?limit=" + want + cursor);
      page.path("items").forEach(all::add);
      String next = page.path("next").asText("");
      cursor =
          page.path("next").isTextual()
              ? "&cursor=" + URLEncoder.encode(next, StandardCharsets.UTF_8)
              : "";
    } while (!cursor.isEmpty() && all.size() < limit);
    terminal.result(all);
  }
}
