package org.probity.demo.breaking;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.probity.detector.codec.Bytes;
import org.probity.detector.crypto.Hash;
import org.probity.detector.crypto.Signer;
import org.probity.detector.governance.NodeRecord;
import org.probity.detector.governance.Seating;
import org.probity.detector.log.CheckpointSigner;
import org.probity.detector.log.SignedCheckpoint;
import org.probity.detector.log.SigningMark;
import org.probity.detector.log.TreeHead;
import org.probity.ledger.client.WitnessLink;
import org.probity.node.http.api.ApiClient;
import org.probity.node.http.api.Polling;
import org.probity.node.identity.PemFiles;

/** What each oracle of a campaign is there for is planted, and found by that oracle. */
class OraclesBiteIT {
  private static final String VICTIM = "bank-c";
  private static final Duration NOW = Duration.ZERO;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir Path folder;

  @Test
  @Timeout(900)
  void whatIsPlantedIsFound() throws Exception {
    try (Campaign campaign = new Campaign(folder, Mode.RECORDED, 1)) {
      assertEquals(List.of(), campaign.run(new Kill(), 1));
      Customer customer = campaign.scene().customer();
      Oracles oracles = campaign.oracles();
      ApiClient client = campaign.scene().banks().api(VICTIM).client();

      customer.remember(new Customer.Acknowledged(VICTIM, Bytes.utf8("never sent"), 3));
      assertEquals(List.of(VICTIM + " 3"), oracles.judge(VICTIM, NOW).lost());

      assertEquals(List.of(), oracles.judge(VICTIM).unsettled());
      long index = customer.issueMore(VICTIM);
      campaign.shown().receipt(VICTIM, index + 1, client.receipt(index));
      assertEquals(1, judged(oracles).badReceipts().size());
      assertTrue(
          Polling.REMOTE.await(PATIENCE, () -> !judged(oracles).unsettled().isEmpty()),
          "money out of nothing");

      assertEquals(List.of(), judged(oracles).conflicts());
      Bytes forged = forged(campaign, client);
      campaign.shown().note(forged);
      assertEquals(1, judged(oracles).conflicts().size());
      assertEquals(List.of(), judged(oracles).evidence());
      assertEquals(List.of(), judged(oracles).distrust());

      Banks banks = campaign.scene().banks();
      NodeRecord witness = Seating.founding(banks.genesis()).witnessesOf(VICTIM).get(0);
      assertEquals(
          WitnessLink.Comparison.CONFLICT,
          banks.api(witness.node()).client().showCheckpoint(forged));
      assertTrue(
          Polling.REMOTE.await(PATIENCE, () -> !judged(oracles).evidence().isEmpty()),
          "a proof at some node");
      assertTrue(
          Polling.REMOTE.await(PATIENCE, () -> !judged(oracles).distrust().isEmpty()),
          "a verdict of some node");
    }
  }

  private static Oracles.Judgement judged(Oracles oracles) {
    try {
      return oracles.judge(VICTIM, NOW);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** What the node's key signs here for another history of the same size. */
  private static Bytes forged(Campaign campaign, ApiClient client) throws Exception {
    SignedCheckpoint newest = SignedCheckpoint.parse(client.checkpoint());
    Path key = campaign.scene().banks().layout().keys(VICTIM).resolve("log.pem");
    Signer signer = Signer.of(PemFiles.readSecret(key).ed25519());
    TreeHead other = new TreeHead(newest.size(), Hash.sha256(new byte[] {1}));
    CheckpointSigner forgetful =
        CheckpointSigner.guarding(signer, newest.origin(), SigningMark.NOTHING_SIGNED);
    return ((CheckpointSigner.Signed) forgetful.sign(other)).checkpoint().bytes();
  }
}
