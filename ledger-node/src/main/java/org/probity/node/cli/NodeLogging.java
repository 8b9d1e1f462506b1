package org.probity.node.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import org.probity.node.config.NodeConfig;
import org.slf4j.LoggerFactory;

/**
 * What a node says about itself, on standard error, as its configuration asks. The level is that of
 * our own classes; libraries speak from warnings upward, or errors upward if that is what is asked.
 */
final class NodeLogging {
  private static final String OURS = "org.probity";
  private static final String JSON = "json";

  private NodeLogging() {}

  /** Replaces what logging was before; for the whole process. */
  static void apply(NodeConfig.Logging logging) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    Level level = Level.toLevel(logging.level());
    context.getLogger(OURS).setLevel(level);
    Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(level == Level.ERROR ? Level.ERROR : Level.WARN);
    if (logging.format().equals(JSON)) {
      ConsoleAppender<ILoggingEvent> lines = jsonLines(context);
      root.detachAndStopAllAppenders();
      root.addAppender(lines);
    }
  }

  /** One JSON object per event and line. */
  private static ConsoleAppender<ILoggingEvent> jsonLines(LoggerContext context) {
    JsonEncoder encoder = new JsonEncoder();
    encoder.setContext(context);
    encoder.start();
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setName("json");
    appender.setTarget("System.err");
    appender.setEncoder(encoder);
    appender.start();
    return appender;
  }
}
