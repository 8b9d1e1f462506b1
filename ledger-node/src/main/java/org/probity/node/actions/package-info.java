/**
 * What a node's operators have done to it: a signed log in a file beside its data.
 *
 * <pre>
 * operators.log                      the newest entries, one line each: base64 of a statement
 * operators-00000000000000004711.log the ones before, named by the last of them
 * operators.lock                     one process appends at a time
 * </pre>
 *
 * <p>Each entry names the hash of the one before, and the newest is remembered in a second folder:
 * what is changed or cut off shows. docs/format/operators.md, docs/adr/operators-log.md.
 */
@NullMarked
package org.probity.node.actions;

import org.jspecify.annotations.NullMarked;
