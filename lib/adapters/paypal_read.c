/* The smallest things in PayPal's JSON: texts, references, money, times. */
#include "adapters/paypal_read.h"

#include <ctype.h>
#include <string.h>

bool paypal_is_ref(const char *s)
{
	if (!s || !*s || strlen(s) > REF_MAX)
		return false;
	if (*s == '-')
		return false;
	for (; *s; s++)
		if (!isupper((unsigned char)*s) && !isdigit((unsigned char)*s) &&
			*s != '-')
			return false;
	return true;
}

const char *paypal_text(const struct json *object, const char *pointer, size_t max)
{
	const char *s = json_string(json_find(object, pointer));

	return s && *s && strlen(s) <= max ? s : NULL;
}

const char *paypal_ref(const struct json *object, const char *pointer)
{
	const char *s = paypal_text(object, pointer, REF_MAX);

	return paypal_is_ref(s) ? s : NULL;
}

bool paypal_is(const struct json *object, const char *name, const char *word)
{
	const char *s = json_string(json_get(object, name));

	return s && strcmp(s, word) == 0;
}

/* {"currency_code": "EUR", "value": "12.30"}; "12.3" and "12" are the same money. */
bool paypal_money(struct op *op, const struct json *amount, struct money *out)
{
	const char *currency = paypal_text(amount, "/currency_code", 3);
	const char *value = paypal_text(amount, "/value", 32);

	if (!currency || !value || strchr(value, ',') || money_exponent(currency) < 0)
		return false;
	if (money_parse_as(op, value, currency, out) == OK)
		return true;
	fault_clear(op);
	return false;
}

int64_t paypal_our_id(const char *s)
{
	size_t n = s ? strspn(s, "0123456789") : 0;

	return n && n <= 16 && (!s[n] || s[n] == ',') ? strtoll(s, NULL, 10) : 0;
}

struct stamp paypal_time(struct op *op, const struct json *object, const char *at)
{
	const char *s = paypal_text(object, at, 40);
	struct stamp out = { 0 };
	size_t n = s ? strlen(s) : 0;

	if (n > 5 && (s[n - 5] == '+' || s[n - 5] == '-') && strchr(s, 'T'))
		s = op_printf(op, "%.*s:%s", (int)(n - 2), s, s + n - 2); /* +0000 */
	if (s && isdigit((unsigned char)*s) && stamp_parse(op, s, &out) != OK) {
		fault_clear(op);
		out = (struct stamp){ 0 };
	}
	return out;
}
