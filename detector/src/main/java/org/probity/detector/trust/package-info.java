/**
 * What this node concludes about every other: the failure detector's output (protocol.md §1,
 * PeerReview §3.1), and the interface by which an application learns of it.
 */
@NullMarked
package org.probity.detector.trust;

import org.jspecify.annotations.NullMarked;
