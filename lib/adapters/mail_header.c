/* The header lines of a mail: encoded words, mailboxes, dates. */
#include "adapters/mail.h"

#include "base/text.h"
#include "base/utf8.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

static bool plain(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || (unsigned char)*s > '~')
			return false;
	return true;
}

static void base64(struct op *op, struct text *t, const unsigned char *p, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16;

		v |= i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0;
		v |= i + 2 < n ? p[i + 2] : 0;
		text_add_char(op, t, digits[v >> 18]);
		text_add_char(op, t, digits[v >> 12 & 63]);
		text_add_char(op, t, i + 1 < n ? digits[v >> 6 & 63] : '=');
		text_add_char(op, t, i + 2 < n ? digits[v & 63] : '=');
	}
}

/* Valid UTF-8 without control characters: each becomes a space. */
static char *printable(struct op *op, const char *s)
{
	char *copy = op_strdup(op, s);

	for (char *p = copy; *p;) {
		size_t n = utf8_length(p);

		if (n == 0 || (n == 1 && iscntrl((unsigned char)*p)))
			*p++ = ' ';
		else
			p += n;
	}
	return copy;
}

/* An encoded word has 75 characters at most and holds whole characters (RFC 2047, 2).
 */
const char *mail_words(struct op *op, const char *utf8)
{
	enum { MOST = 45 }; /* bytes: 60 of base64 and 12 of "=?UTF-8?B??=" */
	struct text t = { 0 };
	const char *s = printable(op, utf8);

	if (plain(s) && !strstr(s, "=?"))
		return s;
	while (*s) {
		size_t n = 0, next;

		while (s[n] && (next = utf8_length(s + n)) && n + next <= MOST)
			n += next;
		text_add(op, &t, t.n ? "\r\n =?UTF-8?B?" : "=?UTF-8?B?");
		base64(op, &t, (const unsigned char *)s, n);
		text_add(op, &t, "?=");
		s += n;
	}
	return t.s;
}

bool mail_address_ok(const char *address)
{
	const char *at = address ? strrchr(address, '@') : NULL;

	if (!at || at == address || !at[1] || strlen(address) > 254)
		return false;
	for (const char *p = address; *p; p++)
		if ((unsigned char)*p <= ' ' || (unsigned char)*p > '~' ||
			strchr("<>()[],;:\\\"", *p) || (*p == '@' && p != at))
			return false;
	return true;
}

const char *mail_mailbox(struct op *op, const char *name, const char *address)
{
	struct text t = { 0 };

	if (!name || !*name)
		return address;
	name = printable(op, name);
	if (!plain(name) || strstr(name, "=?"))
		return op_printf(op, "%s <%s>", mail_words(op, name), address);
	for (; *name; name++) {
		if (strchr("\"\\", *name))
			text_add_char(op, &t, '\\');
		text_add_char(op, &t, *name);
	}
	return op_printf(op, "\"%s\" <%s>", t.s, address);
}

const char *mail_date(struct op *op, struct stamp s)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
		"Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
		"Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	time_t at = (time_t)(s.us / 1000000);
	struct tm t;

	gmtime_r(&at, &t);
	return op_printf(op, "%s, %02d %s %04d %02d:%02d:%02d +0000", days[t.tm_wday],
		t.tm_mday, months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min,
		t.tm_sec);
}
