/* What an order used: given back when it ends unpaid, taken again by late money. */
#include "db/db.h"

#include "given_order.h"
#include "test.h"

/* The order used a coupon that can be used once. */
#define USED                                                                           \
	AN_ORDER "INSERT INTO promotion (name, title, kind, automatic, enabled, used)" \
		 " VALUES ('P', 'P', 'free_shipping', false, true, 1);"                \
		 "INSERT INTO coupon (promotion_id, code, uses_max, used)"             \
		 " SELECT id, 'ONE', 1, 1 FROM promotion;"                             \
		 "INSERT INTO redemption (order_id, promotion_id, coupon_id, who,"     \
		 " currency, amount) SELECT 1024, promotion_id, id, 'c1', 'EUR', 0"    \
		 " FROM coupon;"
#define EXPIRE                                                                         \
	"SELECT order_move(1024, 'expiring', 'due'),"                                  \
	" order_move(1024, 'expired', 'voided');"
#define STATE                                                                          \
	ASK("SELECT concat_ws(' ', o.state, r.state, p.used, c.used) FROM orders o,"   \
	    " redemption r, promotion p, coupon c WHERE o.id = r.order_id")

TEST(an_order_that_expires_gives_its_coupon_back_once)
{
	GIVEN(USED);
	SAME("pending used 1 1", STATE);
	GIVEN(EXPIRE);
	SAME("expired released 0 0", STATE);
	GIVEN("SELECT redemptions_release(1024)");
	SAME("expired released 0 0", STATE);
	SAME("release used released",
		ASK("SELECT concat_ws(' ', event, from_state, to_state)"
		    " FROM order_event WHERE machine = 'redemption'"));
}

TEST(late_money_takes_the_coupon_again)
{
	GIVEN(USED EXPIRE);
	SAME("true", ASK("SELECT order_move(1024, 'paid', 'captured')"));
	SAME("paid used 1 1", STATE);
}

TEST(late_money_comes_too_late_when_somebody_else_used_it)
{
	GIVEN(USED EXPIRE "UPDATE coupon SET used = 1");
	SAME("false", ASK("SELECT order_move(1024, 'paid', 'captured')"));
	SAME("expired released 0 1", STATE);
	SAME("0", ASK("SELECT sum(reserved) FROM stock"));
}

TEST(what_was_paid_stays_used_when_it_is_canceled)
{
	GIVEN(USED "UPDATE payment SET captured = 10000;"
		   "SELECT order_move(1024, 'paid', 'captured'),"
		   " order_move(1024, 'canceled', 'cancel')");
	SAME("canceled used 1 1", STATE);
}
