/** The command {@code simulate}: consortia in virtual time, as a planning tool. */
@NullMarked
package org.probity.demo.simulate;

import org.jspecify.annotations.NullMarked;
