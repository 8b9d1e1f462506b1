/**
 * What a witness does with the log of a ward (protocol.md §6): {@link
 * org.probity.detector.audit.Replica} keeps it and checks that it only ever grows, {@link
 * org.probity.detector.audit.ConformanceAudit} replays it against the program.
 */
@NullMarked
package org.probity.detector.audit;

import org.jspecify.annotations.NullMarked;
