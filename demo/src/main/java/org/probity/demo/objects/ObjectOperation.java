package org.probity.demo.objects;

import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.Bytes;
import org.probity.detector.codec.CborReader;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.codec.DecodeException;

/** What a client asks for: the body of a transaction. */
public sealed interface ObjectOperation {
  int MAX_NAME_BYTES = 64;
  int MAX_CONTENT_BYTES = 2_048;
  int MAX_COPIES = 3;

  Bytes encode();

  /**
   * Puts an object at the node the transaction is for.
   *
   * @param copies other nodes that are to have a copy, ascending
   */
  record Put(String name, Bytes content, List<String> copies) implements ObjectOperation {
    static final int KIND = 0;

    public Put {
      copies = List.copyOf(copies);
    }

    @Override
    public Bytes encode() {
      CborWriter out =
          new CborWriter().array(4).uint(KIND).text(name).bytes(content).array(copies.size());
      copies.forEach(out::text);
      return out.toBytes();
    }

    static Put read(CborReader in) throws DecodeException {
      String name = readName(in);
      Bytes content = in.bytesUpTo(MAX_CONTENT_BYTES);
      int count = in.arrayHeaderUpTo(MAX_COPIES);
      List<String> copies = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        String node = readNode(in);
        if (i > 0 && copies.get(i - 1).compareTo(node) >= 0) {
          throw new DecodeException("nodes_not_ascending", "nodes are ascending, each once");
        }
        copies.add(node);
      }
      return new Put(name, content, copies);
    }
  }

  /**
   * Asks for an object.
   *
   * @param home where it was put: the node that is asked, or one that sent a copy
   */
  record Get(String home, String name) implements ObjectOperation {
    static final int KIND = 1;

    @Override
    public Bytes encode() {
      return new CborWriter().array(3).uint(KIND).text(home).text(name).toBytes();
    }

    static Get read(CborReader in) throws DecodeException {
      return new Get(readNode(in), readName(in));
    }
  }

  /** Strict: one encoding for every operation, nothing after it. */
  static ObjectOperation decode(Bytes body) throws DecodeException {
    CborReader in = new CborReader(body);
    int items = in.arrayHeader();
    int kind = in.uintMaxInt(Get.KIND);
    if (items != (kind == Put.KIND ? 4 : 3)) {
      throw new DecodeException("invalid_operation", "wrong number of items for kind " + kind);
    }
    ObjectOperation decoded = kind == Put.KIND ? Put.read(in) : Get.read(in);
    in.end();
    return decoded;
  }

  static String readName(CborReader in) throws DecodeException {
    String name = in.text(MAX_NAME_BYTES);
    if (name.isEmpty()) {
      throw new DecodeException("name_empty", "an object has a name");
    }
    return name;
  }

  /** Any text of that length: whether there is such a node, the state says. */
  private static String readNode(CborReader in) throws DecodeException {
    return in.text(31);
  }
}
