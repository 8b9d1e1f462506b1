package org.probity.ledger.client;

import java.io.IOException;

/** A payment order file is not one; the message names file, line and field. */
public final class OrderFileException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int line;

  OrderFileException(String source, int line, String message) {
    super(source + ":" + line + ": " + message);
    this.line = line;
  }

  /** Counted from 1. */
  public int line() {
    return line;
  }
}
