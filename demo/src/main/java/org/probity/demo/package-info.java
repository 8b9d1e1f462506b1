/**
 * A consortium of real processes on loopback: founded, run, cheated by one of its members, and
 * judged by the others.
 *
 * <p>Everything here is a client. The nodes are the shipped ones, started as their own processes
 * and spoken to over TLS; only the culprit runs a main class of {@link org.probity.demo.fault}.
 *
 * <pre>
 * $ probity demo --quick --fault overdraft
 * </pre>
 */
@NullMarked
package org.probity.demo;

import org.jspecify.annotations.NullMarked;
