#!/usr/bin/env bats
# Money that is authorized first, comes by hand, or at the second attempt.
load helper
load money

setup_file() { money_up; }
teardown_file() { shop_down; }
setup() {
	STRIPE=$(cat "$RUN/stripe")
	curl -sS -X DELETE "http://$STRIPE/sim/faults" >/dev/null
	before=$(reserved)
}

authorized() {
	place --capture manual --method pm_card_visa "$@"
	worker
	assert_equal "$(state)" "authorized authorized"
}

status_of() { stripe GET "/v1/payment_intents/$(ref)" | jq -r '"\(.status) \(.amount_received)"'; }

@test "authorized, confirmed to the customer, captured by hand: paid, one posting, the fee known" {
	authorized
	assert_equal "$(mails_of)" order_confirmed
	run -0 shopctl payment capture "$order" --reason shipped --field asked
	assert_output 100.00
	worker
	assert_equal "$(state) $(status_of)" "paid captured succeeded 10000"
	assert_equal "$(postings)" "capture fee"
	clean
}

@test "captured in parts: each is posted, the order is paid with the last; one lost answer takes nothing twice" {
	authorized
	shopctl payment capture "$order" --amount 40EUR --reason 'first parcel' >/dev/null
	fault '{"kind": "timeout_after", "match": "POST /v1/payment_intents/*/capture"}'
	worker
	due
	worker
	assert_equal "$(state) $(status_of)" "authorized authorized requires_capture 4000"
	run -4 shopctl payment capture "$order" --amount 60.01EUR --reason greed
	assert_output --partial payment_capture_within_authorized
	shopctl payment capture "$order" --reason 'second parcel' >/dev/null
	worker
	assert_equal "$(state) $(status_of)" "paid captured succeeded 10000"
	assert_equal "$(postings)" "capture fee capture fee"
	clean
}

@test "the last part lets the rest go: the order is not paid, a person is asked" {
	authorized
	shopctl payment capture "$order" --amount 40EUR --final --reason 'the rest is gone' >/dev/null
	worker
	assert_equal "$(state) $(status_of)" "authorized captured succeeded 4000"
	assert_equal "$(incidents)" captured_in_part
	shopctl order cancel "$order" --reason 'the rest is gone' >/dev/null
	worker
	assert_equal "$(state) $(refunds)" "canceled captured succeeded 4000"
	assert_equal "$(reserved)" "$before"
	clean
}

@test "an authorization nobody captured runs out at the provider: the order is canceled, the stock free" {
	authorized
	sim advance '{"seconds": 604900}'
	due
	worker
	assert_equal "$(state) $(status_of)" "canceled canceled canceled 0"
	assert_equal "$(reserved)" "$before"
	clean
}

@test "a transfer pays the order once; the same line of the statement twice does nothing" {
	place --pay manual
	worker
	assert_equal "$(state)" "pending open"
	assert_equal "$(sql "SELECT expires_at > now() + interval '13 days' FROM orders WHERE id = $order")" t
	for replayed in false true; do
		run -0 shopctl payment match "$order" --amount 100EUR --reference "SEPA $order" --reason statement --field replayed
		assert_line "$replayed"
	done
	worker
	assert_equal "$(state) $(postings)" "paid captured capture"
	assert_equal "$(sql "SELECT count(*) FROM provider_op WHERE order_id = $order AND kind = 'payment.create'")" 1
	clean
}

@test "an invoice nobody paid runs out like any order" {
	place --pay manual
	worker
	run_out
	worker
	assert_equal "$(state)" "expired canceled"
	clean
}

@test "a second attempt with another card: the first intent is canceled first, then the card pays" {
	place
	worker
	first=$(ref)
	run -0 shopctl payment retry "$order" --method pm_card_visa --field waits_for
	assert_line "$order"
	worker
	assert_equal "$(stripe GET "/v1/payment_intents/$first" | jq -r .status)" canceled
	assert_equal "$(sql "SELECT string_agg(state || ' ' || applied, ', ' ORDER BY id) FROM payment WHERE order_id = $order")" \
		"canceled false, captured true"
	assert_equal "$(sql "SELECT state FROM orders WHERE id = $order")" paid
	clean
}

@test "a currency of three decimals is charged in steps of ten: refused when it is ordered" {
	sql "INSERT INTO price (variant_id, currency, amount) VALUES (2, 'KWD', 4321)"
	run -4 shopctl order place --line CAT-1KG:1 --currency KWD --email ada@example.com
	assert_output --partial order_total_can_be_charged
	run -0 shopctl order place --line CAT-1KG:10 --currency KWD --email ada@example.com --field total
	assert_output 43.210
	run -0 shopctl order place --line CAT-1KG:1 --currency KWD --email ada@example.com --pay manual --field total
	assert_output 4.321
	run -64 shopctl order place --line CAT-1KG:1 --email ada@example.com --pay nobody
	assert_output --partial provider_is_known
}
