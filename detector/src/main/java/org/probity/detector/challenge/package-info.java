/**
 * Questions that a correct node can always answer, put to it in writing and before everybody
 * (protocol.md §7; bytes in {@code docs/format/challenge.md}).
 *
 * <p>A {@link org.probity.detector.challenge.Challenge} is a statement of the challenger's log key.
 * Whoever holds one has checked it with {@link org.probity.detector.challenge.ChallengeRule}, which
 * refuses whatever a correct target could not answer, puts it to the target itself, and judges the
 * answer with {@link org.probity.detector.challenge.AnswerRule}. An answer carries no signature of
 * its own: it is right, or it is none; it never is evidence.
 *
 * <p>For example: {@code a} has sent {@code b} message 5, and no acknowledgement comes. It signs
 *
 * <pre>
 * [1, 0, ["b", 0], "a", [[b's ack of the first five], the RECEIVE body with message 5]]
 * </pre>
 *
 * and gives it to {@code b} and to everybody else. Each of them puts it to {@code b}, until it has
 * an acknowledgement of six messages; who has waited too long suspects {@code b} until then.
 *
 * <p>{@link org.probity.detector.challenge.Challenges} keeps the books: what is open against whom,
 * since when, and what was answered.
 */
@NullMarked
package org.probity.detector.challenge;

import org.jspecify.annotations.NullMarked;
