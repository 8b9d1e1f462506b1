package org.probity.detector.governance;

import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * The numbers a consortium agrees on (protocol.md §2.3, §4.3, §9).
 *
 * @param faults {@code f}: faulty members tolerated in one witness set
 * @param witnesses {@code w}: witnesses per node, from distinct members
 * @param cosignatures {@code q}: cosignatures that make a checkpoint <i>witnessed</i>
 * @param bootAnswers {@code r}: witnesses that must answer before a starting node signs
 * @param maxBatchEntries {@code K}: entries in one batch, its STATE included; a batch of a single
 *     input may exceed it with that input's outputs
 * @param maxBatchBytes {@code M}: bytes of the entries of one batch, with the same exception
 * @param chunkEntries {@code Q}: entries in one audit chunk
 * @param horizonMillis {@code H}: how far ahead of ledger time a transaction's {@code notAfter} may
 *     lie; ids are remembered that long
 */
public record Parameters(
    int faults,
    int witnesses,
    int cosignatures,
    int bootAnswers,
    int maxBatchEntries,
    int maxBatchBytes,
    int chunkEntries,
    long horizonMillis) {
  public static final int DEFAULT_MAX_BATCH_ENTRIES = 32;
  public static final int DEFAULT_MAX_BATCH_BYTES = 16 * 1024;
  public static final int DEFAULT_CHUNK_ENTRIES = 4096;
  public static final long DEFAULT_HORIZON_MILLIS = 24L * 60 * 60 * 1000;

  private static final int MAX_COUNT = 1_000;
  private static final int LARGEST_BATCH_ENTRIES = 4096;
  private static final int LARGEST_BATCH_BYTES = 1 << 20;
  private static final int LARGEST_CHUNK_ENTRIES = 1 << 20;
  private static final long LARGEST_HORIZON_MILLIS = 366L * 24 * 60 * 60 * 1000;

  public Parameters {
    // SPEC protocol.md §2.3: a genesis that breaks an inequality is refused.
    require(faults >= 0 && faults <= MAX_COUNT, "faults", "must be 0.." + MAX_COUNT);
    require(
        witnesses >= faults + 1 && witnesses <= MAX_COUNT,
        "witnesses",
        "must be at least faults + 1 = " + (faults + 1));
    require(
        cosignatures <= witnesses && 2 * cosignatures - witnesses > faults,
        "cosignatures",
        "must be at most witnesses, and 2q - w must exceed f");
    require(
        bootAnswers <= witnesses && cosignatures + bootAnswers - witnesses > faults,
        "bootAnswers",
        "must be at most witnesses, and q + r - w must exceed f");
    require(
        maxBatchEntries >= 3 && maxBatchEntries <= LARGEST_BATCH_ENTRIES,
        "maxBatchEntries",
        "must be 3.." + LARGEST_BATCH_ENTRIES);
    require(
        maxBatchBytes >= 1024 && maxBatchBytes <= LARGEST_BATCH_BYTES,
        "maxBatchBytes",
        "must be 1024.." + LARGEST_BATCH_BYTES);
    require(
        chunkEntries >= maxBatchEntries && chunkEntries <= LARGEST_CHUNK_ENTRIES,
        "chunkEntries",
        "must be maxBatchEntries.." + LARGEST_CHUNK_ENTRIES);
    require(
        horizonMillis >= 1000 && horizonMillis <= LARGEST_HORIZON_MILLIS,
        "horizonMillis",
        "must be 1000.." + LARGEST_HORIZON_MILLIS);
  }

  /** The strictest choice for {@code f} and {@code w}: q and r as small as the rules allow. */
  public static Parameters of(int faults, int witnesses) {
    int cosignatures = (witnesses + faults) / 2 + 1;
    int bootAnswers = witnesses + faults + 1 - cosignatures;
    return new Parameters(
        faults,
        witnesses,
        cosignatures,
        bootAnswers,
        DEFAULT_MAX_BATCH_ENTRIES,
        DEFAULT_MAX_BATCH_BYTES,
        DEFAULT_CHUNK_ENTRIES,
        DEFAULT_HORIZON_MILLIS);
  }

  public Bytes encode() {
    CborWriter out = new CborWriter();
    write(out);
    return out.toBytes();
  }

  public static Parameters decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    Parameters decoded = read(in);
    in.end();
    return decoded;
  }

  void write(CborWriter out) {
    out.array(8)
        .uint(faults)
        .uint(witnesses)
        .uint(cosignatures)
        .uint(bootAnswers)
        .uint(maxBatchEntries)
        .uint(maxBatchBytes)
        .uint(chunkEntries)
        .uint(horizonMillis);
  }

  static Parameters read(CborReader in) throws DecodeException {
    in.arrayHeader(8);
    int faults = in.uintMaxInt(MAX_COUNT);
    int witnesses = in.uintMaxInt(MAX_COUNT);
    int cosignatures = in.uintMaxInt(MAX_COUNT);
    int bootAnswers = in.uintMaxInt(MAX_COUNT);
    int maxBatchEntries = in.uintMaxInt(LARGEST_BATCH_ENTRIES);
    int maxBatchBytes = in.uintMaxInt(LARGEST_BATCH_BYTES);
    int chunkEntries = in.uintMaxInt(LARGEST_CHUNK_ENTRIES);
    long horizonMillis = in.uintMax(LARGEST_HORIZON_MILLIS);
    try {
      return new Parameters(
          faults,
          witnesses,
          cosignatures,
          bootAnswers,
          maxBatchEntries,
          maxBatchBytes,
          chunkEntries,
          horizonMillis);
    } catch (IllegalArgumentException e) {
      throw new DecodeException("invalid_parameters", String.valueOf(e.getMessage()));
    }
  }

  private static void require(boolean holds, String field, String remedy) {
    if (!holds) {
      throw new IllegalArgumentException("parameter " + field + " " + remedy);
    }
  }
}
