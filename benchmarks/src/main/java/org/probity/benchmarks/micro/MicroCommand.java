package org.probity.benchmarks.micro;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.Main;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** {@code bench micro}: JMH on the parts. */
@Command(
    name = "micro",
    description = {
      "Measures single parts with JMH, several minutes for all of them. Arguments are JMH's:",
      "a regular expression selects benchmarks, -l lists them, -f 1 -wi 3 -i 3 is quick."
    })
public final class MicroCommand implements Callable<Integer> {
  /** In the order given: JMH's options take values. */
  @Unmatched private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    Main.main(arguments.toArray(String[]::new));
    return 0;
  }
}
