package org.probity.node.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.probity.node.testing.SystemCalls;
import org.probity.node.testing.SystemCalls.Call;

/**
 * Whether a node's system calls are in the order of protocol.md §4.6. Between the last byte of a
 * request and the first byte of its answer must lie, one after the other, each returned:
 *
 * <ol>
 *   <li>an fdatasync of the log's data file: the pages of entries, tree, checkpoint and mark;
 *   <li>a durable write to the same file: LMDB's meta page, which makes them count;
 *   <li>a durable write to the mark file.
 * </ol>
 *
 * <p>A durable write is one to a descriptor opened with O_DSYNC, or one with an fdatasync after it.
 *
 * @param data LMDB's data file of the own log
 * @param mark the mark's second copy
 */
record ReceiptOrder(Path data, Path mark) {
  private static final Set<String> READS = Set.of("read", "readv", "recvfrom", "recvmsg");
  private static final Set<String> SENDS =
      Set.of("write", "writev", "sendto", "sendmsg", "sendmmsg", "sendfile");
  private static final Set<String> WRITES = Set.of("write", "writev", "pwrite64", "pwritev");
  private static final Set<String> SYNCS = Set.of("fdatasync", "fsync");

  /** System calls that a trace must have. */
  static final String TRACED =
      "openat,open,read,readv,recvfrom,recvmsg,write,writev,pwrite64,pwritev,"
          + "sendto,sendmsg,sendmmsg,sendfile,fdatasync,fsync";

  /**
   * A request and its answer.
   *
   * @param request the line after which the request was in
   * @param answer the line on which the first byte of the answer went out
   */
  record Exchange(int request, int answer) {}

  /** What was asked and answered on one connection; the TLS handshake looks like it, too. */
  static List<Exchange> exchanges(List<Call> calls, int listenerPort, int clientPort) {
    List<Exchange> exchanges = new ArrayList<>();
    int request = -1;
    for (Call call : calls) {
      if (!call.isOn(listenerPort, clientPort)) {
        continue;
      }
      if (READS.contains(call.name()) && call.succeeded() && call.result().getAsLong() > 0) {
        request = call.end();
      } else if (SENDS.contains(call.name()) && request >= 0) {
        exchanges.add(new Exchange(request, call.begin()));
        request = -1;
      }
    }
    return exchanges;
  }

  /**
   * What the last {@code receipts} answers on a connection left too early for.
   *
   * @param lines of the trace
   */
  List<String> violations(List<String> lines, int listenerPort, int clientPort, int receipts) {
    List<Call> calls = SystemCalls.parse(lines);
    List<Exchange> exchanges = exchanges(calls, listenerPort, clientPort);
    if (exchanges.size() < receipts) {
      return List.of("only " + exchanges.size() + " answers in the trace");
    }
    List<String> violations = new ArrayList<>();
    for (Exchange exchange : exchanges.subList(exchanges.size() - receipts, exchanges.size())) {
      violation(calls, exchange)
          .ifPresent(
              missing ->
                  violations.add(
                      missing
                          + " between the request on line "
                          + exchange.request()
                          + " and the answer on line "
                          + exchange.answer()));
    }
    return violations;
  }

  private Optional<String> violation(List<Call> calls, Exchange exchange) {
    List<Call> within =
        calls.stream()
            .filter(call -> call.begin() > exchange.request() && call.end() < exchange.answer())
            .filter(Call::succeeded)
            .toList();
    Optional<Integer> pages =
        first(within, exchange.request(), call -> isSync(call) && is(call, data));
    if (pages.isEmpty()) {
      return Optional.of("no fdatasync of the log");
    }
    Optional<Integer> meta = durableWrite(within, pages.get(), data);
    if (meta.isEmpty()) {
      return Optional.of("no durable meta page of the log");
    }
    return durableWrite(within, meta.get(), mark).isEmpty()
        ? Optional.of("no durable mark")
        : Optional.empty();
  }

  /** The line on which a write to a file is durable that was begun after another line. */
  private static Optional<Integer> durableWrite(List<Call> calls, int after, Path file) {
    Optional<Integer> direct =
        first(calls, after, call -> isWrite(call) && call.synchronous() && is(call, file));
    if (direct.isPresent()) {
      return direct;
    }
    return first(calls, after, call -> isWrite(call) && is(call, file))
        .flatMap(written -> first(calls, written, call -> isSync(call) && is(call, file)));
  }

  private static Optional<Integer> first(List<Call> calls, int after, Predicate<Call> which) {
    return calls.stream()
        .filter(call -> call.begin() > after)
        .filter(which)
        .map(Call::end)
        .min(Integer::compare);
  }

  private static boolean isSync(Call call) {
    return SYNCS.contains(call.name());
  }

  private static boolean isWrite(Call call) {
    return WRITES.contains(call.name());
  }

  private static boolean is(Call call, Path file) {
    return call.target().equals(file.toString());
  }
}
