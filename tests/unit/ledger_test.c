/* The ledger: what balances is posted once, what does not never. */
#include "db/db.h"

#include "given_order.h"
#include "test.h"

#define POST(key, accounts, amounts)                                                   \
	"SELECT post('" key "', 'test', 1024, 1024, NULL, 'EUR', '" accounts           \
	"', '" amounts "')"

TEST(an_entry_that_adds_up_is_posted_once_for_its_key)
{
	CHECK(ASK(POST("k", "{psp:clearing,customer:deposits}", "{5,-5}")) != NULL);
	SAME((char *)NULL,
		ASK(POST("k", "{psp:clearing,customer:deposits}", "{7,-7}")));
	SAME("2 5", ASK("SELECT count(*) || ' ' || max(amount) FROM ledger_line"));
}

TEST(what_does_not_add_up_is_refused)
{
	REFUSED("ledger_entry_balances",
		db_script(op, "post",
			POST("a", "{psp:clearing,customer:deposits}", "{5,-4}")));
	REFUSED("ledger_entry_balances",
		db_script(op, "post", POST("b", "{sales}", "{0}")));
	REFUSED("ledger_entry_balances",
		db_script(op, "post",
			POST("c", "{psp:clearing,customer:deposits}", "{5,-4,-1}")));
	REFUSED("ledger_line_is_not_zero",
		db_script(op, "post",
			POST("d", "{psp:clearing,customer:deposits}", "{0,0}")));
	SAME("0", ASK("SELECT count(*) FROM ledger_entry"));
}

TEST(a_reversal_is_the_mirror_and_happens_once)
{
	GIVEN(POST("k", "{psp:clearing,customer:deposits}", "{5,-5}"));
	CHECK(ASK("SELECT post_reversal('r', 'test', 'k')") != NULL);
	SAME("0 4", ASK("SELECT sum(amount) || ' ' || count(*) FROM ledger_line"));
	SAME("0", ASK("SELECT sum(amount) FROM ledger_line WHERE account = "
		      "'psp:clearing'"));
	REFUSED("ledger_entry_reversed_once",
		db_script(op, "again", "SELECT post_reversal('r2', 'test', 'k')"));
}

TEST(a_capture_and_its_refund_leave_the_fee_alone)
{
	GIVEN(A_PAID_ORDER);
	GIVEN("SELECT * FROM api.refund_create(1024, 'k', NULL, NULL, NULL, 'test');"
	      "SELECT refund_apply((SELECT id FROM refund), jsonb_populate_record("
	      "NULL::refund_facts, "
	      "'{\"ref\":\"re_1\",\"status\":\"succeeded\",\"amount\":10000,"
	      "\"currency\":\"EUR\"}'))");
	SAME("customer:deposits 0, fees:psp 320, psp:clearing -320, refund:payable 0",
		ASK("SELECT string_agg(account || ' ' || sum, ', ' ORDER BY account) "
		    "FROM"
		    " (SELECT account, sum(amount) FROM ledger_line GROUP BY account) "
		    "x"));
	SAME("0", ASK("SELECT sum(amount) FROM ledger_line"));
}
