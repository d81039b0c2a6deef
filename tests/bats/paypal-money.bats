#!/usr/bin/env bats
# PayPal beyond the payment: disputes, promises that are renewed, refunds in parts, its books.
load helper
load money
load paypal

# An order of 100.00 EUR that its buyer agreed to; what comes of it is FUNDING's.
agreed() { # FUNDING [OPTION...]
	place --pay paypal "${@:2}"
	worker
	approve "$1"
	phook CHECKOUT.ORDER.APPROVED "$(ref)" >/dev/null
	worker
}

capture() { of_order captures '[0].id' | tr -d '"'; }
dispute() { psim dispute "{\"capture\": \"$(capture)\"${1:+, $1}}"; pp=$(objects disputes "._.capture == \"$(capture)\"" '[-1].id' | tr -d '"'); }
ruled() { psim dispute "{\"dispute\": \"$pp\", \"outcome\": \"$1\"}"; }
# As the door stores it: a dispute has no id but a dispute_id.
tell() { for type; do phook "CUSTOMER.DISPUTE.$type" "$pp" >/dev/null; done; worker --queue dispute; }
number() { sql "SELECT id FROM dispute WHERE provider_ref = '$pp'"; }
standing() { sql "SELECT o.state || ' ' || d.state FROM dispute d JOIN orders o ON o.id = d.order_id WHERE d.provider_ref = '$pp'"; }
# What our books, and PayPal's, say of the order's money there.
balance() { sql "SELECT sum(l.amount) FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
	WHERE l.account = 'psp:clearing' AND e.order_id = $order"; }

@test "a claim takes money and its fee, holds the order, is answered once and won" {
	agreed good
	dispute
	tell CREATED UPDATED CREATED
	assert_equal "$(standing)" "on_hold needs_response"
	assert_equal "$(balance)" $((10000 - 338 - 10000 - 2000))
	run -4 shopctl refund create "$order" --reason test --yes
	assert_output --partial refund_not_while_disputed
	run sql "SELECT evidence_due_by > now() + interval '9 days' FROM dispute WHERE provider_ref = '$pp'"
	assert_output t
	shopctl dispute evidence "$(number)" --field return_policy='30 days'
	worker --queue dispute
	assert_equal "$(objects disputes ".id == \"$pp\"" '[0].evidences')" null # PayPal keeps no drafts
	pfault '{"kind": "timeout_after", "match": "*/provide-evidence"}'
	shopctl dispute evidence "$(number)" --field tracking_number=1Z999 --field carrier_name=UPS --submit
	worker --queue dispute
	due
	worker --queue dispute
	assert_equal "$(standing)" "on_hold under_review"
	assert_equal "$(objects disputes ".id == \"$pp\"" '[0].evidences | map(.evidence_type)' | jq -c .)" \
		'["PROOF_OF_FULFILLMENT","RETURN_POLICY"]'
	ruled RESOLVED_SELLER_FAVOUR
	tell RESOLVED UPDATED
	assert_equal "$(standing) $(balance)" "paid won $((10000 - 338))"
	clean
}

@test "an inquiry moves nothing until we give in; what it took is lost" {
	agreed good
	dispute '"stage": "INQUIRY", "value": "40.00"'
	tell CREATED
	assert_equal "$(standing) $(balance)" "on_hold warning_needs_response $((10000 - 338))"
	shopctl dispute accept "$(number)" --reason 'never shipped' --yes
	worker --queue dispute
	assert_equal "$(standing) $(balance)" "on_hold lost $((10000 - 338 - 4000 - 2000))"
	assert_equal "$(sql "SELECT lost FROM dispute WHERE provider_ref = '$pp'")" 4000
	clean
}

@test "money that is no longer sure is promised anew before it is taken, and goes back in parts" {
	agreed unsure --capture manual
	assert_equal "$(state)" "authorized authorized"
	psim advance '{"seconds": 345600}'
	age '4 days'
	sql "SELECT payment_capture($order, 6000, false), payment_capture($order, 4000, true)" >/dev/null
	pfault '{"kind": "500_after", "match": "*/reauthorize"}'
	worker
	for _ in 1 2 3; do due; worker; done
	assert_equal "$(state)" "paid captured"
	assert_equal "$(of_order authorizations ' | map(.status)' | jq -c .)" '["VOIDED","CAPTURED"]'
	assert_equal "$(curl -sS "http://$PAYPAL/sim/state?objects=0" | jq .counters.idempotency_mismatches)" null
	run sql "SELECT string_agg(ref_amount, ' ') FROM (SELECT amount::text AS ref_amount FROM payment_part
		WHERE payment_id = $order ORDER BY amount) x"
	assert_output "4000 6000"
	assert_equal "$(postings)" "capture fee capture fee"
	run -0 shopctl refund create "$order" --amount 90EUR --reason test --yes
	pfault '{"kind": "timeout_after", "match": "*/refund"}'
	worker
	due
	worker
	assert_equal "$(refunds)" "succeeded 6000, succeeded 3000"
	assert_equal "$(objects refunds "._.order == \"$(ref)\"")" 2
	refund=$(objects refunds "._.order == \"$(ref)\" and .amount.value == \"30.00\"" '[0].id' | tr -d '"')
	psim conclude "{\"id\": \"$refund\", \"good\": false}"
	phook PAYMENT.REFUND.FAILED "$refund" >/dev/null
	worker
	work
	assert_equal "$(refunds)" "succeeded 6000, failed 3000"
	clean
}

@test "the books are read in windows and agree; what is lost here is found there" {
	agreed fee_back
	shopctl refund create "$order" --amount 10EUR --reason test --yes
	worker
	psim withdraw '{"currency_code": "EUR", "value": "5.00"}'
	run -0 shopctl payment reconcile --provider paypal --since 90d
	assert_output --partial 'the books agree'
	run sql "SELECT string_agg(DISTINCT reporting_category, ' ' ORDER BY reporting_category) FROM provider_txn
		WHERE provider = 'paypal' AND entry_id IS NOT NULL AND (payment_ref = '$(ref)' OR type = 'T0400')"
	assert_output "charge payout refund"
	assert_equal "$(sql "SELECT count(*) FROM provider_txn WHERE entry_id IS NULL AND fee_entry_id IS NULL")" 0
	assert_equal "$(balance)" $((10000 - 338 - 1000 + 29))
	agreed good
	dispute # of which no event tells
	sql "SELECT job_put('reconcile.paypal', NULL)" >/dev/null
	worker --queue reconcile
	assert_equal "$(standing)" "on_hold needs_response"
	assert_equal "$(sql "SELECT differences FROM reconcile_run ORDER BY id DESC LIMIT 1")" 0
	pfault '{"kind": "429", "match": "GET /v1/reporting/transactions"}'
	run -69 shopctl payment reconcile --provider paypal
	sql "UPDATE provider_txn SET fee = fee + 1, net = net - 1 WHERE source_ref = '$(capture)' AND reporting_category = 'charge'"
	run -1 shopctl payment reconcile --provider paypal
	assert_output --partial fee_differs
	sql "UPDATE provider_txn SET fee = fee - 1, net = net + 1 WHERE source_ref = '$(capture)' AND reporting_category = 'charge'"
	run -64 shopctl payment reconcile --provider paypal --file /dev/null
	clean
}

@test "a token that is refused again and again is renewed once, not by every call" {
	for _ in 1 2 3 4 5 6; do place --pay paypal; done
	before=$(curl -sS "http://$PAYPAL/sim/state?objects=0" | jq '.calls["POST /v1/oauth2/token"].count')
	pfault '{"kind": "401", "match": "POST /v2/checkout/orders", "count": 12}'
	PGUSER=shop_worker timeout --foreground -k 5 60 "$BUILD/shop-worker" run --once --queue payment 2>>"$RUN/worker.log"
	after=$(curl -sS "http://$PAYPAL/sim/state?objects=0" | jq '.calls["POST /v1/oauth2/token"].count')
	assert_equal $((after - before)) 2
	assert_equal "$(sql "SELECT count(*) FROM provider_op WHERE state IN ('sent', 'unknown') AND kind = 'payment.create'")" 0
	curl -sS -X DELETE "http://$PAYPAL/sim/faults" >/dev/null
	due
	worker
	assert_equal "$(state)" "pending open"
}

@test "what we ask about disputes and promises is as PayPal describes it" {
	described
	for route in payments/authorizations/:id/reauthorize disputes/:id/provide-evidence disputes/:id/accept-claim; do
		assert_output --regexp "[1-9][0-9]* POST /v[12]/(customer/)?$route\b"
	done
	assert_output --regexp '[1-9][0-9]* dispute\b'
}
