package org.probity.ledger.program;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.program.Context;
import org.probity.detector.program.SystemRules;
import org.probity.ledger.transaction.AssetId;
import org.probity.ledger.transaction.Footprint;
import org.probity.ledger.transaction.Outcome;
import org.probity.ledger.transaction.SettlementMessage;
import org.probity.ledger.transaction.SettlementMessage.Credit;
import org.probity.ledger.transaction.SettlementMessage.CreditGroup;

/**
 * The remittances of one transaction, packed into as few messages as fit: per node one run of
 * groups, cut where a group or a payload is full.
 */
final class Outbox {
  /** Array of 2, kind, head of the group list. */
  private static final int MESSAGE_OVERHEAD_BYTES = 5;

  /** Array of 3, asset, number, head of the credit list. */
  private static final int GROUP_OVERHEAD_BYTES = 1 + 17 + 9 + 2;

  private final SortedMap<String, SortedMap<AssetId, Channel>> channels = new TreeMap<>();

  /** Queues the credit with this number of the channel (node, asset); numbers come in order. */
  void add(String node, AssetId asset, long number, int operation, Credit credit) {
    channels
        .computeIfAbsent(node, absent -> new TreeMap<>())
        .computeIfAbsent(asset, absent -> new Channel(number))
        .queued
        .add(new Queued(operation, credit));
  }

  /** Writes the pending groups and sends the messages; returns what the outcome says about them. */
  List<Outcome.Remitted> send(long transactionIndex, WorkingSet state, Context context) {
    List<Outcome.Remitted> remitted = new ArrayList<>();
    channels.forEach(
        (node, byAsset) -> {
          for (List<Group> message : pack(byAsset)) {
            for (Group group : message) {
              state.putPending(group.asset, node, group.first, group.toPending(transactionIndex));
              remitted.add(group.toRemitted(node));
            }
            context.send(node, encode(message));
          }
        });
    return remitted;
  }

  private static Bytes encode(List<Group> message) {
    return new SettlementMessage.Credits(message.stream().map(Group::toCredits).toList()).encode();
  }

  private static List<List<Group>> pack(SortedMap<AssetId, Channel> byAsset) {
    Packer packer = new Packer();
    byAsset.forEach(
        (asset, channel) -> {
          long number = channel.first;
          packer.endGroup();
          for (Queued queued : channel.queued) {
            packer.add(asset, number++, queued);
          }
        });
    return packer.messages;
  }

  private static final class Packer {
    private final List<List<Group>> messages = new ArrayList<>();
    private List<Queued> group = new ArrayList<>();
    private int messageBytes = Context.MAX_PAYLOAD_BYTES;
    private boolean groupOpen;
    private int groups;
    private int credits;

    void endGroup() {
      groupOpen = false;
    }

    void add(AssetId asset, long number, Queued queued) {
      int credit = queued.credit.encodedBytes();
      if (groupOpen && group.size() == SettlementMessage.MAX_GROUP_CREDITS) {
        groupOpen = false;
      }
      int needed = credit + (groupOpen ? 0 : GROUP_OVERHEAD_BYTES);
      if (messageBytes + needed > Context.MAX_PAYLOAD_BYTES || isFootprintFull(needed)) {
        messages.add(new ArrayList<>());
        messageBytes = MESSAGE_OVERHEAD_BYTES;
        groupOpen = false;
        groups = 0;
        credits = 0;
        needed = credit + GROUP_OVERHEAD_BYTES;
      }
      if (!groupOpen) {
        group = new ArrayList<>();
        messages.get(messages.size() - 1).add(new Group(asset, number, group));
        groupOpen = true;
        groups++;
      }
      group.add(queued);
      credits++;
      messageBytes += needed;
    }

    /** Whether one more credit could make a proof about the message's RECEIVE too large. */
    private boolean isFootprintFull(int neededBytes) {
      int footprint = Footprint.ofMessage(groups + (groupOpen ? 0 : 1), credits + 1);
      return messageBytes + neededBytes + footprint > SystemRules.MAX_MESSAGE_FOOTPRINT_BYTES;
    }
  }

  private record Queued(int operation, Credit credit) {}

  private static final class Channel {
    private final long first;
    private final List<Queued> queued = new ArrayList<>();

    Channel(long first) {
      this.first = first;
    }
  }

  private record Group(AssetId asset, long first, List<Queued> queued) {
    CreditGroup toCredits() {
      return new CreditGroup(asset, first, queued.stream().map(Queued::credit).toList());
    }

    PendingGroup toPending(long transactionIndex) {
      return new PendingGroup(
          transactionIndex,
          queued.stream()
              .map(
                  one ->
                      new PendingGroup.Remittance(
                          one.operation, one.credit.payer(), one.credit.amountMinor()))
              .toList());
    }

    Outcome.Remitted toRemitted(String node) {
      return new Outcome.Remitted(
          node, asset, first, queued.stream().map(Queued::operation).toList());
    }
  }
}
