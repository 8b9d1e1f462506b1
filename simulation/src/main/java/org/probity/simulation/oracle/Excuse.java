package org.probity.simulation.oracle;

import java.util.Locale;

/**
 * Why something that looks like a broken promise is none. Each is counted where it is what keeps an
 * oracle quiet, and only there: an excuse that is needed more often than before is a promise that
 * holds less often, or a fault of the product that looks like one.
 */
public enum Excuse {
  /** L: a correct node does not sign in the end; its gate waits for answers that cannot come. */
  SHUT_OUT,

  /** L: a correct node that lost what it signed waits for members who cannot or may not decide. */
  WAITS_FOR_MEMBERS,

  /** L: a gate opened late; its witnesses cheat, or lose what they know. */
  GATE_WITHOUT_WITNESSES,

  /** L: what is proven or wanted is not decided; members had just decided something else. */
  STILL_DECIDING,

  /** C1: the log of whoever cheats had at some time no correct witness. */
  NO_CORRECT_WITNESS,

  /** C1: whoever could see it is shut out or gone. */
  UNSEEN,

  /** C1: it was done when it was stopped, or so shortly before that nobody had to see it. */
  BEHIND_STOP,

  /** C1: what it does besides keeps others from proving it, so it is suspected only. */
  HIDDEN,

  /** C1: it was suspected in time, but whoever had asked it was stopped, and another one asked. */
  ASKED_AGAIN,

  /** C1: nobody who is asked has a closed log as a whole. */
  CLOSED_LOG_NOWHERE,

  /** D: an entry that was acknowledged is behind where its log was closed. */
  BEHIND_CLOSE,

  /** D: what was acknowledged is nowhere; its node was put back to an older copy of everything. */
  NOT_ON_OLD_COPY,

  /** L: a transaction that was never recorded, and has expired. */
  EXPIRED,

  /** L: a transaction that was never recorded, at a node that is stopped. */
  STOPPED_HOME,

  /** L: a payment took long; all was not well when it was sent, or its node's gate was shut. */
  SENT_BEFORE_ALL_WAS_WELL,

  /** L: a payment took long, at a node that had begun again or was readmitted. */
  SENT_TO_WHO_BEGAN_AGAIN;

  /** As in reports. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
