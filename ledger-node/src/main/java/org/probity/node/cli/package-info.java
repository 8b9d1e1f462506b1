/**
 * The command line: nouns, then verbs.
 *
 * <p>What scripts can rely on: data goes to standard output, everything else to standard error.
 * With {@code --output json} the last line of standard output is one JSON object or array, keys in
 * camel case. Exit codes are those of {@link org.probity.node.cli.ExitStatus}. A stack trace is
 * shown only on request ({@code --verbose} or {@code PROBITY_TRACE=1}).
 *
 * <pre>
 * $ probity node status --dir consortium --output json
 * [{"node":"bank-1","member":"bank-1","state":"running",...}]
 * </pre>
 *
 * <p>Other modules add commands by providing a {@link org.probity.node.cli.CommandProvider} as a
 * service.
 */
@NullMarked
package org.probity.node.cli;

import org.jspecify.annotations.NullMarked;
