/* PayPal's disputes: read as facts, answered in its own form, and its list of
 * movements. */
#include "adapters/paypal.h"

#include "base/json.h"
#include "test.h"

#include <string.h>

#define MOVED(type, reason, value, at)                                                 \
	"{\"affected_party\":\"SELLER\",\"type\":\"" type "\",\"reason\":\"" reason    \
	"\",\"amount\":{\"currency_code\":\"EUR\",\"value\":\"" value                  \
	"\"},\"initiated_time\":\"" at "\"}"
#define TOOK MOVED("DEBIT", "DISPUTE_SETTLEMENT", "30.00", "2026-11-20T10:00:00Z")
#define COST MOVED("DEBIT", "CHARGEBACK_FEE", "20.00", "2026-11-20T10:00:00Z")
#define GAVE MOVED("CREDIT", "DISPUTE_SETTLEMENT", "30.00", "2026-12-01T10:00:00Z")
#define BUYERS                                                                         \
	"{\"affected_party\":\"BUYER\",\"type\":\"CREDIT\",\"reason\":"                \
	"\"DISPUTE_SETTLEMENT\",\"amount\":{\"currency_code\":\"EUR\",\"value\":"      \
	"\"30.00\"},\"initiated_time\":\"2026-11-20T10:00:00Z\"}"

static const char *dispute(struct op *op, const char *stage, const char *status,
	const char *outcome, const char *moved)
{
	return op_printf(op,
		"{\"dispute_id\":\"PP-D-4012\",\"status\":\"%s\",\"reason\":"
		"\"UNAUTHORISED\",\"dispute_life_cycle_stage\":\"%s\","
		"\"dispute_amount\":{\"currency_code\":\"EUR\",\"value\":\"30.00\"},"
		"\"disputed_transactions\":[{\"seller_transaction_id\":\"3C\"}],"
		"\"evidences\":[{\"source\":\"SUBMITTED_BY_BUYER\"},{\"source\":"
		"\"SUBMITTED_BY_SELLER\"}],\"dispute_outcome\":{\"outcome_code\":"
		"\"%s\"},\"money_movements\":[%s],\"seller_response_due_date\":"
		"\"2026-12-01T10:00:00.000Z\"}",
		status, stage, outcome, moved);
}

static bool read_dispute(struct op *op, const char *text, struct provider_dispute *out)
{
	const struct json *json;

	CHECK(json_parse(op, text, strlen(text), &json) == OK);
	return paypal_dispute(op, json, out);
}

TEST_NO_DB(where_a_dispute_stands_is_told_by_stage_status_outcome_and_money)
{
	static const struct {
		const char *stage, *status, *outcome, *moved, *wanted;
	} cases[] = {
		{ "INQUIRY", "OPEN", "", "", "warning_needs_response" },
		{ "INQUIRY", "WAITING_FOR_SELLER_RESPONSE", "", "",
			"warning_needs_response" },
		{ "INQUIRY", "WAITING_FOR_BUYER_RESPONSE", "", "",
			"warning_under_review" },
		{ "CHARGEBACK", "WAITING_FOR_SELLER_RESPONSE", "", TOOK,
			"needs_response" },
		{ "CHARGEBACK", "UNDER_REVIEW", "", TOOK, "under_review" },
		{ "PRE_ARBITRATION", "WAITING_FOR_BUYER_RESPONSE", "", TOOK,
			"under_review" },
		{ "ARBITRATION", "OTHER", "", TOOK, "unknown" },
		{ "CHARGEBACK", "RESOLVED", "RESOLVED_BUYER_FAVOUR", TOOK, "lost" },
		{ "CHARGEBACK", "RESOLVED", "RESOLVED_BUYER_FAVOUR", "", "lost" },
		{ "CHARGEBACK", "RESOLVED", "ACCEPTED", TOOK, "lost" },
		{ "CHARGEBACK", "RESOLVED", "RESOLVED_SELLER_FAVOUR", TOOK "," GAVE,
			"won" },
		{ "CHARGEBACK", "RESOLVED", "RESOLVED_WITH_PAYOUT", "", "won" },
		{ "CHARGEBACK", "RESOLVED", "DENIED", "", "won" },
		{ "CHARGEBACK", "RESOLVED", "NONE", TOOK, "lost" },
		{ "CHARGEBACK", "RESOLVED", "NONE", "", "won" },
		{ "CHARGEBACK", "RESOLVED", "NEWS", TOOK, "unknown" },
		{ "INQUIRY", "RESOLVED", "RESOLVED_BUYER_FAVOUR", TOOK, "lost" },
		/* settled by a refund of ours: no dispute took money */
		{ "INQUIRY", "RESOLVED", "RESOLVED_BUYER_FAVOUR", BUYERS,
			"warning_closed" },
		{ "INQUIRY", "RESOLVED", "CANCELED_BY_BUYER", "", "warning_closed" },
	};
	struct provider_dispute d;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK(read_dispute(op,
			dispute(op, cases[i].stage, cases[i].status, cases[i].outcome,
				cases[i].moved),
			&d));
		SAME(cases[i].wanted, d.status);
		SAME(strcmp(cases[i].stage, "INQUIRY") == 0, d.refundable);
	}
	SAME("PP-D-4012", d.ref);
	SAME("3C", d.charge);
	SAME("UNAUTHORISED", d.reason);
	SAME(3000, d.amount);
	SAME(1, d.submissions);
	SAME("2026-12-01T10:00:00Z", stamp_text(op, d.evidence_due_by));
}

TEST_NO_DB(every_movement_of_ours_has_a_name_that_stays)
{
	struct provider_dispute d;

	CHECK(read_dispute(op,
		dispute(op, "CHARGEBACK", "UNDER_REVIEW", "",
			TOOK "," BUYERS "," COST "," TOOK "," GAVE),
		&d));
	SAME("[{\"txn\":\"PP-D-4012:2026-11-20T10:00:00Z:DISPUTE_SETTLEMENT:3000\","
	     "\"currency\":\"EUR\",\"amount\":-3000,\"fee\":0},"
	     "{\"txn\":\"PP-D-4012:2026-11-20T10:00:00Z:CHARGEBACK_FEE:2000\","
	     "\"currency\":\"EUR\",\"amount\":0,\"fee\":2000},"
	     "{\"txn\":\"PP-D-4012:2026-11-20T10:00:00Z:DISPUTE_SETTLEMENT:3000+\","
	     "\"currency\":\"EUR\",\"amount\":-3000,\"fee\":0},"
	     "{\"txn\":\"PP-D-4012:2026-12-01T10:00:00Z:DISPUTE_SETTLEMENT:-3000\","
	     "\"currency\":\"EUR\",\"amount\":3000,\"fee\":0}]",
		d.txns.s);
	CHECK(!read_dispute(op,
		dispute(op, "CHARGEBACK", "UNDER_REVIEW", "",
			MOVED("DEBIT", "DISPUTE_FEE", "1,00", "2026-11-20T10:00:00Z")),
		&d));
	CHECK(!read_dispute(op, "{\"dispute_id\":\"PP-D-4012\"}", &d));
}

TEST_NO_DB(an_answer_is_a_form_of_typed_evidence)
{
	struct provider_call call = { .action = "dispute.update",
		.key = "dispute.update-1-0-9",
		.evidence.s = "{\"tracking_number\":\"1Z\",\"carrier_name\":\"UPS\","
			      "\"return_policy\":\"30 days\",\"refund_id\":\"1JU\","
			      "\"notes\":\"it came\"}" };

	SAME("--dispute.update-1-0-9\r\nContent-Disposition: form-data; "
	     "name=\"input\"\r\nContent-Type: application/json\r\n\r\n"
	     "{\"evidences\":[{\"evidence_type\":\"PROOF_OF_FULFILLMENT\","
	     "\"evidence_info\":{\"tracking_info\":[{\"carrier_name\":\"UPS\","
	     "\"tracking_number\":\"1Z\"}]}},{\"evidence_type\":\"PROOF_OF_REFUND\","
	     "\"evidence_info\":{\"refund_ids\":[\"1JU\"]}},{\"evidence_type\":"
	     "\"RETURN_POLICY\",\"notes\":\"30 days\"},{\"evidence_type\":\"OTHER\","
	     "\"notes\":\"it came\"}]}\r\n--dispute.update-1-0-9--\r\n",
		paypal_body(op, &call));
	call.action = "dispute.close";
	SAME("{\"note\":\"The claim is accepted.\",\"accept_claim_type\":\"REFUND\"}",
		paypal_body(op, &call));
}

#define INFO(code, status, amount, fee)                                                \
	"{\"transaction_id\":\"9X\",\"paypal_reference_id\":\"3C\",\"invoice_id\":"    \
	"\"1024\",\"transaction_event_code\":\"" code                                  \
	"\",\"transaction_status\":\"" status "\",\"transaction_initiation_date\":"    \
	"\"2026-11-20T10:00:00+0000\",\"transaction_updated_date\":"                   \
	"\"2026-11-20T10:00:01+0000\",\"transaction_amount\":{\"currency_code\":"      \
	"\"EUR\",\"value\":\"" amount "\"}" fee "}"
#define FEE(value) ",\"fee_amount\":{\"currency_code\":\"EUR\",\"value\":\"" value "\"}"

TEST_NO_DB(a_movement_of_the_balance_is_what_its_code_says)
{
	static const struct {
		const char *info, *category, *source;
		int64_t amount, fee, net;
	} cases[] = {
		{ INFO("T0006", "S", "12.30", FEE("-0.76")), "charge", "9X", 1230, 76,
			1154 },
		{ INFO("T1107", "S", "-5.00", FEE("0.15")), "refund", "9X", -500, -15,
			-485 },
		{ INFO("T1107", "S", "5.00", ""), "refund_failure", "3C", 500, 0, 500 },
		{ INFO("T1201", "S", "-30.00", ""), "dispute", "3C", -3000, 0, -3000 },
		{ INFO("T1202", "S", "30.00", ""), "dispute_reversal", "3C", 3000, 0,
			3000 },
		{ INFO("T0106", "S", "-20.00", ""), "dispute", "3C", -2000, 0, -2000 },
		{ INFO("T0107", "S", "-1.00", ""), "fee", "3C", -100, 0, -100 },
		{ INFO("T0400", "S", "-99.00", ""), "payout", "9X", -9900, 0, -9900 },
		{ INFO("T0400", "S", "99.00", ""), "payout_reversal", "3C", 9900, 0,
			9900 },
		{ INFO("T1110", "S", "-30.00", ""), NULL, NULL, -3000, 0, -3000 },
		{ INFO("T1300", "S", "12.30", ""), NULL, NULL, 1230, 0, 1230 },
		{ INFO("T0006", "P", "12.30", ""), NULL, NULL, 1230, 0, 1230 },
		{ INFO("T9900", "S", "1.00", ""), "other", "3C", 100, 0, 100 },
	};
	const struct json *info;
	struct provider_txn t;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK(json_parse(op, cases[i].info, strlen(cases[i].info), &info) ==
			OK);
		CHECK(paypal_txn(op, info, &t));
		SAME(cases[i].category, t.reporting_category);
		SAME(cases[i].source, t.source_ref);
		SAME(cases[i].amount, t.amount);
		SAME(cases[i].fee, t.fee);
		SAME(cases[i].net, t.net);
		SAME(1024, t.order_hint);
		SAME("2026-11-20T10:00:00Z", stamp_text(op, t.created));
	}
}
