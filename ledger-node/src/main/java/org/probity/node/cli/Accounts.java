package org.probity.node.cli;

import java.util.List;
import java.util.regex.Pattern;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Genesis;
import org.probity.detector.program.Program;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.node.program.Programs;

/** Accounts and assets as arguments. */
final class Accounts {
  private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");

  private Accounts() {}

  /** 32 hex digits are an id; anything else is a name, whose id follows from it. */
  static AccountId id(String argument) {
    return ID.matcher(argument).matches() ? AccountId.fromHex(argument) : AccountId.named(argument);
  }

  /** An asset of the genesis document by its code or id. */
  static AssetDefinition asset(Genesis genesis, String argument) {
    List<AssetDefinition> known = assets(genesis);
    List<AssetDefinition> found =
        known.stream()
            .filter(
                asset -> asset.code().equals(argument) || asset.id().toString().equals(argument))
            .toList();
    if (found.size() != 1) {
      throw CliException.usage(
          (found.isEmpty() ? "no asset " : "more than one asset ")
              + argument
              + " in the genesis document; there are "
              + known.stream().map(asset -> asset.code() + " " + asset.id()).toList());
    }
    return found.get(0);
  }

  /** None if the consortium runs another program than the ledger. */
  static List<AssetDefinition> assets(Genesis genesis) {
    if (Programs.of(genesis).map(it -> !Programs.isLedger(it.id())).orElse(false)) {
      return List.of();
    }
    try {
      return LedgerParameters.decode(genesis.programParameters()).assets();
    } catch (DecodeException e) {
      throw CliException.config(
          "genesis_" + e.code(), "the genesis document's ledger parameters: " + e.getMessage());
    }
  }

  /** The rules that the genesis document names. */
  static Program program(Genesis genesis) {
    return Programs.of(genesis)
        .orElseThrow(
            () ->
                CliException.config(
                    "unknown_program",
                    "this software does not know program "
                        + genesis.programId()
                        + "; it knows "
                        + Programs.list()));
  }
}
