package org.probity.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.probity.detector.codec.Uint128;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.Genesis;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.Operation;
import org.probity.ledger.transaction.References;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code transfer}: pays from an account to another, on the same node or elsewhere. */
@Command(
    name = "transfer",
    description = "Pays from one account to another, on the same node or on another.")
final class TransferCommand implements Callable<Integer> {
  private static final long POLL_MILLIS = 100;

  /** How far the payment must have got before the command returns. */
  enum Wait {
    /** Durable in the log of the payer's node. */
    RECORDED,
    /** Answered by the payee's node, too. */
    SETTLED
  }

  private final Terminal terminal;

  @Mixin private Target target = new Target();

  @Parameters(index = "0", paramLabel = "PAYER", description = "Account on the node.")
  private String payer = "";

  @Parameters(
      index = "1",
      paramLabel = "PAYEE[@NODE]",
      description = "Account on the same node or the node named.")
  private String payee = "";

  @Parameters(index = "2", paramLabel = "AMOUNT", description = "In units, for example 12.50.")
  private String amount = "";

  @Option(
      names = "--key",
      required = true,
      paramLabel = "FILE",
      description = "An owner's private key; repeatable if more must sign.")
  private List<Path> keys = List.of();

  @Option(names = "--reference", paramLabel = "TEXT", description = "End-to-end id, at most 35.")
  private @Nullable String reference;

  @Option(
      names = "--wait",
      defaultValue = "recorded",
      description = "recorded (default), or settled: the payee's node has answered.")
  private Wait wait = Wait.RECORDED;

  @Option(
      names = "--timeout",
      defaultValue = "30",
      paramLabel = "SECONDS",
      description = "How long to wait for settled; default ${DEFAULT-VALUE}.")
  private int timeoutSeconds;

  @Option(
      names = "--receipt",
      paramLabel = "FILE",
      description = "Where to keep the receipt; default receipt-NODE-INDEX.txt.")
  private @Nullable Path receipt;

  TransferCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Genesis genesis = target.genesis();
    String node = target.nodeOrFirst();
    NodeApi api = target.api();
    AccountId from = Accounts.id(payer);
    AssetDefinition asset =
        Accounts.asset(genesis, api.getJson("/v1/accounts/" + from).path("asset").asText());
    Uint128 minor = minor(asset);
    List<Signer> signers = keys.stream().map(Submission::signer).toList();
    ObjectNode json =
        Submission.submit(api, genesis, node, operation(node, from, minor), signers, receipt);
    ExitStatus status = Submission.status(json);
    if (status == ExitStatus.OK && wait == Wait.SETTLED) {
      awaitSettled(api, from);
    }
    json.put("state", status == ExitStatus.OK ? wait.name().toLowerCase(Locale.ROOT) : "recorded");
    terminal.result(json);
    return status.code();
  }

  private Uint128 minor(AssetDefinition asset) {
    try {
      return asset.parse(amount);
    } catch (NumberFormatException e) {
      throw CliException.usage(amount + " is " + e.getMessage());
    }
  }

  private Operation operation(String node, AccountId from, Uint128 minor) {
    int at = payee.lastIndexOf('@');
    String home = at < 0 ? node : payee.substring(at + 1);
    AccountId to = Accounts.id(at < 0 ? payee : payee.substring(0, at));
    References references = reference == null ? References.NONE : References.endToEnd(reference);
    return home.equals(node)
        ? new Operation.Transfer(from, to, minor, references)
        : new Operation.Remit(from, home, to, minor, references);
  }

  /** Until nothing of the payer's is on its way any more. */
  private void awaitSettled(NodeApi api, AccountId from) {
    long deadlineNanos = System.nanoTime() + timeoutSeconds * 1_000_000_000L;
    while (isPending(api.getJson("/v1/accounts/" + from))) {
      if (System.nanoTime() > deadlineNanos) {
        throw new CliException(
            ExitStatus.ERROR,
            "not_settled",
            "recorded, but the payee's node has not answered within " + timeoutSeconds + " s");
      }
      NodeApi.pause(POLL_MILLIS);
    }
  }

  private static boolean isPending(JsonNode account) {
    return !account.path("debitsPendingMinor").asText("0").equals("0");
  }
}
