package org.probity.demo.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.probity.node.cli.NodeRunner;
import org.probity.node.cli.Terminal;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.NodeSettings;
import org.probity.node.runtime.RunningNode;

/**
 * A node that, once triggered, keeps a copy of its store and of both signing marks, and, when it is
 * told to rewrite, goes back to that copy: everything since has never happened, and what it logs
 * now takes the place of it.
 */
public final class RewritingNode implements AutoCloseable {
  /** Exists when the copy was made. */
  public static final String KEPT_FILE = "kept";

  /** Tells the node to go back to the copy. */
  public static final String REWRITE_FILE = "rewrite";

  /** Exists when it runs on the copy. */
  public static final String REWRITTEN_FILE = "rewritten";

  private static final String KEPT_FOLDER = "kept-store";

  private final Path folder;
  private final NodeSettings settings;
  private final Terminal terminal;
  private final Trigger trigger;
  private volatile @Nullable RunningNode running;

  public RewritingNode(Path configFile, Terminal terminal) {
    this.folder = CulpritArguments.folder(configFile);
    this.settings = NodeRunner.settings(configFile, Map.of());
    this.terminal = terminal;
    this.trigger = new Trigger(folder);
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    NodeRunner.exitWithParent();
    RewritingNode node =
        new RewritingNode(CulpritArguments.configFile(arguments), CulpritArguments.terminal());
    NodeRunner.announce(node.start(), node.terminal);
    node.play();
    NodeRunner.runForEver();
  }

  /** Starts the node, which may not sign yet. */
  public RunningNode start() {
    return start(NodeParts.standard());
  }

  private RunningNode start(NodeParts parts) {
    RunningNode node = NodeRunner.start(settings, parts, folder);
    running = node;
    return node;
  }

  /** Blocks until it was told everything and has done it. */
  public void play() throws IOException, InterruptedException {
    Path kept = folder.resolve(KEPT_FOLDER);
    trigger.await();
    close();
    StoreCopy.copy(settings.storage().data(), kept.resolve("data"));
    StoreCopy.copy(settings.storage().marks(), kept.resolve("marks"));
    NodeRunner.announce(start(), terminal);
    Files.createFile(folder.resolve(KEPT_FILE));
    Trigger.awaitFile(folder.resolve(REWRITE_FILE));
    close();
    StoreCopy.copy(kept.resolve("data"), settings.storage().data());
    StoreCopy.copy(kept.resolve("marks"), settings.storage().marks());
    // It would be told what it has signed.
    NodeRunner.announce(start(NodeParts.standard().withoutAsking()), terminal);
    Files.createFile(folder.resolve(REWRITTEN_FILE));
  }

  @Override
  public void close() {
    RunningNode node = running;
    if (node != null) {
      node.stop();
    }
  }
}
