/**
 * What clients sign and nodes say to one another: operations, outcomes, messages and the genesis
 * parameters of the ledger, each with its one encoding (format: {@code docs/format/ledger.md}).
 *
 * <p>The body of a transaction is {@code [1, [+ operation]]}, an operation {@code [kind, ...]}.
 * Example, one transfer of 100 minor units between two accounts without references:
 *
 * <pre>
 * 82 01 81                                  [1, [
 *   85 08                                     [8 (transfer),
 *     50 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa       payer,
 *     50 bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb       payee,
 *     50 00000000000000000000000000000064       100,
 *     80                                        no references]]]
 * </pre>
 *
 * <p>Everything here is an immutable value. What a decoder accepts re-encodes to the same bytes
 * (protocol.md §3.1); what a constructor refuses with IllegalArgumentException a decoder refuses
 * with {@link org.probity.detector.codec.DecodeException}.
 */
@NullMarked
package org.probity.ledger.transaction;

import org.jspecify.annotations.NullMarked;
