package org.probity.benchmarks.load;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.probity.detector.codec.CborWriter;
import org.probity.detector.crypto.Statement;

/**
 * One request, made ahead.
 *
 * @param body of POST /v1/transactions/bulk
 * @param statements in it
 * @param transfers in all of them
 */
public record Load(Buffer body, int statements, int transfers) {

  /**
   * Packs statements into requests, in order.
   *
   * @param perRequest statements in each but perhaps the last
   * @param transfersPerStatement for the count
   */
  public static List<Load> pack(
      List<Statement> statements, int perRequest, int transfersPerStatement) {
    List<Load> loads = new ArrayList<>();
    for (int from = 0; from < statements.size(); from += perRequest) {
      List<Statement> part =
          statements.subList(from, Math.min(from + perRequest, statements.size()));
      CborWriter out = new CborWriter().array(part.size());
      part.forEach(statement -> out.bytes(statement.encoded()));
      loads.add(
          new Load(
              Buffer.buffer(out.toByteArray()), part.size(), part.size() * transfersPerStatement));
    }
    return loads;
  }
}
