/**
 * What goes wrong without anybody's intent: links, disks, clocks and processes. A correct node may
 * be struck by any of it and is never blamed for it.
 */
@NullMarked
package org.probity.simulation.trouble;

import org.jspecify.annotations.NullMarked;
