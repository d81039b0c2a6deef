#!/usr/bin/env bats
# Payments: created once, whatever gets lost; declined, authenticated, found again.
load helper
load money

setup_file() { money_up; }
teardown_file() { shop_down; }
setup() { STRIPE=$(cat "$RUN/stripe"); curl -sS -X DELETE "http://$STRIPE/sim/faults" >/dev/null; }

@test "a new order becomes one PaymentIntent that names it, and the storefront can confirm it" {
	place
	worker
	assert_equal "$(state)" "pending open"
	assert_equal "$(intents)" 1
	run intents '' ' | .[0] | [.amount, .currency, .metadata.payment_id] | join(" ")'
	assert_output "\"10000 eur $order\""
	run sql "SELECT client_secret LIKE provider_ref || '_secret_%' FROM payment WHERE id = $order"
	assert_output t
	clean
}

@test "the customer pays, the webhook says so: paid once, confirmed once, stock committed" {
	place
	worker
	assert_equal "$(pay)" succeeded
	hook payment_intent.succeeded "$(ref)"
	worker
	assert_equal "$(state)" "paid captured"
	assert_equal "$(mails_of)" order_confirmed
	assert_equal "$(postings)" "capture fee"
	run sql "SELECT string_agg(DISTINCT stock_state, ',') FROM order_line WHERE order_id = $order"
	assert_output committed
	clean
}

@test "a saved method is charged off session" {
	place --method pm_card_visa
	worker
	assert_equal "$(state)" "paid captured"
	assert_equal "$(postings)" "capture fee"
	clean
}

@test "a decline goes back to the customer, who is told once, and a later success pays" {
	place --method pm_card_chargeDeclined
	worker
	assert_equal "$(state)" "pending open"
	assert_equal "$(mails_of)" payment_failed
	hook payment_intent.payment_failed "$(ref)"
	worker
	assert_equal "$(pay pm_card_chargeDeclinedExpiredCard)" expired_card
	hook payment_intent.payment_failed "$(ref)"
	worker
	assert_equal "$(mails_of)" payment_failed
	assert_equal "$(sql "SELECT declines FROM payment WHERE id = $order")" 2
	assert_equal "$(pay)" succeeded
	hook payment_intent.succeeded "$(ref)"
	worker
	assert_equal "$(state)" "paid captured"
	clean
}

@test "authentication required off session: the storefront is asked to have the customer do it" {
	place --method pm_card_authenticationRequired
	worker
	assert_equal "$(state)" "pending open"
	run sql "SELECT next_action->>'type', last_error, client_secret IS NOT NULL FROM payment WHERE id = $order"
	assert_output "authenticate|authentication_required|t"
	clean
}

@test "the answer of create is lost, the call was executed: found by the same key, one object" {
	for kind in timeout_after reset_after truncate garbage huge 503_after; do
		fault "{\"kind\": \"$kind\", \"match\": \"POST /v1/payment_intents\"}"
		place
		worker
		assert_equal "$kind $(state)" "$kind pending new"
		run sql "SELECT state FROM provider_op WHERE payment_id = $order"
		assert_output unknown
		due
		worker
		assert_equal "$kind $(state)" "$kind pending open"
		assert_equal "$kind $(intents)" "$kind 1"
	done
	clean
}

@test "the call was not executed: the same key again, and no attempt is lost" {
	for kind in 429 429_lock 503 timeout_before reset; do
		fault "{\"kind\": \"$kind\", \"match\": \"POST /v1/payment_intents\", \"count\": 3}"
		place
		worker
		for _ in 1 2 3; do due; worker; done
		assert_equal "$kind $(state)" "$kind pending open"
		assert_equal "$kind $(intents)" "$kind 1"
		assert_equal "$(sql "SELECT count(*) FROM provider_op WHERE payment_id = $order")" 1
	done
	clean
}

@test "case 9: a cached 500 is not repeated but looked up: what was made is adopted" {
	fault '{"kind": "500_after", "match": "POST /v1/payment_intents"}'
	place
	worker
	assert_equal "$(state)" "pending new"
	due
	worker
	assert_equal "$(state)" "pending open"
	assert_equal "$(intents)" 1
	assert_equal "$(sql "SELECT attempts FROM provider_op WHERE payment_id = $order")" 1
	clean
}

@test "a 500 that made nothing never makes a second attempt; the order expires and frees its stock" {
	local before
	before=$(reserved)
	fault '{"kind": "500", "match": "POST /v1/payment_intents"}'
	place
	worker
	for _ in 1 2; do due; worker; done
	run_out
	worker
	assert_equal "$(state)" "expiring new"
	# long after the call nothing can still be on its way
	sql "UPDATE provider_op SET last_sent_at = now() - interval '13 min' WHERE payment_id = $order"
	due
	worker
	assert_equal "$(state)" "expired abandoned"
	assert_equal "$(intents)" 0
	assert_equal "$(reserved)" "$before"
	clean
}

@test "a create that is refused for good ends the payment and tells the customer" {
	place --method pm_no_such_method
	worker
	assert_equal "$(state)" "pending abandoned"
	assert_equal "$(mails_of)" payment_failed
	run_out
	worker
	assert_equal "$(state)" "expired abandoned"
	clean
}

@test "the wrong key: nothing is executed, nothing is lost, and it works once the key is right" {
	printf 'sk_test_wrong' >"$RUN/wrong.key"
	chmod 600 "$RUN/wrong.key"
	place
	SHOP_STRIPE_KEY_FILE=$RUN/wrong.key worker
	assert_equal "$(state)" "pending new"
	due
	SHOP_STRIPE_KEY_FILE=$RUN/no-such-file worker
	assert_equal "$(state)" "pending new"
	assert_equal "$(sql "SELECT result FROM provider_op WHERE payment_id = $order")" secret_is_there
	due
	worker
	assert_equal "$(state)" "pending open"
	clean
}

@test "the key of a call was used with other bytes: a person is asked, nothing is sent anew" {
	place
	shopctl queue pause payment --reason test >/dev/null
	sql "SELECT api.payment_load($order, false, 10)" >/dev/null
	stripe POST /v1/payment_intents 'amount=777&currency=eur' >/dev/null
	curl -sS -X POST -H "Authorization: Bearer $(cat "$KEY_FILE")" -H 'Stripe-Version: 2023-08-16' \
		-H "Idempotency-Key: $(sql "SELECT idem_key FROM provider_op WHERE payment_id = $order")" \
		-d 'amount=777&currency=eur' "http://$STRIPE/v1/payment_intents" >/dev/null
	shopctl queue resume payment >/dev/null
	worker
	assert_equal "$(incidents)" provider_call_broken
	assert_equal "$(intents)" 0
	run shopctl dlq list --format ndjson
	assert_output --partial provider_call_is_accepted
	sql "DELETE FROM job_dead"
}

@test "case 8: killed between the provider's answer and the record: one object, whoever runs it next" {
	place
	SHOP_FAILPOINTS=op.after_response=kill run worker
	assert_equal "$(state)" "pending new"
	assert_equal "$(intents)" 1
	sql "SELECT api.payment_load($order, true, 10)" >/dev/null
	sql "UPDATE job_lease SET expires_at = now() - interval '1 s'"
	wait_until 10 eval 'worker; [ "$(state)" = "pending open" ]'
	assert_equal "$(intents)" 1
	clean
}

@test "killed when marked as sent but before the call: one call" {
	place
	SHOP_FAILPOINTS=op.sent=kill run worker
	assert_equal "$(intents)" 0
	sql "UPDATE job_lease SET expires_at = now() - interval '1 s'"
	wait_until 10 eval 'worker; [ "$(state)" = "pending open" ]'
	assert_equal "$(intents)" 1
	clean
}

@test "killed after the record was committed: doing it again changes nothing" {
	place --method pm_card_visa
	SHOP_FAILPOINTS=op.after_commit=kill run worker
	assert_equal "$(state)" "paid captured"
	sql "UPDATE job_lease SET expires_at = now() - interval '1 s'"
	wait_until 10 eval 'worker; [ "$(sql "SELECT count(*) FROM job_lease")" = 0 ]'
	assert_equal "$(postings)" "capture fee"
	assert_equal "$(mails_of)" order_confirmed
	assert_equal "$(intents)" 1
	clean
}

@test "a lease that would end before the answer: nothing is sent, and later it is" {
	place
	worker --lease 5
	assert_equal "$(state) $(intents)" "pending new 0"
	run sql "SELECT rule FROM job_later WHERE kind = 'payment.submit' AND subject = $order"
	assert_output lease_outlives_the_call
	due
	worker
	assert_equal "$(state) $(intents)" "pending open 1"
	clean
}

@test "too many requests for a while: no object twice, everything done after" {
	local -a orders=()
	fault '{"kind": "429", "match": "POST /v1/payment_intents", "count": 12}'
	for _ in 1 2 3 4; do place; orders+=("$order"); done
	for _ in 1 2 3 4 5; do worker; due; done
	worker
	for order in "${orders[@]}"; do
		assert_equal "$(state) $(intents)" "pending open 1"
	done
	run -0 shopctl dlq list --field id
	assert_output ""
	clean
}

@test "case 24: a second object for one payment is canceled, its money refunded, a person told" {
	place
	worker
	local key second
	key=$(sql "SELECT idem_key FROM provider_op WHERE payment_id = $order")
	second=$(stripe POST /v1/payment_intents "amount=10000&currency=eur&metadata[order_id]=$order&metadata[payment_id]=$order&metadata[op_key]=$key" | jq -r .id)
	pay pm_card_visa "$second"
	pay
	hook payment_intent.succeeded "$(ref)"
	worker
	hook payment_intent.succeeded "$second"
	worker
	assert_equal "$(state)" "paid captured"
	assert_equal "$(incidents)" second_payment_object
	assert_equal "$(refunds)" "succeeded 10000"
	clean

	place
	worker
	key=$(sql "SELECT idem_key FROM provider_op WHERE payment_id = $order")
	second=$(stripe POST /v1/payment_intents "amount=10000&currency=eur&metadata[order_id]=$order&metadata[payment_id]=$order&metadata[op_key]=$key" | jq -r .id)
	hook payment_intent.created "$second"
	worker
	due
	worker
	assert_equal "$(stripe GET "/v1/payment_intents/$second" | jq -r .status)" canceled
	assert_equal "$(state)" "pending open"
	clean
}

@test "case 25: paid in another amount: not paid, a person told, a refund proposed" {
	place
	worker
	stripe POST "/v1/payment_intents/$(ref)" 'amount=9900' >/dev/null
	pay
	hook payment_intent.succeeded "$(ref)"
	worker
	assert_equal "$(state)" "pending captured"
	assert_equal "$(incidents)" "payment_mismatch refund_awaits_approval"
	run_out
	worker
	assert_equal "$(state)" "expired captured"
	clean
}

@test "why tells the whole story" {
	shopctl queue history payment --days 1 >/dev/null
	place --method pm_card_visa
	worker
	run -0 shopctl order why "$order"
	assert_output --partial 'pending -> paid'
	assert_output --partial payment.create
	assert_output --partial 'cap:stripe:ch_'
	assert_output --partial reservation.expire
	assert_output --regexp 'payment\.submit.*done, try 1, by '
	run -0 shopctl payment show "$order" --format json
	assert_equal "$(jq -r '.calls[0].state' <<<"$output")" "done"
	run -0 shopctl payment list --order "$order" --field state
	assert_output captured
	run -3 shopctl payment show 999
	assert_output --partial 'there is no payment 999'
}
