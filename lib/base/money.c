/* Money in minor units of an ISO 4217 currency; never a float. */
#include "base/money.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

/* ISO 4217:2015 list one; every active currency that is not a fund or a metal. */
static const struct {
	int exponent;
	const char *codes;
} currencies[] = {
	{ 0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF" },
	{ 3, "BHD IQD JOD KWD LYD OMR TND" },
	{ 2, "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL "
	     "BSD "
	     "BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN "
	     "ETB "
	     "EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR "
	     "JMD "
	     "KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP "
	     "MRU "
	     "MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN "
	     "QAR "
	     "RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL "
	     "THB "
	     "TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW "
	     "ZWG" },
};

int money_exponent(const char *currency)
{
	size_t i;

	if (!currency || strlen(currency) != 3)
		return -1;
	for (i = 0; i < sizeof currencies / sizeof *currencies; i++) {
		const char *at = strstr(currencies[i].codes, currency);

		if (at && (at - currencies[i].codes) % 4 == 0)
			return currencies[i].exponent;
	}
	return -1;
}

/* Append one decimal digit; false on overflow. */
static bool push_digit(int64_t *n, char digit)
{
	return !__builtin_mul_overflow(*n, 10, n) &&
	       !__builtin_add_overflow(*n, digit - '0', n);
}

/* The decimal at text in units of 10^-exponent; *end is where it stops. */
static bool read_decimal(const char *text, int exponent, int64_t *out, const char **end)
{
	const char *p = text;
	bool minus = *p == '-';
	int64_t n = 0;
	int decimals = 0;

	if (*p == '-' || *p == '+')
		p++;
	if (!isdigit((unsigned char)*p))
		return false;
	for (; isdigit((unsigned char)*p); p++)
		if (!push_digit(&n, *p))
			return false;
	if ((*p == '.' || *p == ',') && isdigit((unsigned char)p[1])) {
		for (p++; isdigit((unsigned char)*p); p++) {
			if (decimals == exponent && *p == '0')
				continue; /* 29.990 is exact */
			if (decimals++ >= exponent || !push_digit(&n, *p))
				return false;
		}
	}
	for (; decimals < exponent; decimals++)
		if (!push_digit(&n, '0'))
			return false;
	*out = minus ? -n : n;
	*end = p;
	return true;
}

static enum err bad(struct op *op, const char *text)
{
	fail(op, E_DATA, "money_is_exact", "\"%s\" is not an amount of money", text);
	return fail_hint(op, "write digits and an ISO 4217 code, with no more decimals "
			     "than the currency has: 29.99EUR, 3000JPY");
}

enum err money_parse_as(
	struct op *op, const char *text, const char *currency, struct money *out)
{
	int exponent = money_exponent(currency);
	const char *end;
	struct money m = { 0 };

	while (isspace((unsigned char)*text))
		text++;
	if (exponent < 0 || !read_decimal(text, exponent, &m.minor, &end))
		return bad(op, text);
	while (isspace((unsigned char)*end))
		end++;
	if (*end)
		return bad(op, text);
	memcpy(m.currency, currency, 4);
	*out = m;
	return OK;
}

enum err money_parse(struct op *op, const char *text, struct money *out)
{
	size_t n = strlen(text), i;
	const char *code = n < 4                           ? ""
			   : isalpha((unsigned char)*text) ? text
							   : text + n - 3;
	char currency[4] = "", *number;

	if (n < 4)
		return bad(op, text);
	for (i = 0; i < 3; i++)
		currency[i] = (char)toupper((unsigned char)code[i]);
	number = code == text ? op_strdup(op, text + 3) : op_strndup(op, text, n - 3);
	if (money_exponent(currency) < 0)
		return bad(op, text);
	return money_parse_as(op, number, currency, out);
}

const char *money_decimal(struct op *op, struct money m)
{
	int exponent = money_exponent(m.currency);
	uint64_t n = m.minor < 0 ? -(uint64_t)m.minor : (uint64_t)m.minor;
	uint64_t unit = 1;
	int i;

	for (i = 0; i < exponent; i++)
		unit *= 10;
	if (exponent <= 0)
		return op_printf(op, "%" PRId64, m.minor);
	return op_printf(op, "%s%" PRIu64 ".%0*" PRIu64, m.minor < 0 ? "-" : "",
		n / unit, exponent, n % unit);
}

const char *money_text(struct op *op, struct money m)
{
	return *m.currency ? op_printf(op, "%s %s", money_decimal(op, m), m.currency)
			   : "";
}
