package org.probity.node.testing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code strace -f -tt -yy -s 0 -o FILE} has written, as calls with a beginning and an end.
 *
 * <p>strace writes a line when a call is entered and, unless nothing came in between, another when
 * it has returned. The order of the lines is the order in which the kernel stopped the threads, so
 * a call whose end stands before another's beginning had returned when the other was made:
 *
 * <pre>
 * 71 10:00:00.000001 fdatasync(5&lt;/d/data.mdb&gt; &lt;unfinished ...&gt;
 * 72 10:00:00.000002 read(9&lt;TCPv6:[[::1]:7401-&gt;[::1]:5000]&gt;, ""..., 512) = 90
 * 71 10:00:00.000003 &lt;... fdatasync resumed&gt;) = 0
 * </pre>
 */
public final class SystemCalls {
  private static final Pattern LINE = Pattern.compile("(\\d+)\\s+[0-9:.]+\\s+(.*)");
  private static final Pattern WHOLE = Pattern.compile("(\\w+)\\((.*)\\)\\s+= (-?\\d+|\\?).*");
  private static final Pattern BEGUN =
      Pattern.compile("(\\w+)\\((.*?)\\s*<unfinished \\.\\.\\.>.*");
  private static final Pattern ENDED =
      Pattern.compile("<\\.\\.\\. (\\w+) resumed>(.*)\\)\\s+= (-?\\d+|\\?).*");
  private static final Pattern DESCRIPTOR = Pattern.compile("(\\d+)<(.*?)>(?=[,\\s]|$)");
  private static final Pattern OPENED =
      Pattern.compile(".*\"(?:[^\"\\\\]|\\\\.)*\", (O_[A-Z_|0-9]+).*");
  private static final Pattern SOCKET = Pattern.compile("TCP.*:(\\d+)->.*:(\\d+)\\]");

  /** Of a call that never returned. */
  private static final int NEVER = Integer.MAX_VALUE;

  private SystemCalls() {}

  /**
   * One call.
   *
   * @param begin number of the line on which it was entered
   * @param end number of the line on which it had returned
   * @param result empty if it never did
   * @param synchronous whether its descriptor was opened with O_SYNC or O_DSYNC, so that a write
   *     returns when it is on the disk
   */
  public record Call(
      String name, String arguments, int begin, int end, OptionalLong result, boolean synchronous) {

    public boolean succeeded() {
      return result.isPresent() && result.getAsLong() >= 0;
    }

    /** The file or socket behind the first argument. */
    public String target() {
      Matcher descriptor = DESCRIPTOR.matcher(arguments);
      return descriptor.lookingAt() ? descriptor.group(2) : "";
    }

    /** Whether this is the TCP connection between these two ports. */
    public boolean isOn(int localPort, int remotePort) {
      Matcher socket = SOCKET.matcher(target());
      return socket.matches()
          && socket.group(1).equals("" + localPort)
          && socket.group(2).equals("" + remotePort);
    }
  }

  /** All calls, in the order in which they were entered. */
  public static List<Call> parse(List<String> lines) {
    Parser parser = new Parser();
    for (int number = 0; number < lines.size(); number++) {
      Matcher line = LINE.matcher(lines.get(number));
      if (line.matches()) {
        parser.line(number, line.group(1), line.group(2));
      }
    }
    return parser.calls();
  }

  private record Open(int position, String name, String arguments, int begin, boolean sync) {}

  private static final class Parser {
    private final List<Optional<Call>> calls = new ArrayList<>();
    private final Map<String, Open> open = new HashMap<>();
    private final Set<String> synchronous = new HashSet<>();

    void line(int number, String thread, String text) {
      Matcher begun = BEGUN.matcher(text);
      Matcher ended = ENDED.matcher(text);
      Matcher whole = WHOLE.matcher(text);
      if (begun.matches()) {
        begin(number, thread, begun.group(1), begun.group(2));
      } else if (ended.matches()) {
        end(number, thread, ended.group(1), ended.group(2), ended.group(3));
      } else if (whole.matches()) {
        begin(number, thread, whole.group(1), whole.group(2));
        end(number, thread, whole.group(1), "", whole.group(3));
      }
      // The rest tells of signals and of threads that ended.
    }

    private void begin(int number, String thread, String name, String arguments) {
      Matcher descriptor = DESCRIPTOR.matcher(arguments);
      boolean sync = descriptor.lookingAt() && synchronous.contains(descriptor.group(1));
      open.put(thread, new Open(calls.size(), name, arguments, number, sync));
      calls.add(Optional.empty());
    }

    private void end(int number, String thread, String name, String more, String result) {
      Open begun = open.remove(thread);
      if (begun == null || !begun.name().equals(name)) {
        throw new IllegalArgumentException("line " + number + ": the end of another call");
      }
      OptionalLong value =
          result.equals("?") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(result));
      Call call =
          new Call(name, begun.arguments() + more, begun.begin(), number, value, begun.sync());
      calls.set(begun.position(), Optional.of(call));
      opened(call);
    }

    private void opened(Call call) {
      Matcher opened = OPENED.matcher(call.arguments());
      if (call.name().startsWith("open") && call.succeeded() && opened.matches()) {
        String descriptor = Long.toString(call.result().getAsLong());
        boolean sync =
            List.of(opened.group(1).split("\\|", -1)).stream()
                .anyMatch(flag -> flag.equals("O_SYNC") || flag.equals("O_DSYNC"));
        if (sync) {
          synchronous.add(descriptor);
        } else {
          synchronous.remove(descriptor);
        }
      }
    }

    List<Call> calls() {
      // Entered and never returned: the process ended in between.
      for (Open each : open.values()) {
        Call call =
            new Call(
                each.name(),
                each.arguments(),
                each.begin(),
                NEVER,
                OptionalLong.empty(),
                each.sync());
        calls.set(each.position(), Optional.of(call));
      }
      return calls.stream().flatMap(Optional::stream).toList();
    }
  }
}
