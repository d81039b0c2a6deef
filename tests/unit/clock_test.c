/* Times are read in every form that people and PostgreSQL write, and print as RFC 3339.
 */
#include "test.h"

#include "base/clock.h"
#include "base/id.h"

static const char *read_back(struct op *op, const char *text)
{
	struct stamp s = { 0 };

	fault_clear(op);
	return stamp_parse(op, text, &s) == OK ? stamp_text(op, s) : "refused";
}

TEST_NO_DB(a_time_is_read_in_every_usual_form)
{
	SAME("2026-11-20T10:17:00Z", read_back(op, "2026-11-20T10:17:00Z"));
	SAME("2026-11-20T10:17:00Z", read_back(op, "2026-11-20 10:17:00+00"));
	SAME("2026-11-20T10:17:00.123456Z",
		read_back(op, "2026-11-20 10:17:00.123456+00"));
	SAME("2026-11-20T08:17:00Z", read_back(op, "2026-11-20T10:17:00+02:00"));
	SAME("2026-11-20T15:47:00Z", read_back(op, "2026-11-20T10:17:00-0530"));
	SAME("2026-11-20T00:00:00Z", read_back(op, "2026-11-20"));
	SAME("1969-12-31T23:59:59.500000Z", read_back(op, "1969-12-31 23:59:59.5+00"));
}

TEST_NO_DB(a_span_counts_back_from_now)
{
	struct stamp s = { 0 };
	int64_t ago;

	CHECK(stamp_parse(op, "2h", &s) == OK);
	ago = clock_now().us - s.us;
	CHECK(ago >= 7200000000 && ago < 7205000000);
}

TEST_NO_DB(what_is_not_a_time_is_refused)
{
	static const char *const bad[] = { "", "yesterday", "2026-13-01", "2026-11-20T",
		"2026-11-20T10:17:00+25:00", "2026-11-20X", "30", "d", "-3d", "3y" };
	size_t i;

	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		SAME("refused", read_back(op, bad[i]));
}

TEST_NO_DB(a_traceparent_gives_its_trace_and_nothing_else_does)
{
	static const char good[] =
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
	static const char *const bad[] = { "", "00",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
		"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
		"00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01 ",
		"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01" };
	size_t i;

	SAME("4bf92f3577b34da6a3ce929d0e0e4736",
		(const char *)id_traceparent(op, good));
	SAME("00f067aa0ba902b7", (const char *)id_parent(op, good));
	for (i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!id_traceparent(op, bad[i]) && !id_parent(op, bad[i]));
}
