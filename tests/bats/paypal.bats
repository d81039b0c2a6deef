#!/usr/bin/env bats
# Payments by PayPal: agreed to there, captured by us, and never paid before that.
load helper
load money
load paypal

# An order of 100.00 EUR that waits for its buyer at PayPal.
ordered() {
	place --pay paypal "$@"
	worker
	assert_equal "$(state)" "pending open"
}

@test "the customer is sent to PayPal, agrees, and pays once we captured - not before" {
	ordered
	run sql "SELECT next_action->>'type', next_action->>'url' FROM payment WHERE id = $order"
	assert_output "redirect|http://$PAYPAL/checkoutnow?token=$(ref)"
	run paypal "/v2/checkout/orders/$(ref)"
	assert_equal "$(jq -r '[.intent, (.purchase_units[0] | .custom_id, .invoice_id, .amount.value)] | join(" ")' <<<"$output")" \
		"CAPTURE $order $order 100.00"
	approve
	assert_equal "$(state)" "pending open"
	phook CHECKOUT.ORDER.APPROVED "$(ref)"
	worker
	assert_equal "$(state)" "paid captured"
	assert_equal "$(postings)" "capture fee"
	assert_equal "$(mails_of)" order_confirmed
	run sql "SELECT string_agg(l.amount::text, ' ' ORDER BY l.amount) FROM ledger_entry e JOIN ledger_line l
		ON l.entry_id = e.id WHERE e.order_id = $order AND l.account = 'psp:clearing'"
	assert_output "-338 10000"
	assert_equal "$(of_order captures)" 1
	clean
}

@test "when no webhook comes, the payment is looked at and found all the same" {
	ordered
	approve
	due
	worker
	assert_equal "$(state)" "paid captured"
	clean
}

@test "the same event again, a twin and a late one change nothing" {
	ordered
	approve
	phook CHECKOUT.ORDER.APPROVED "$(ref)" "WH-$order"
	assert_equal "$(phook CHECKOUT.ORDER.APPROVED "$(ref)" "WH-$order")" t
	phook CHECKOUT.ORDER.APPROVED "$(ref)"
	worker
	phook PAYMENT.CAPTURE.COMPLETED "$(of_order captures '[0].id' | tr -d '"')"
	phook CHECKOUT.ORDER.APPROVED "$(ref)"
	worker
	assert_equal "$(state)" "paid captured"
	assert_equal "$(postings)" "capture fee"
	assert_equal "$(mails_of)" order_confirmed
	assert_equal "$(of_order captures)" 1
	run sql "SELECT DISTINCT state FROM webhook_event WHERE order_id = $order"
	assert_output processed
	clean
}

@test "the answer of create is lost: the same key brings the same order" {
	for kind in timeout_after 500_after 409; do
		pfault "{\"kind\": \"$kind\", \"match\": \"POST /v2/checkout/orders\"}"
		place --pay paypal
		worker
		assert_equal "$kind $(state)" "$kind pending new"
		due
		worker
		assert_equal "$kind $(state)" "$kind pending open"
		assert_equal "$kind $(of_order orders)" "$kind 1"
	done
	clean
}

@test "create was not executed: the same key again, and no attempt is lost" {
	for kind in 429 reset 500; do
		pfault "{\"kind\": \"$kind\", \"match\": \"POST /v2/checkout/orders\", \"count\": 2}"
		place --pay paypal
		worker
		for _ in 1 2; do due; worker; done
		assert_equal "$kind $(state)" "$kind pending open"
		assert_equal "$kind $(of_order orders)" "$kind 1"
	done
	clean
}

@test "a token that was taken back is asked for once more, within the call" {
	pfault '{"kind": "401", "match": "POST /v2/checkout/orders"}'
	ordered
	assert_equal "$(sql "SELECT attempts FROM provider_op WHERE payment_id = $order")" 1
	pfault '{"kind": "401", "match": "POST /v2/checkout/orders", "count": 2}'
	place --pay paypal
	worker
	assert_equal "$(state)" "pending new"
	due
	worker
	assert_equal "$(state)" "pending open"
	clean
}

@test "the answer of a capture is lost: paid once, by the same key or by a look" {
	for kind in timeout_after garbage; do
		ordered
		approve
		pfault "{\"kind\": \"$kind\", \"match\": \"*/capture\"}"
		phook CHECKOUT.ORDER.APPROVED "$(ref)"
		worker
		due
		worker
		assert_equal "$kind $(state)" "$kind paid captured"
		assert_equal "$kind $(of_order captures)" "$kind 1"
	done
	clean
}

@test "a capture whose key was forgotten is looked at, and not made again" {
	ordered
	approve
	pfault '{"kind": "timeout_after", "match": "*/capture"}'
	phook CHECKOUT.ORDER.APPROVED "$(ref)"
	worker
	assert_equal "$(state)" "pending open"
	psim advance '{"seconds": 25200}'
	age '7 hours'
	work
	assert_equal "$(state)" "paid captured"
	assert_equal "$(sql "SELECT string_agg(state || ' ' || attempts, ',') FROM provider_op
		WHERE kind = 'payment.capture' AND order_id = $order")" "done 1"
	assert_equal "$(of_order captures)" 1
	clean
}

@test "a declined instrument sends the customer back to PayPal, and the next one pays" {
	ordered
	approve declined
	phook CHECKOUT.ORDER.APPROVED "$(ref)"
	worker
	assert_equal "$(state)" "pending open"
	run sql "SELECT last_error, declines, approved, next_action->>'type' FROM payment WHERE id = $order"
	assert_output "INSTRUMENT_DECLINED|1|f|redirect"
	assert_equal "$(mails_of)" payment_failed
	approve
	phook CHECKOUT.ORDER.APPROVED "$(ref)"
	worker
	assert_equal "$(state)" "paid captured"
	clean
}

@test "a capture that PayPal reviews is processing, and ends as the review does" {
	for good in true false; do
		ordered
		approve pending
		phook CHECKOUT.ORDER.APPROVED "$(ref)"
		worker
		assert_equal "$(state)" "pending processing"
		capture=$(of_order captures '[0].id' | tr -d '"')
		psim conclude "{\"id\": \"$capture\", \"good\": $good}"
		phook PAYMENT.CAPTURE.COMPLETED "$capture" # of what kind it is tells PayPal itself
		worker
		[ $good = true ] || break
		assert_equal "$(state)" "paid captured"
		assert_equal "$(postings)" "capture fee"
	done
	assert_equal "$(state)" "pending open"
	assert_equal "$(sql "SELECT declines FROM payment WHERE id = $order")" 1
	clean
}

@test "an order that nobody agreed to expires; agreeing later takes no money" {
	ordered
	run_out
	worker
	assert_equal "$(state)" "expired canceled"
	approve
	phook CHECKOUT.ORDER.APPROVED "$(ref)"
	worker
	assert_equal "$(state)" "expired canceled"
	assert_equal "$(of_order captures)" 0
	clean
}

@test "another amount than the order's is never paid, and goes back" {
	ordered
	approve short
	phook CHECKOUT.ORDER.APPROVED "$(ref)"
	worker
	assert_equal "$(state)" "pending captured"
	assert_regex "$(incidents)" payment_mismatch
	clean
}

@test "a refund goes to the capture; its answer may be lost, the money goes back once" {
	ordered
	approve
	phook CHECKOUT.ORDER.APPROVED "$(ref)"
	worker
	for kind in timeout_after 409 500_after; do
		pfault "{\"kind\": \"$kind\", \"match\": \"*/refund\"}"
		shopctl refund create "$order" --amount 10EUR --reason test --idempotency-key "$kind" --yes
		worker
		due
		worker
	done
	assert_equal "$(refunds)" "succeeded 1000, succeeded 1000, succeeded 1000"
	assert_equal "$(objects refunds "._.order == \"$(ref)\"")" 3
	pfault '{"kind": "timeout_after", "match": "*/refund"}'
	shopctl refund create "$order" --amount 20EUR --reason test --yes
	worker
	psim advance '{"seconds": 3974400}'
	age '46 days'
	work
	assert_equal "$(refunds)" "succeeded 1000, succeeded 1000, succeeded 1000, succeeded 2000"
	assert_equal "$(objects refunds "._.order == \"$(ref)\"")" 4
	clean
}

@test "a refund that PayPal ends otherwise than it began is followed" {
	ordered
	approve refunds_late
	phook CHECKOUT.ORDER.APPROVED "$(ref)"
	worker
	shopctl refund create "$order" --amount 10EUR --reason test --yes
	worker
	assert_equal "$(refunds)" "pending 1000"
	refund=$(objects refunds "._.order == \"$(ref)\"" '[0].id' | tr -d '"')
	psim conclude "{\"id\": \"$refund\", \"good\": true}"
	phook PAYMENT.CAPTURE.REFUNDED "$refund"
	worker
	assert_equal "$(refunds)" "succeeded 1000"
	psim conclude "{\"id\": \"$refund\", \"good\": false}"
	phook PAYMENT.REFUND.FAILED "$refund"
	worker
	assert_equal "$(refunds)" "failed 1000"
	assert_equal "$(incidents)" refund_failed
	clean
}

@test "money that is only promised: authorized, captured in parts, the rest let go" {
	ordered --capture manual
	approve
	pfault '{"kind": "timeout_after", "match": "*/authorize"}'
	phook CHECKOUT.ORDER.APPROVED "$(ref)"
	worker
	due
	worker
	assert_equal "$(state)" "authorized authorized"
	assert_equal "$(of_order authorizations) $(of_order captures)" "1 0"
	run sql "SELECT capture_before > now() + interval '28 days' FROM payment WHERE id = $order"
	assert_output t
	sql "SELECT payment_capture($order, 6000, false)" >/dev/null
	pfault '{"kind": "timeout_after", "match": "*/capture"}'
	worker
	due
	worker
	assert_equal "$(state) $(sql "SELECT captured FROM payment WHERE id = $order")" "authorized authorized 6000"
	assert_equal "$(of_order captures)" 1
	sql "SELECT payment_capture($order, 4000, true)" >/dev/null
	worker
	assert_equal "$(state)" "paid captured"
	assert_equal "$(of_order captures)" 2
	clean
}

@test "a promise that is not wanted any more is voided" {
	ordered --capture manual
	approve
	phook CHECKOUT.ORDER.APPROVED "$(ref)"
	worker
	assert_equal "$(state)" "authorized authorized"
	shopctl order cancel "$order" --reason test --yes
	pfault '{"kind": "timeout_after", "match": "*/void"}'
	worker
	due
	worker
	assert_equal "$(state)" "canceled canceled"
	run of_order authorizations '[0].status'
	assert_output '"VOIDED"'
	clean
}

@test "what we ask, and what the simulator answers, is as PayPal describes it" {
	described
	for route in orders orders/:id/capture orders/:id/authorize; do
		assert_output --regexp "[0-9]+ POST /v2/checkout/$route\b"
	done
	assert_output --regexp '[0-9]+ refund\b'
	jq '.requests[0].body.colour = 1 | .objects.capture[0].amount.value = "x"' "$RUN/seen.json" >"$RUN/broken.json"
	run -1 /usr/bin/python3 "$ROOT/tests/sim/paypal-sim/contract.py" "$contracts" <"$RUN/broken.json"
	assert_line --partial ".colour: no such member"
	assert_line --partial "capture: amount.value"
}
