/* Money in minor units of an ISO 4217 currency; never a float. */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include "base/op.h"

#include <stdint.h>

/* No currency means no money: an absent value. */
struct money {
	int64_t minor;
	char currency[4];
};

/* Decimal places of a currency (ISO 4217), or -1 when the code is unknown. */
int money_exponent(const char *currency);

/*
 * Read "29.99EUR", "29.99 EUR" or "EUR 29.99" exactly; more decimals than the
 * currency has, a missing or unknown currency and overflow are E_DATA.
 */
enum err money_parse(struct op *op, const char *text, struct money *out);

/* Read a bare decimal, "29.99" or "29,99", as money of the currency. */
enum err money_parse_as(
	struct op *op, const char *text, const char *currency, struct money *out);

/* "29.99": the decimal without the currency. */
const char *money_decimal(struct op *op, struct money m);

/* "29.99 EUR"; "" when absent. */
const char *money_text(struct op *op, struct money m);

#endif
