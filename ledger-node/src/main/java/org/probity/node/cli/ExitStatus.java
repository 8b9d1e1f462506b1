package org.probity.node.cli;

/** Exit codes, a contract with scripts: existing numbers never change their meaning. */
public enum ExitStatus {
  OK(0),
  /** Anything that has no code of its own. */
  ERROR(1),
  /** The command line is not understood. */
  USAGE(2),
  /** A configuration, key or genesis file is missing or wrong. */
  BAD_CONFIG(3),
  /** A node does not answer. */
  UNREACHABLE(4),
  /** A node refuses to do this for these credentials. */
  UNAUTHORISED(5),
  /** What was to be verified does not verify, or a fault is proven. */
  FAULT(10),
  /** Ended by SIGTERM after draining: 128 + 15, as shells count. */
  TERMINATED(143);

  private final int code;

  ExitStatus(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }
}
