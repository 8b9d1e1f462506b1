package org.probity.detector.evidence;

import org.probity.detector.governance.Subject;

/** Whom a fault is laid to, and the member that answers for it. */
record Culprit(Subject subject, String member) {}
