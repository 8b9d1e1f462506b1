package org.probity.node.http;

/** Who calls is not to be heard at all: its connection ends with the answer. */
final class ShutOutException extends ProblemException {
  private static final long serialVersionUID = 1L;

  ShutOutException(Problem problem) {
    super(problem);
  }
}
