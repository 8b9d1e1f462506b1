/**
 * Byte formats that exist only between HTTP and the node: frames of a log, length prefixes, strict
 * * JSON and base64.
 *
 * <p>A <em>log frame</em> is the CBOR array {@code [checkpoint, [entry, ...]]} of byte strings:
 * contiguous entries and a checkpoint of that log that covers them. It may take several frames to
 * reach the checkpoint's size; the last of them ends exactly there. On a stream each frame follows
 * its length:
 *
 * <pre>
 * 00 00 00 09            u32, big-endian: 9 bytes follow
 *   82 43 61620a         [h'61620a' "ab\n",
 *      82 40 41ff          [h'', h'ff']]
 * 00 00 00 00            a heart-beat: the stream is alive, there is nothing new
 * </pre>
 */
@NullMarked
package org.probity.node.http.wire;

import org.jspecify.annotations.NullMarked;
