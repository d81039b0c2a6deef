/* Money is exact: what cannot be said in minor units is refused, never rounded. */
#include "test.h"

#include "base/money.h"

#include <stdlib.h>

static const char *read_back(struct op *op, const char *text)
{
	struct money m = { 0 };

	fault_clear(op);
	return money_parse(op, text, &m) == OK ? money_text(op, m) : "refused";
}

TEST_NO_DB(a_price_reads_the_same_whichever_side_its_currency_is_on)
{
	SAME("29.99 EUR", read_back(op, "29.99EUR"));
	SAME("29.99 EUR", read_back(op, "29.99 eur"));
	SAME("29.99 EUR", read_back(op, "EUR 29.99"));
	SAME("29.99 EUR", read_back(op, "29,99 EUR"));
	SAME("-0.05 EUR", read_back(op, "-0.05EUR"));
}

TEST_NO_DB(each_currency_has_its_own_decimals)
{
	SAME("3000 JPY", read_back(op, "3000JPY"));
	SAME("1.234 KWD", read_back(op, "1.234KWD"));
	SAME("5.00 USD", read_back(op, "5USD"));
	SAME("5.10 USD", read_back(op, "5.1USD"));
	SAME("5.10 USD", read_back(op, "5.100USD"));
	SAME("refused", read_back(op, "5.101USD"));
	SAME("refused", read_back(op, "3000.5JPY"));
}

TEST_NO_DB(what_is_not_money_is_refused)
{
	static const char *const bad[] = { "", "EUR", "29.99", "29.99XXX", "29..99EUR",
		"1e3EUR", "0x10EUR", "29.99EURO", " ", "--1EUR", "1 000EUR", "1.EUR",
		".5EUR", "NaNEUR", "99999999999999999999EUR",
		"92233720368547758.08EUR" };
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		SAME("refused", read_back(op, bad[i]));
}

TEST_NO_DB(the_largest_amount_that_fits_is_exact)
{
	SAME("92233720368547758.07 EUR", read_back(op, "92233720368547758.07EUR"));
}

TEST(the_program_and_the_database_know_the_same_currencies)
{
	const char *codes =
		ASK("SELECT string_agg(code || exponent, ' ' ORDER BY code) "
		    "FROM currency");
	const char *p;
	int n = 0;

	for (p = codes; *p; p += p[4] ? 5 : 4, n++)
		SAME(p[3] - '0', money_exponent(op_strndup(op, p, 3)));
	CHECK(n > 150);
	SAME(-1, money_exponent("XXX"));
	SAME(-1, money_exponent("EU"));
}
