/* Whom we ask about a parcel, and by which number. */
#include "adapters/carrier.h"
#include "base/config.h"
#include "test.h"

TEST_NO_DB(a_carrier_is_asked_itself_or_the_tracker_is)
{
	struct config c = *op->config;

	c.carrier = (struct carrier_config){
		.tracker = "", .easypost_key_file = "", .ups_client_id = ""
	};
	CHECK(!carrier_find(&c, "ups"));
	CHECK(!carrier_find(&c, "dhl"));
	c.carrier.tracker = "easypost";
	CHECK(carrier_find(&c, "ups") == &carrier_easypost);
	CHECK(carrier_find(&c, "dhl") == &carrier_easypost);
	c.carrier.ups_client_id = "app";
	CHECK(carrier_find(&c, "UPS") == &carrier_ups);
	c.carrier.tracker = "pigeon";
	CHECK(!carrier_find(&c, "dhl"));
}

TEST_NO_DB(a_number_is_letters_digits_and_dashes)
{
	SAME("1Z999AA1", carrier_number(op, "1Z 999 AA1"));
	CHECK(!carrier_number(op, "1Z9"));
	CHECK(!carrier_number(op, "1234/../5678"));
	CHECK(!carrier_number(op, "12345?x=y"));
	CHECK(!carrier_number(op, "123456789012345678901234567890123456789012"));
}

TEST_NO_DB(an_answer_that_is_of_no_use_says_why)
{
	struct http_answer a = {
		.outcome = HTTP_ANSWERED, .status = 200, .body = "[]", .n = 2
	};
	struct carrier_answer out;
	const struct json *body;

	CHECK(!carrier_judge(op, &a, &out, &body) && out.reason && !out.away);
	a.body = "{}";
	CHECK(carrier_judge(op, &a, &out, &body) && !out.reason);
	a.status = 404;
	CHECK(!carrier_judge(op, &a, &out, &body) && !out.reason && !out.away);
	a.status = 429;
	CHECK(!carrier_judge(op, &a, &out, &body) && out.later && !out.away);
	a.status = 503;
	CHECK(!carrier_judge(op, &a, &out, &body) && out.away);
	a.status = 403;
	CHECK(!carrier_judge(op, &a, &out, &body) && out.away);
	a = (struct http_answer){ .outcome = HTTP_UNKNOWN, .reason = "cut off" };
	CHECK(!carrier_judge(op, &a, &out, &body) && out.away);
}

TEST_NO_DB(an_event_without_a_time_or_a_word_is_left_out)
{
	struct json_writer w = { .op = op };
	const struct json *raw;

	CHECK(json_parse(op, "{}", 2, &raw) == OK);
	json_array(&w, NULL);
	carrier_put(&w, raw, "2026-11-20T08:30:00-05:00", "delivered", "at the door");
	carrier_put(&w, raw, "2026-11-20T08:30:00Z", NULL, "label made");
	carrier_put(&w, raw, "yesterday morning", "delivered", NULL);
	carrier_put(&w, raw, "5d", "delivered", NULL);
	carrier_put(&w, raw, NULL, "delivered", NULL);
	json_close(&w);
	SAME("[{\"ref\":\"2026-11-20T13:30:00Z delivered at the door\","
	     "\"status\":\"delivered\",\"at\":\"2026-11-20T13:30:00Z\","
	     "\"note\":\"at the door\",\"raw\":\"{}\"}]",
		w.text);
}
