package org.probity.benchmarks.micro;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.openjdk.jmh.Main;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Unmatched;

/** {@code bench micro}: JMH on the parts. */
@Command(
    name = "micro",
    description = {
      "Measures single parts with JMH, several minutes for all of them. Arguments are JMH's:",
      "a regular expression selects benchmarks, -l lists them, -h explains the rest."
    })
public final class MicroCommand implements Callable<Integer> {
  @Parameters(paramLabel = "ARGUMENT", arity = "0..*", description = "Passed to JMH.")
  private List<String> arguments = List.of();

  @Unmatched private List<String> options = List.of();

  @Override
  public Integer call() throws Exception {
    String[] all = Stream.concat(arguments.stream(), options.stream()).toArray(String[]::new);
    Main.main(all);
    return 0;
  }
}
