package org.probity.node.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.probity.detector.codec.DecodeException;
import org.probity.detector.crypto.SignatureRule;
import org.probity.detector.governance.DecisionChain;
import org.probity.detector.governance.Genesis;
import org.probity.detector.governance.SeatHistory;
import org.probity.detector.governance.Seating;

/**
 * The decisions of a consortium as far as anybody asked has them. A chain shows by itself that it
 * was decided, so whoever has the longest is right, and nobody is believed; who keeps decisions
 * back is found out by asking one who does not.
 */
final class KnownDecisions {
  private static final ObjectMapper JSON = new ObjectMapper();

  private DecisionChain chain;

  private KnownDecisions(DecisionChain chain) {
    this.chain = chain;
  }

  /** Of what genesis says and nothing else. */
  static KnownDecisions none(Genesis genesis) {
    return new KnownDecisions(DecisionChain.of(genesis, SignatureRule.fastest()));
  }

  /** Of a file with what {@code governance decisions --output json} prints. */
  static KnownDecisions read(Genesis genesis, Path file) throws IOException {
    try {
      return new KnownDecisions(Ballots.verified(genesis, JSON.readTree(Files.readAllBytes(file))));
    } catch (JsonProcessingException e) {
      throw CliException.config("decisions_unreadable", file + " is no JSON");
    } catch (DecodeException e) {
      throw CliException.config(e.code(), file + ": " + e.getMessage());
    }
  }

  /** Takes what a node has if it is more; whether it is. What does not come is not missed. */
  boolean learn(NodeApi api) {
    try {
      int known = chain.decisions().size();
      if (api.getJson("/v1/governance").path("epoch").asLong() <= known) {
        return false;
      }
      DecisionChain told = new Ballots(chain.genesis(), api).chain();
      if (told.decisions().size() <= known) {
        return false;
      }
      chain = told;
      return true;
    } catch (CliException | DecodeException e) {
      return false;
    }
  }

  DecisionChain chain() {
    return chain;
  }

  /** The witness seats in force by the last of them. */
  Seating seating() {
    return Seating.of(chain.state());
  }

  /** Of every epoch, the newest first. */
  List<Seating> seatings() {
    return SeatHistory.of(chain).seatings();
  }
}
