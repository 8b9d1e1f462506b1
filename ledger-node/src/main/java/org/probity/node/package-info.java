/** The shell around the core: everything that touches a socket, a file, a clock or a thread. */
@NullMarked
package org.probity.node;

import org.jspecify.annotations.NullMarked;
