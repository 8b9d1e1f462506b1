/**
 * The second program: a store of objects, put and get, on the same detector as the ledger. It is
 * the example to write one's own service after (docs/build-applications.md) and imports nothing but
 * the detector.
 *
 * <p>An object belongs to the node where it was put, its <em>home</em>, and to the client that put
 * it first. Its home sends a copy to every node the client names, which answers for it as well.
 *
 * <p>Deterministic CBOR, strictly decoded (protocol.md §3.1):
 *
 * <pre>
 * parameters = [1*256 key]                          ; clients, ascending, each once
 * body       = [0, name, content, [*3 node]]        ; put; copies to these nodes, ascending
 *            / [1, node, name]                      ; get; of the object whose home is that node
 * outcome    = [code, content]                      ; content: empty unless found
 * message    = [name, key, content]                 ; copy of an object of the sender's
 *
 * key        = bstr .size 32                        ; Ed25519
 * name       = tstr                                 ; 1 to 64 bytes
 * content    = bstr                                 ; at most 2,048 bytes
 * node       = tstr                                 ; [a-z0-9][a-z0-9-]{0,30}
 * code       = 0 stored / 1 found / 2 no_such_object / 3 malformed / 4 not_the_owner / 5 no_such_node
 * </pre>
 *
 * <p>State keys, relative to the application's part:
 *
 * <pre>
 * 'c' || key                                        h'01': the key is a client's
 * 'o' || SHA-256([node, name] as CBOR)              [key, content]: the object and its owner
 * </pre>
 *
 * <p>Example: {@code put("a", h'01')} without copies is {@code 84 00 61 61 41 01 80}; its outcome
 * {@code stored} is {@code 82 00 40}.
 */
@NullMarked
package org.probity.demo.objects;

import org.jspecify.annotations.NullMarked;
