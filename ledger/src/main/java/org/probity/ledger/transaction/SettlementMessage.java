package org.probity.ledger.transaction;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * What nodes say to one another: {@code [1, [+ credit group]]} and its answer {@code [2, [+ result
 * group]]}.
 *
 * <p>The credits of a channel (sender, receiver, asset) are numbered from 0 without gaps over all
 * messages; a group is a run of them. The number is the transfer id: both sides need one counter to
 * know it, whatever happened before.
 */
public sealed interface SettlementMessage {
  /** Bounded by the room a {@code PendingGroup} has in the state. */
  int MAX_GROUP_CREDITS = 100;

  /** No payload holds more; each takes at least 22 bytes. */
  int MAX_GROUPS = 400;

  Bytes encode();

  /** Please credit these accounts of yours. */
  record Credits(List<CreditGroup> groups) implements SettlementMessage {
    static final int KIND = 1;

    public Credits {
      groups = List.copyOf(groups);
    }

    @Override
    public Bytes encode() {
      CborWriter out = new CborWriter().array(2).uint(KIND).array(groups.size());
      for (CreditGroup group : groups) {
        group.write(out);
      }
      return out.toBytes();
    }
  }

  /** {@code [asset, first, [+ credit]]}: the credits numbered {@code first} and up. */
  record CreditGroup(AssetId asset, long first, List<Credit> credits) {
    public CreditGroup {
      credits = List.copyOf(credits);
    }

    void write(CborWriter out) {
      out.array(3).bytes(asset.value()).uint(first).array(credits.size());
      for (Credit credit : credits) {
        credit.write(out);
      }
    }

    static CreditGroup read(CborReader in) throws DecodeException {
      in.arrayHeader(3);
      AssetId asset = AssetId.read(in);
      long first = in.uint();
      int count = groupSize(in);
      List<Credit> credits = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        credits.add(Credit.read(in));
      }
      return new CreditGroup(asset, first, credits);
    }
  }

  /** {@code [payer, payee, amount, references]}; the payer is for information only. */
  record Credit(AccountId payer, AccountId payee, Amount amountMinor, References references) {
    public void write(CborWriter out) {
      out.array(4).bytes(payer.value()).bytes(payee.value());
      amountMinor.write(out);
      references.write(out);
    }

    /** The number of bytes {@link #write} writes. */
    public int encodedBytes() {
      return 1 + 2 * 17 + amountMinor.encodedBytes() + references.encodedBytes();
    }

    static Credit read(CborReader in) throws DecodeException {
      in.arrayHeader(4);
      return new Credit(
          AccountId.read(in), AccountId.read(in), Amount.read(in), References.read(in));
    }
  }

  /** What became of your credits: one result for each, in their order, for each group. */
  record Results(List<ResultGroup> groups) implements SettlementMessage {
    static final int KIND = 2;

    public Results {
      groups = List.copyOf(groups);
    }

    @Override
    public Bytes encode() {
      CborWriter out = new CborWriter().array(2).uint(KIND).array(groups.size());
      for (ResultGroup group : groups) {
        group.write(out);
      }
      return out.toBytes();
    }
  }

  /** {@code [asset, first, [+ code]]}: {@link ResultCode#OK} is settled, all else is returned. */
  record ResultGroup(AssetId asset, long first, List<ResultCode> codes) {
    public ResultGroup {
      codes = List.copyOf(codes);
    }

    void write(CborWriter out) {
      out.array(3).bytes(asset.value()).uint(first).array(codes.size());
      for (ResultCode code : codes) {
        out.uint(code.number());
      }
    }

    static ResultGroup read(CborReader in) throws DecodeException {
      in.arrayHeader(3);
      AssetId asset = AssetId.read(in);
      long first = in.uint();
      int count = groupSize(in);
      List<ResultCode> codes = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        codes.add(ResultCode.of(in.uint()));
      }
      return new ResultGroup(asset, first, codes);
    }
  }

  static SettlementMessage decode(Bytes payload) throws DecodeException {
    CborReader in = new CborReader(payload);
    in.arrayHeader(2);
    int kind = in.uintMaxInt(Results.KIND);
    int count = in.arrayHeaderUpTo(MAX_GROUPS);
    if (count == 0) {
      throw new DecodeException("empty_message", "a settlement message has at least one group");
    }
    SettlementMessage decoded =
        switch (kind) {
          case Credits.KIND -> readCredits(in, count);
          case Results.KIND -> readResults(in, count);
          default -> throw new DecodeException("unknown_message", "no message of kind " + kind);
        };
    in.end();
    return decoded;
  }

  private static Credits readCredits(CborReader in, int count) throws DecodeException {
    List<CreditGroup> groups = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      groups.add(CreditGroup.read(in));
    }
    return new Credits(groups);
  }

  private static Results readResults(CborReader in, int count) throws DecodeException {
    List<ResultGroup> groups = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      groups.add(ResultGroup.read(in));
    }
    return new Results(groups);
  }

  private static int groupSize(CborReader in) throws DecodeException {
    int count = in.arrayHeaderUpTo(MAX_GROUP_CREDITS);
    if (count == 0) {
      throw new DecodeException("empty_group", "a group has at least one credit");
    }
    return count;
  }
}
