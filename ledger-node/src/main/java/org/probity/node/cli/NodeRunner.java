package org.probity.node.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.probity.node.config.AddressBook;
import org.probity.node.config.ConfigException;
import org.probity.node.config.NodeConfig;
import org.probity.node.http.ActionRecord;
import org.probity.node.http.NodeUrls;
import org.probity.node.identity.IdentityException;
import org.probity.node.runtime.NodeParts;
import org.probity.node.runtime.NodeSettings;
import org.probity.node.runtime.RunningNode;
import org.probity.node.runtime.StartException;
import org.probity.node.runtime.Version;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a node as this process, from the ready line to the last flush. */
public final class NodeRunner {
  private static final Logger LOG = LoggerFactory.getLogger(NodeRunner.class);

  private NodeRunner() {}

  /**
   * Runs the node of a configuration until the process is told to end.
   *
   * @param settings {@code section.key} to value, stronger than file and environment
   * @param parts {@link NodeParts#standard} but for demonstrations and tests
   */
  public static void run(
      Path configFile,
      Map<String, String> settings,
      boolean exitWithStdin,
      NodeParts parts,
      Terminal terminal) {
    if (exitWithStdin) {
      exitWithParent();
    }
    Path folder = ConfiguredNode.folder(configFile);
    NodeConfig config = ConfiguredNode.load(configFile, settings);
    NodeLogging.apply(config.logging());
    NodeSettings loaded = settings(config);
    loaded
        .actions()
        .recordNow(
            ActionRecord.LOCAL,
            "node.config",
            NodeActions.inForce(ConfiguredNode.effective(configFile, settings)),
            NodeActions.DONE);
    announce(start(loaded, parts, folder), terminal);
    // Also when it has stopped signing: it goes on serving reads, so that it can be audited.
    runForEver();
  }

  /** What a node needs to run, from its configuration. */
  public static NodeSettings settings(Path configFile, Map<String, String> settings) {
    return settings(ConfiguredNode.load(configFile, settings));
  }

  private static NodeSettings settings(NodeConfig config) {
    try {
      return NodeSettings.of(config, Version.current());
    } catch (StartException e) {
      throw CliException.config(e.code(), String.valueOf(e.getMessage()));
    } catch (IdentityException e) {
      throw CliException.config(e.code(), String.valueOf(e.getMessage()));
    } catch (ConfigException e) {
      throw CliException.config("config_invalid", String.valueOf(e.getMessage()));
    }
  }

  /**
   * Starts a node, tells where it is reachable, and has it drained when this process is told to
   * end. It may not sign yet: {@link #announce} waits for that.
   *
   * @param folder where {@link AddressBook#READY_FILE} goes
   */
  public static RunningNode start(NodeSettings settings, NodeParts parts, Path folder) {
    RunningNode node;
    try {
      // It records by itself what becomes of its start from here on.
      node = RunningNode.start(settings, parts);
    } catch (StartException e) {
      recordNow(settings, "node.start", e.code());
      throw new CliException(ExitStatus.ERROR, e.code(), String.valueOf(e.getMessage()), e);
    }
    Path readyFile = folder.resolve(AddressBook.READY_FILE);
    // SIGTERM ends a JVM through its hooks, with exit code 143 once they are through.
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  deleteQuietly(readyFile);
                  node.stop();
                  recordNow(settings, "node.stop", NodeActions.DONE);
                },
                "drain"));
    publish(node, folder);
    return node;
  }

  private static void recordNow(NodeSettings settings, String what, String outcome) {
    settings
        .actions()
        .recordNow(
            ActionRecord.LOCAL,
            what,
            Version.current() + ", as " + System.getProperty("user.name"),
            outcome);
  }

  /** Tells the other nodes of this folder where the node is, in {@link AddressBook#READY_FILE}. */
  public static void publish(RunningNode node, Path folder) {
    ObjectNode ready = readyLine(node);
    try {
      Path file = folder.resolve(AddressBook.READY_FILE);
      Path draft = folder.resolve(AddressBook.READY_FILE + ".new");
      Files.writeString(draft, ready + "\n");
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("cannot write the ready file: {}", e.getMessage());
    }
  }

  /** Tells whoever waits that the node is ready, once it is: a line on standard output. */
  public static void announce(RunningNode node, Terminal terminal) {
    try {
      node.awaitOpen();
    } catch (StartException e) {
      if (e.code().equals(RunningNode.STOPPED)) {
        // The process is told to end; nobody waits for the line any more.
        return;
      }
      throw new CliException(ExitStatus.ERROR, e.code(), String.valueOf(e.getMessage()), e);
    }
    terminal.line(readyLine(node));
  }

  private static ObjectNode readyLine(RunningNode node) {
    NodeUrls urls = node.urls();
    return JsonNodeFactory.instance
        .objectNode()
        .put("node", node.identity().node())
        .put("clientUrl", urls.client().toString())
        .put("peerUrl", urls.peer().toString())
        .put("opsUrl", urls.ops().toString())
        .put("logUrl", urls.log().toString())
        .putNull("consoleUrl");
  }

  /**
   * Ends this process when standard input does, which is when the parent that holds its other end
   * is gone, however it went.
   */
  public static void exitWithParent() {
    Thread watcher =
        new Thread(
            () -> {
              try (InputStream in = System.in) {
                while (in.read() >= 0) {
                  // Nothing is expected; only the end counts.
                }
              } catch (IOException e) {
                LOG.debug("standard input failed, which ends it too", e);
              }
              System.exit(ExitStatus.OK.code());
            },
            "parent");
    watcher.setDaemon(true);
    watcher.start();
  }

  /** Blocks until the process is told to end. */
  public static void runForEver() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void deleteQuietly(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("cannot delete {}: {}", file, e.getMessage());
    }
  }
}
