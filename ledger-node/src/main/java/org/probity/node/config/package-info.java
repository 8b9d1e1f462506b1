/**
 * Configuration of one node, and where its peers are.
 *
 * <p>One YAML file of sections and keys, all of them described in {@link
 * org.probity.node.config.ConfigKeys}; the JSON Schema in {@code config/} is made from the same
 * description. A value is taken from the first of these that has it:
 *
 * <ol>
 *   <li>the command line, {@code --set client.port=7401};
 *   <li>the environment, {@code PROBITY_CLIENT_PORT=7401};
 *   <li>the file, {@code client: {port: 7401}};
 *   <li>the default.
 * </ol>
 *
 * <p>A key nobody knows is fatal wherever it stands, so that a typing error is never a silent
 * default. A secret may be given as the name of a file that holds it: {@code
 * PROBITY_KEYS_PASSPHRASE_FILE}, {@code keys: {passphraseFile: ...}}. Paths in the file are
 * relative to the file, all others to the working directory. All problems are reported at once.
 */
@NullMarked
package org.probity.node.config;

import org.jspecify.annotations.NullMarked;
