package org.probity.node.cli;

import java.util.List;
import java.util.regex.Pattern;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.governance.Genesis;
import org.probity.detector.program.Program;
import org.probity.ledger.transaction.AccountId;
import org.probity.ledger.transaction.AssetDefinition;
import org.probity.ledger.transaction.LedgerParameters;
import org.probity.ledger.verifier.OfflineVerifier;

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

  static List<AssetDefinition> assets(Genesis genesis) {
    try {
      return LedgerParameters.decode(genesis.programParameters()).assets();
    } catch (DecodeException e) {
      throw CliException.config(
          "genesis_" + e.code(), "the genesis document's ledger parameters: " + e.getMessage());
    }
  }

  /** The rules that the genesis document names. */
  static Program program(Genesis genesis) {
    Program program = OfflineVerifier.programs().get(genesis.programId());
    if (program == null) {
      throw CliException.config(
          "unknown_program", "this software does not know program " + genesis.programId());
    }
    return program;
  }
}
