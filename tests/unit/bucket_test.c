/* Permits that fill at a rate. */
#include "base/bucket.h"
#include "test.h"

enum { SECOND = 1000000 };

TEST_NO_DB(a_new_bucket_lets_one_go_and_then_keeps_the_rate)
{
	struct bucket b = { 0 };
	int64_t now = 5 * SECOND;

	SAME(1, bucket_take(&b, 2, now, 10));
	SAME(0, bucket_take(&b, 2, now, 10));
	CHECK(bucket_wait_us(&b, 2) >= SECOND / 2);
	SAME(1, bucket_take(&b, 2, now + SECOND / 2 + 1, 10));
}

TEST_NO_DB(a_bucket_holds_half_a_second_and_no_more)
{
	struct bucket b = { 0 };

	bucket_take(&b, 100, SECOND, 1);
	SAME(50, bucket_take(&b, 100, 3600LL * SECOND, 1000));
	SAME(0, bucket_wait_us(&(struct bucket){ 1, 1 }, 100));
}

TEST_NO_DB(what_is_not_needed_is_given_back)
{
	struct bucket b = { 0 };

	bucket_take(&b, 100, SECOND, 1);
	SAME(10, bucket_take(&b, 100, 2 * SECOND, 10));
	bucket_return(&b, 10);
	SAME(50, bucket_take(&b, 100, 2 * SECOND, 1000));
}

TEST_NO_DB(never_more_than_the_rate_in_the_long_run)
{
	struct bucket b = { 0 };
	int64_t now, taken = 0;

	for (now = SECOND; now < 61 * SECOND; now += 7777)
		taken += bucket_take(&b, 30, now, 3);
	CHECK(taken > 30 * 59);
	CHECK(taken <= 30 * 60 + 15);
}
