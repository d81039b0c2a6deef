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

#define CLOSE(day) "SELECT * FROM api.ledger_close(" day ")"
#define TODAY      "date_trunc('day', now(), 'UTC')"
#define POST_AT(key, at)                                                               \
	"SELECT post('" key "', 'test', NULL, NULL, NULL, 'EUR', '{sales,bank}',"      \
	" '{-7,7}', NULL, " at ")"

TEST(what_is_closed_takes_no_entry_and_what_is_late_takes_effect_afterwards)
{
	GIVEN(POST_AT("a", TODAY " - interval '1 hour'"));
	SAME("1", ASK("SELECT entries FROM api.ledger_close(" TODAY ")"));
	REFUSED("ledger_period_is_open",
		db_script(op, "post", POST_AT("b", TODAY " - interval '1 s'")));
	GIVEN(POST_AT("b", TODAY));
	GIVEN(POST_AT("c", "NULL"));
	SAME("true",
		ASK("SELECT effective_at = now() FROM ledger_entry WHERE key = 'c'"));
	/* a transaction that began before the end of what was closed meanwhile */
	GIVEN("UPDATE period_close SET before = now() + interval '1 min';" POST_AT(
		"d", "NULL"));
	SAME("true",
		ASK("SELECT effective_at = now() + interval '1 min' FROM ledger_entry"
		    " WHERE key = 'd'"));
	SAME("0", ASK("SELECT count(*) FROM ledger_line l JOIN ledger_entry e"
		      " ON e.id = l.entry_id WHERE l.effective_at <> e.effective_at"));
}

TEST(a_period_is_closed_in_order_once_and_when_it_is_over)
{
	GIVEN(CLOSE(TODAY " - interval '2 days'"));
	SAME("true", ASK("SELECT replayed FROM api.ledger_close(" TODAY
			 " - interval '2 days')"));
	SAME("1", ASK("SELECT count(*) FROM period_close"));
	REFUSED("period_ends_at_midnight",
		db_script(op, "c", CLOSE(TODAY " - interval '1 s'")));
	REFUSED("period_is_over",
		db_script(op, "c", CLOSE(TODAY " + interval '1 day'")));
	REFUSED("period_closes_forward",
		db_script(op, "c", CLOSE(TODAY " - interval '3 days'")));
	GIVEN(CLOSE(TODAY));
	SAME("2 1", ASK("SELECT count(*) || ' ' || count(since) FROM "
			"api.ledger_periods()"));
}

TEST(what_does_not_add_up_or_is_undecided_is_not_closed)
{
	GIVEN(POST_AT("a", TODAY " - interval '1 hour'"));
	GIVEN("INSERT INTO incident (kind, at) VALUES ('fee_differs', " TODAY
	      " - interval '1 h')");
	REFUSED("period_has_no_incident", db_script(op, "c", CLOSE(TODAY)));
	GIVEN("UPDATE incident SET kind = 'shipment_returned'");
	GIVEN("UPDATE ledger_line SET amount = 8 WHERE n = 2");
	REFUSED("period_is_balanced", db_script(op, "c", CLOSE(TODAY)));
	GIVEN("DELETE FROM ledger_line");
	REFUSED("period_is_balanced", db_script(op, "c", CLOSE(TODAY)));
	GIVEN("DELETE FROM ledger_entry");
	GIVEN(CLOSE(TODAY));
}

TEST(a_balance_is_what_lay_there_at_the_end)
{
	GIVEN(POST_AT("a", "'2026-01-31T23:00:00Z'"));
	GIVEN(POST_AT("b", "'2026-02-01T00:00:00Z'"));
	GIVEN("SELECT post('y', 'test', NULL, NULL, NULL, 'JPY', '{bank,sales}', "
	      "'{5,-5}',"
	      " NULL, '2026-02-02T00:00:00Z')");
#define BALANCE(args)                                                                  \
	"SELECT string_agg(concat_ws(' ', to_char(period AT TIME ZONE 'UTC', "         \
	"'MM-DD'),"                                                                    \
	" (debit).minor, (credit).minor, (balance).minor, (balance).currency), ', ')"  \
	" FROM api.ledger_balance(" args ")"
	SAME("14 0 14 EUR, 5 0 5 JPY", ASK(BALANCE("NULL, 'bank', 'account'")));
	SAME("7 0 7 EUR", ASK(BALANCE("'2026-02-01', 'bank', 'account'")));
	SAME("01-31 7 0 7 EUR, 02-01 7 0 14 EUR, 02-02 5 0 5 JPY",
		ASK(BALANCE("NULL, 'bank', 'day'")));
	SAME("01-01 0 7 -7 EUR, 02-01 0 7 -14 EUR, 02-01 0 5 -5 JPY",
		ASK(BALANCE("NULL, 'sales', 'month'")));
	REFUSED("ledger_account_exists",
		db_script(op, "b", BALANCE("NULL, 'nothing', 'day'")));
}
