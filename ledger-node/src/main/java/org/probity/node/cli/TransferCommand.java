package org.probity.node.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.probity.detector.crypto.Signer;
import org.probity.detector.crypto.Statement;
import org.probity.detector.governance.Genesis;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.Amount;
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
  private final Terminal terminal;

  @Mixin private Target target = new Target();

  @Mixin private WaitOptions waiting = new WaitOptions();

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

  @Option(names = "--dry-run", description = "Say what would be signed, and send nothing.")
  private boolean dryRun;

  @Option(
      names = "--receipt",
      paramLabel = "FILE",
      description = "Where to keep the receipt; default receipt-NODE-TXID.txt; must not exist.")
  private @Nullable Path receipt;

  TransferCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Genesis genesis = target.genesis();
    String node = target.nodeOrFirst();
    NodeApi api = target.api(terminal, node);
    AccountId from = Accounts.id(payer);
    AssetDefinition asset =
        Accounts.asset(genesis, api.getJson("/v1/accounts/" + from).path("asset").asText());
    Operation operation = operation(node, from, minor(asset));
    List<Signer> signers = keys.stream().map(Submission::signer).toList();
    if (dryRun) {
      terminal.result(Submission.plan(node, operation, signers));
      return ExitStatus.OK.code();
    }
    Statement statement = Submission.sign(genesis, node, operation, signers);
    Submission.Recorded recorded =
        Delivery.prepare(target, terminal, api, genesis, node, statement, receipt).send();
    waiting.await(api, genesis, node, recorded);
    return recorded.status().code();
  }

  private Amount minor(AssetDefinition asset) {
    try {
      return asset.parse(amount);
    } catch (NumberFormatException e) {
      throw CliException.usage("AMOUNT " + amount + " is " + e.getMessage());
    }
  }

  private Operation operation(String node, AccountId from, Amount minor) {
    int at = payee.lastIndexOf('@');
    String home = at < 0 ? node : payee.substring(at + 1);
    AccountId to = Accounts.id(at < 0 ? payee : payee.substring(0, at));
    References references = reference == null ? References.NONE : References.endToEnd(reference);
    return home.equals(node)
        ? new Operation.Transfer(from, to, minor, references)
        : new Operation.Remit(from, home, to, minor, references);
  }
}
