/**
 * JMH benchmarks of single parts, on one core and without input or output unless they say so.
 *
 * <p>Run with {@code ./probity bench micro [regular expression]}.
 */
@NullMarked
package org.probity.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
