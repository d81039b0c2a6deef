/* Failpoints: they strike where and when they are told, and nowhere else. */
#include "base/failpoint.h"
#include "test.h"

#include <stdlib.h>

/* Read once by the process, so one setting serves all tests. */
__attribute__((constructor)) static void set_points(void)
{
	setenv("SHOP_FAILPOINTS",
		"t.always=err=E_BUSY,t.third=err=AWAY@3,t.some=err=DATA%0.5:7,t.slow="
		"sleep=1",
		1);
}

static enum err always(struct op *op)
{
	FAILPOINT(op, "t.always");
	return OK;
}

TEST_NO_DB(a_point_strikes_where_it_is_set)
{
	CHECK(always(op) == E_BUSY);
	SAME("failpoint", op->fault.rule);
	CHECK(failpoint(op, "t.elsewhere") == OK);
	CHECK(failpoint(op, "t.slow") == OK);
}

TEST_NO_DB(a_point_strikes_at_the_nth_hit_only)
{
	int i;

	for (i = 1; i <= 5; i++) {
		CHECK(failpoint(op, "t.third") == (i == 3 ? E_AWAY : OK));
		fault_clear(op);
	}
}

TEST_NO_DB(a_point_strikes_with_its_probability_and_repeats_by_its_seed)
{
	int i, n = 0;

	for (i = 0; i < 1000; i++) {
		n += failpoint(op, "t.some") != OK;
		fault_clear(op);
	}
	CHECK(n > 430 && n < 570);
}
