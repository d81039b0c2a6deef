/* Time, as one place reads it, so that tests can hold it. */
#include "base/clock.h"

#include "base/world.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MILLION = 1000000 };

static int64_t offset_us(void)
{
	static int64_t offset = INT64_MIN;

	if (offset == INT64_MIN) {
		const char *seconds = getenv("SHOP_CLOCK_OFFSET");

		offset = seconds ? strtoll(seconds, NULL, 10) * MILLION : 0;
	}
	return offset;
}

struct stamp clock_now(void)
{
	struct timespec t;

	if (world)
		return (struct stamp){ world->now_us() };
	clock_gettime(CLOCK_REALTIME, &t);
	return (struct stamp){ (int64_t)t.tv_sec * MILLION + t.tv_nsec / 1000 +
			       offset_us() };
}

int64_t clock_ticks(void)
{
	struct timespec t;

	if (world)
		return world->now_us();
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * MILLION + t.tv_nsec / 1000;
}

void clock_sleep_us(int64_t us)
{
	struct timespec t = { us / MILLION, us % MILLION * 1000 };

	if (world)
		world->sleep_us(us);
	else
		nanosleep(&t, NULL);
}

/* "30d": a span back from now. */
static bool read_span(const char *text, struct stamp *out)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
		{ 'w', 604800 } };
	char *end;
	long long n = strtoll(text, &end, 10);
	size_t i;

	if (end == text || n < 0 || n > 100000000 || !*end || end[1])
		return false;
	for (i = 0; i < sizeof units / sizeof *units; i++) {
		if (units[i].unit == *end) {
			out->us = clock_now().us - n * units[i].seconds * MILLION;
			return true;
		}
	}
	return false;
}

/* The fraction of a second after the dot, in microseconds. */
static const char *read_fraction(const char *p, int64_t *us)
{
	int64_t scale = MILLION / 10;

	for (; isdigit((unsigned char)*p); p++, scale /= 10)
		*us += (*p - '0') * scale;
	return p;
}

/* "Z", "+00", "+02:00", "-0530", or nothing (UTC); seconds east, or false. */
static bool read_zone(const char *p, long *east)
{
	int hours = 0, minutes = 0;
	char *end;

	*east = 0;
	if (!*p || !strcmp(p, "Z") || !strcmp(p, "z"))
		return true;
	if ((*p != '+' && *p != '-') || strspn(p + 1, "0123456789:") != strlen(p + 1))
		return false;
	hours = (int)strtol(p + 1, &end, 10);
	if (*end == ':')
		minutes = (int)strtol(end + 1, NULL, 10);
	else if (end - p == 5) {
		minutes = hours % 100;
		hours /= 100;
	}
	*east = (*p == '-' ? -1 : 1) * (hours * 3600L + minutes * 60L);
	return hours < 24 && minutes < 60;
}

static bool read_rfc3339(const char *text, struct stamp *out)
{
	struct tm tm = { 0 };
	int64_t us = 0;
	long east;
	const char *p = strptime(text, "%Y-%m-%d", &tm);

	if (!p || p - text != 10)
		return false;
	if (*p == 'T' || *p == 't' || *p == ' ') {
		const char *hours = p + 1;

		p = strptime(hours, "%H:%M:%S", &tm);
		if (!p)
			p = strptime(hours, "%H:%M", &tm);
		if (!p)
			return false;
		if (*p == '.')
			p = read_fraction(p + 1, &us);
		if (!read_zone(p, &east))
			return false;
		us -= (int64_t)east * MILLION;
	} else if (*p) {
		return false;
	}
	out->us = (int64_t)timegm(&tm) * MILLION + us;
	return true;
}

enum err stamp_parse(struct op *op, const char *text, struct stamp *out)
{
	if (read_span(text, out) || read_rfc3339(text, out))
		return OK;
	fail(op, E_USAGE, "time_is_readable", "\"%s\" is not a time", text);
	return fail_hint(
		op, "write 2026-11-20, 2026-11-20T10:00:00Z, or a span: 30d, 6h");
}

const char *stamp_text(struct op *op, struct stamp s)
{
	time_t seconds = (time_t)(s.us / MILLION - (s.us % MILLION < 0));
	int64_t us = s.us - (int64_t)seconds * MILLION;
	struct tm tm;
	char day[64];

	if (s.us == 0)
		return "";
	gmtime_r(&seconds, &tm);
	strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &tm);
	return us ? op_printf(op, "%s.%06dZ", day, (int)us) : op_printf(op, "%sZ", day);
}
