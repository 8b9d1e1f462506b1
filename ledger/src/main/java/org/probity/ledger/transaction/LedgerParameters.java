package org.probity.ledger.transaction;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/**
 * The ledger's part of the genesis document: {@code [1, [* asset definition], [* [node tstr,
 * operator policy]]]}.
 *
 * @param assets known on every node from the start; ids ascending on the wire
 * @param operators who opens accounts on a node; nodes ascending on the wire. A node without an
 *     operator cannot open accounts
 */
public record LedgerParameters(
    List<AssetDefinition> assets, SortedMap<String, KeyPolicy> operators) {
  public static final int MAX_ASSETS = 256;
  public static final int MAX_OPERATORS = 4096;

  private static final int VERSION = 1;

  public LedgerParameters {
    SortedMap<AssetId, AssetDefinition> sorted = new TreeMap<>();
    for (AssetDefinition asset : assets) {
      if (sorted.put(asset.id(), asset) != null) {
        throw new IllegalArgumentException("asset " + asset.code() + " is defined twice");
      }
    }
    assets = List.copyOf(sorted.values());
    operators = Collections.unmodifiableSortedMap(new TreeMap<>(operators));
    if (assets.size() > MAX_ASSETS || operators.size() > MAX_OPERATORS) {
      throw new IllegalArgumentException(
          "at most " + MAX_ASSETS + " assets and " + MAX_OPERATORS + " operators");
    }
  }

  public Bytes encode() {
    CborWriter out = new CborWriter().array(3).uint(VERSION).array(assets.size());
    for (AssetDefinition asset : assets) {
      asset.write(out);
    }
    out.array(operators.size());
    operators.forEach(
        (node, policy) -> {
          out.array(2).text(node);
          policy.write(out);
        });
    return out.toBytes();
  }

  public static LedgerParameters decode(Bytes encoded) throws DecodeException {
    CborReader in = new CborReader(encoded);
    in.arrayHeader(3);
    if (in.uint() != VERSION) {
      throw new DecodeException("unknown_version", "ledger parameters have version " + VERSION);
    }
    List<AssetDefinition> assets = readAssets(in);
    SortedMap<String, KeyPolicy> operators = readOperators(in);
    in.end();
    return new LedgerParameters(assets, operators);
  }

  private static List<AssetDefinition> readAssets(CborReader in) throws DecodeException {
    int count = in.arrayHeaderUpTo(MAX_ASSETS);
    List<AssetDefinition> assets = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      AssetDefinition asset = AssetDefinition.read(in);
      if (i > 0 && assets.get(i - 1).id().compareTo(asset.id()) >= 0) {
        throw new DecodeException("assets_not_ascending", "asset ids must ascend");
      }
      assets.add(asset);
    }
    return assets;
  }

  private static SortedMap<String, KeyPolicy> readOperators(CborReader in) throws DecodeException {
    int count = in.arrayHeaderUpTo(MAX_OPERATORS);
    SortedMap<String, KeyPolicy> operators = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      in.arrayHeader(2);
      String node = in.text(Operation.Remit.MAX_NODE_BYTES);
      if (!operators.isEmpty() && operators.lastKey().compareTo(node) >= 0) {
        throw new DecodeException("operators_not_ascending", "operators' nodes must ascend");
      }
      operators.put(node, KeyPolicy.read(in));
    }
    return operators;
  }
}
