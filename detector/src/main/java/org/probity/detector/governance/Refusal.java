package org.probity.detector.governance;

/**
 * Why something is not valid here.
 *
 * @param code stable, lower_snake
 * @param message for people
 */
public record Refusal(String code, String message) {}
