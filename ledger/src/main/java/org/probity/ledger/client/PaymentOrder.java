package org.probity.ledger.client;

/**
 * One standing order: pay this much to an account at another bank.
 *
 * @param orderId unique in its file
 * @param accountId the paying account
 * @param bankTo code of the payee's bank, two letters in the original data
 * @param accountTo the payee's account there
 * @param amountMinor in haler, hundredths of a crown; positive
 * @param symbol what for: INSURANCE (POJISTNE), HOUSEHOLD (SIPO), LEASING, LOAN (UVER) in Czech as
 *     in the data, or empty
 */
public record PaymentOrder(
    long orderId,
    long accountId,
    String bankTo,
    String accountTo,
    long amountMinor,
    String symbol) {}
