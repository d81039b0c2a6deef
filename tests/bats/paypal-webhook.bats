#!/usr/bin/env bats
# PayPal's webhooks: verified by a certificate that a worker fetched, or not kept at all.
load helper
load money
load paypal

setup_file() {
	money_up
	http_address
	paypal_up --webhook-url "http://$HTTP/v1/webhooks/paypal"
	start_httpd
}
teardown_file() { shop_down; }
setup() {
	STRIPE=$(cat "$RUN/stripe")
	PAYPAL=$(cat "$RUN/paypal")
	http_address
}

event() { # ID
	printf '{"id": "%s", "event_type": "CHECKOUT.ORDER.APPROVED", "resource_version": "2.0", "resource": {"id": "5O190127TN364715T"}}' "$1"
}
stored() { sql "SELECT count(*) FROM webhook_event WHERE provider = 'paypal'"; }
certificates() { sql "SELECT coalesce(string_agg(state, ' ' ORDER BY id), '') FROM webhook_certificate"; }
is_paid() {
	worker
	[ "$(state)" = "paid captured" ]
}

@test "an order is placed, agreed to and paid, and only webhooks told" {
	place --pay paypal
	worker
	assert_equal "$(state)" "pending open"
	sql "DELETE FROM job_later WHERE kind = 'payment.sync'"
	approve
	# the first finds no certificate here, is not kept, and comes again
	wait_until 20 is_paid
	assert_equal "$(certificates)" good
	assert_equal "$(postings)" "capture fee"
	run sql "SELECT count(*) > 0 FROM webhook_event WHERE provider = 'paypal' AND NOT livemode
		AND convert_from(body, 'UTF8')::jsonb->>'id' = event_id AND type = 'CHECKOUT.ORDER.APPROVED'"
	assert_output t
	clean
}

@test "what PayPal signed is kept byte for byte, once" {
	before=$(stored)
	present "$(event WH-1)"
	assert_equal "$status$body" "200{}"
	present "$(event WH-1)"
	assert_equal "$status" 200
	assert_equal "$(stored)" $((before + 1))
	assert_equal "$(sql "SELECT type, object_id, api_version, deliveries FROM webhook_event WHERE event_id = 'WH-1'")" \
		"CHECKOUT.ORDER.APPROVED|5O190127TN364715T|2.0|2"
	assert_equal "$(sql "SELECT convert_from(body, 'UTF8') FROM webhook_event WHERE event_id = 'WH-1'")" "$(event WH-1)"
	present 'no event at all'
	assert_equal "$status" 200
	assert_equal "$(sql "SELECT state FROM webhook_event WHERE type = 'unreadable'")" dead
}

@test "what PayPal did not sign is refused, and nothing of it is kept" {
	before=$(stored)
	authority other
	certificate stranger messageverificationcerts.paypal.com other
	refused() {
		"$@"
		[ "$status $(json .type)" = "400 urn:shop:rule:webhook_signature_is_valid" ] ||
			fail "$*: $status $body"
	}
	refused present "$(event WH-bad)" "$PAYPAL_PKI/stranger.key"
	refused present "$(event WH-bad)" '' OTHERWEBHOOK
	refused present "$(event WH-bad)" '' '' '' '' "$(event WH-other)"
	refused present "$(event WH-bad)" '' '' https://evil.example/v1/notifications/certs/CERT-sim
	refused present "$(event WH-bad)" '' '' "http://$PAYPAL/v1/notifications/certs/../CERT-sim"
	refused present "$(event WH-bad)" '' '' '' 2026-01-01T00:00:00Z
	refused present "$(event WH-bad)" '' '' '' 2126-01-01T00:00:00Z
	refused request POST /v1/webhooks/paypal "$(event WH-bad)"
	assert_equal "$(stored)" "$before"
	assert_equal "$(certificates)" good
}

@test "a certificate that is not there is asked for, a few at most, and refused when it is none" {
	before=$(stored)
	for i in {1..25}; do
		present "$(event WH-bad)" '' '' "http://$PAYPAL/v1/notifications/certs/CERT-$i"
		assert_equal "$status $(json .type)" "503 urn:shop:rule:webhook_certificate_is_here"
	done
	assert_equal "$(certificates)" "good$(printf ' wanted%.0s' {1..20})"
	present "$(event WH-2)"
	assert_equal "$status" 200
	worker
	assert_equal "$(certificates)" "good$(printf ' refused%.0s' {1..20})"
	present "$(event WH-bad)" '' '' "http://$PAYPAL/v1/notifications/certs/CERT-1"
	assert_equal "$status" 400
	assert_equal "$(stored)" $((before + 1))
	sql "UPDATE webhook_certificate SET judged_at = judged_at - interval '61 minutes'"
	present "$(event WH-bad)" '' '' "http://$PAYPAL/v1/notifications/certs/CERT-25"
	assert_equal "$status" 503
	assert_equal "$(certificates)" "good wanted"
}

@test "a certificate whose time is over is not believed any more" {
	sql "DELETE FROM webhook_certificate WHERE state <> 'good'; UPDATE webhook_certificate
		SET valid_until = now() - interval '1 s', judged_at = now() - interval '1 day'"
	present "$(event WH-3)"
	assert_equal "$status" 400
	assert_equal "$(certificates)" wanted
	worker
	present "$(event WH-3)"
	assert_equal "$status" 200
}

@test "the storefront is told where the customer agrees" {
	shopctl api-client create tests --scope checkout --field key -q >"$RUN/key"
	API_KEY=$(cat "$RUN/key")
	request POST /v1/checkouts '{"customer": {"email": "ada@example.com"}, "lines": [{"sku": "DOG-5KG", "qty": 1}],
		"currency": "EUR", "expected_total": {"amount": 5000, "currency": "EUR"}, "payment": {"provider": "paypal"}}' -H 'Idempotency-Key: paypal-1'
	assert_equal "$status" 201
	order=$(json .id)
	worker
	request GET "/v1/checkouts/$order"
	assert_equal "$(json '.payment.next_action | .type + " " + .url')" "redirect http://$PAYPAL/checkoutnow?token=$(ref)"
}
