package org.probity.node.program;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.probity.detector.crypto.Hash;
import org.probity.detector.governance.Genesis;
import org.probity.detector.program.Program;
import org.probity.ledger.program.LedgerProgram;
import org.probity.ledger.verifier.OfflineVerifier;

/** What this software can run and judge. */
public final class Programs {
  private static final Hash LEDGER = new LedgerProgram().id();

  private Programs() {}

  /** By id. The ledger first: nothing on the class path can take its id. */
  public static Map<Hash, Program> known() {
    Map<Hash, Program> known = new LinkedHashMap<>(OfflineVerifier.programs());
    for (Program other : ServiceLoader.load(Program.class, Programs.class.getClassLoader())) {
      known.putIfAbsent(other.id(), other);
    }
    return Collections.unmodifiableMap(known);
  }

  /** The one that the genesis document names, if this software has it. */
  public static Optional<Program> of(Genesis genesis) {
    return Optional.ofNullable(known().get(genesis.programId()));
  }

  /** By the name of its rules. */
  public static Optional<Program> named(String rules) {
    return known().values().stream().filter(program -> program.rules().equals(rules)).findFirst();
  }

  /** For messages: {@code 4c1e.. (probity-ledger/1 rules 5), ...}. */
  public static String list() {
    return known().values().stream()
        .map(program -> program.id() + " (" + program.rules() + ")")
        .collect(Collectors.joining(", "));
  }

  /** Whether accounts, assets and transfers mean anything under this program. */
  public static boolean isLedger(Hash programId) {
    return programId.equals(LEDGER);
  }
}
