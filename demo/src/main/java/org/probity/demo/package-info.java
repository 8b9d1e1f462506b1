/** A consortium of real processes on loopback, and the faults one of them can be given. */
@NullMarked
package org.probity.demo;

import org.jspecify.annotations.NullMarked;
