package org.probity.demo.fault;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.probity.node.cli.NodeRunner;
import org.probity.node.cli.Terminal;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.NodeSettings;
import org.probity.node.runtime.RunningNode;

/**
 * A node that, once triggered, goes on as two: it stops, copies its store and both signing marks,
 * and runs original and copy with the same keys. Each of the two is guarded against signing twice,
 * and neither knows of the other. That is all it takes to equivocate.
 *
 * <p>The trigger file names the victim. The original, at the known address, talks to everybody but
 * the victim; the copy, at an address nobody knows, talks to the victim only.
 */
public final class ForkingNode {
  /** Written when both run: {@code {"shownUrl", "hiddenUrl"}}, the client URLs of the two. */
  public static final String FORKED_FILE = "forked.json";

  private static final String CLONE_FOLDER = "clone";

  private ForkingNode() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path configFile = CulpritArguments.configFile(arguments);
    Path folder = CulpritArguments.folder(configFile);
    Terminal terminal = CulpritArguments.terminal();
    NodeRunner.exitWithParent();
    RunningNode honest =
        NodeRunner.start(NodeRunner.settings(configFile, Map.of()), NodeParts.standard(), folder);
    NodeRunner.announce(honest, terminal);
    Trigger trigger = new Trigger(folder);
    trigger.await();
    String victim = trigger.text();
    honest.stop();
    fork(configFile, folder, victim, terminal);
    NodeRunner.runForEver();
  }

  private static void fork(Path configFile, Path folder, String victim, Terminal terminal)
      throws IOException {
    NodeSettings shown = NodeRunner.settings(configFile, Map.of());
    Path clone = folder.resolve(CLONE_FOLDER);
    StoreCopy.copy(shown.storage().data(), clone.resolve("data"));
    StoreCopy.copy(shown.storage().marks(), clone.resolve("marks"));
    NodeSettings hidden =
        NodeRunner.settings(
            configFile,
            Map.of(
                "storage.data", clone.resolve("data").toString(),
                "storage.marks", clone.resolve("marks").toString(),
                "client.port", "0",
                "peer.port", "0",
                "operations.port", "0"));
    RunningNode original = NodeRunner.start(shown, talkingTo(node -> !node.equals(victim)), folder);
    NodeRunner.announce(original, terminal);
    RunningNode copy = NodeRunner.start(hidden, talkingTo(victim::equals), clone);
    NodeRunner.announce(copy, terminal);
    ObjectNode urls =
        JsonNodeFactory.instance
            .objectNode()
            .put("shownUrl", original.urls().client().toString())
            .put("hiddenUrl", copy.urls().client().toString());
    new Trigger(folder).tell(FORKED_FILE, urls + "\n");
  }

  private static NodeParts talkingTo(Predicate<String> peers) {
    return new NodeParts(
            UnaryOperator.identity(), transport -> new PartialTransport(transport, peers))
        .withoutAsking();
  }
}
