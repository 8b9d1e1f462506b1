/**
 * The REST interface from the outside: what a bank's software, the command line, the demonstration
 * and the load generator use. Plain JDK, no Vert.x.
 *
 * <pre>{@code
 * ApiClient bank = ApiClient.of(URI.create("https://127.0.0.1:8443"), roots).pinnedTo("bank-a");
 * SubmissionResult result = bank.submit(statement.bytes());
 * if (result.accepted()) {
 *   Files.write(file, bank.receipt(result.index().getAsLong()));
 * }
 * }</pre>
 *
 * <p>Only the consortium's roots are believed. A client that is pinned to a node believes that node
 * at any address; one that is not checks the host name as browsers do. Either way the connection
 * proves little: what counts is the receipt, which is verified offline.
 */
@NullMarked
package org.probity.node.http.api;

import org.jspecify.annotations.NullMarked;
