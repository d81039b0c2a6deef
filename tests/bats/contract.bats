# What passes between us and the payment provider, against its own published description.

load helper
load money

CONTRACTS=${SHOP_DATA:-$ROOT/../shared/data}/contracts/stripe

setup_file() {
	money_up --fee-seconds 0
	start recorder /usr/bin/python3 "$ROOT/tests/sim/stripe-sim/recorder.py" "$(cat "$RUN/stripe")" \
		"$RUN/recorder.port" "$RUN/wire"
	ready recorder "test -s '$RUN/recorder.port'"
}
teardown_file() { shop_down; }

setup() {
	STRIPE=$(cat "$RUN/stripe")
	SHOP_STRIPE_BASE_URL=http://127.0.0.1:$(cat "$RUN/recorder.port")
	export SHOP_STRIPE_BASE_URL
}

# What contract.py says of the calls that were recorded; the lists of the log may be another.
contract() { run "$@" /usr/bin/python3 "$ROOT/tests/sim/stripe-sim/contract.py" "$CONTRACTS" --wire "${LOG:-$RUN/wire}" "${calls[@]}"; }

# Every call of the endpoint tables of stripe.c, stripe_list.c and stripe_events.c.
calls=(
	"GET /v1/balance"
	"GET /v1/balance_transactions"
	"GET /v1/disputes/{dispute}"
	"GET /v1/events"
	"GET /v1/payment_intents/search"
	"GET /v1/payment_intents/{intent}"
	"GET /v1/payouts"
	"GET /v1/refunds"
	"GET /v1/refunds/{refund}"
	"POST /v1/disputes/{dispute}"
	"POST /v1/disputes/{dispute}/close"
	"POST /v1/payment_intents"
	"POST /v1/payment_intents/{intent}/cancel"
	"POST /v1/payment_intents/{intent}/capture"
	"POST /v1/refunds"
)

# Everything that we ever ask: sales of each sort, refunds, losses, disputes, payouts.
live() {
	place # paid in the browser, refunded in two ways
	worker
	pay pm_card_pendingRefund >/dev/null
	hook payment_intent.succeeded "$(ref)" >/dev/null
	worker
	shopctl refund create "$order" --amount 5.00EUR --reason test >/dev/null
	worker
	hook refund.updated "$(sql "SELECT provider_ref FROM refund WHERE order_id = $order")" >/dev/null
	fault '{"kind": "500_after", "match": "POST /v1/refunds"}'
	shopctl refund create "$order" --amount 6.00EUR --reason test >/dev/null
	worker
	due && worker
	fault '{"kind": "500_after", "match": "POST /v1/payment_intents"}'
	place # lost, looked for, found; then canceled
	worker
	due && worker
	shopctl order cancel "$order" --reason test >/dev/null
	worker
	place --method pm_card_visa --capture manual
	worker
	shopctl payment capture "$order" --amount 30.00EUR --reason test >/dev/null
	worker
	place --method pm_card_createDispute
	worker
	for _ in 1 2; do
		hook charge.dispute.created "$(stripe GET /v1/disputes | jq -r '.data[0].id')" >/dev/null
		worker --queue dispute
	done
	dispute=$(sql 'SELECT id FROM dispute')
	shopctl dispute evidence "$dispute" --field customer_name=Ada >/dev/null
	worker --queue dispute
	shopctl dispute accept "$dispute" --reason test --yes >/dev/null
	worker --queue dispute
	sim payouts '{"currency":"eur","pending":true}'
	shopctl payment reconcile --since 3d --format json >"$RUN/differences" || true
	shopctl webhook gaps --since 3d --fetch >/dev/null || true
	worker
}

@test "every call of ours and every answer of the simulator is as the provider describes it" {
	[ -d "$CONTRACTS" ] || skip "no contracts at $CONTRACTS"
	/usr/bin/python3 -c 'import jsonschema, yaml' || skip "python3-jsonschema or python3-yaml is missing"
	live
	contract
	assert_success
}

@test "a call or an answer that deviates is named" {
	[ -d "$CONTRACTS" ] || skip "no contracts at $CONTRACTS"
	/usr/bin/python3 -c 'import jsonschema, yaml' || skip "python3-jsonschema or python3-yaml is missing"
	line() { jq -nc --arg m "$1" --arg p "$2" --arg b "$3" '{method: $m, path: $p, body: $b, status: 200,
		answer: "{\"object\":\"refund\",\"id\":5}", headers: {Authorization: "Bearer x", "Stripe-Version": "2023-08-16"}}'; }
	{
		line POST /v1/refunds 'amount=1.5&colour=red&reason=fun'
		line GET '/v1/payouts?limit=all' ''
		line GET /v1/nothing ''
	} >"$RUN/deviant"
	calls=("POST /v1/customers")
	LOG=$RUN/deviant contract -1
	assert_line "POST /v1/refunds: amount=1.5: no integer"
	assert_line "POST /v1/refunds: colour=red: no such parameter"
	assert_line --partial "POST /v1/refunds: reason=fun: none of"
	assert_line "POST /v1/refunds: no Idempotency-Key"
	assert_line "GET /v1/payouts: limit=all: no integer"
	assert_line "GET /v1/nothing: no such call"
	assert_line "POST /v1/customers: never seen"
	assert_line --partial "refund: id: 5 is not of type"
}

@test "the provider's own client takes the simulator for the provider" {
	command -v node npm >/dev/null || skip "node or npm is not there"
	mkdir -p "$RUN/npm"
	timeout -k 5 60 npm install --prefix "$RUN/npm" --cache "$RUN/npm/cache" --no-audit --no-fund \
		--ignore-scripts stripe@23.1.0 >"$RUN/npm.log" 2>&1 </dev/null ||
		skip "npm install stripe@23.1.0 did not come through in a minute"
	run -0 timeout -k 5 60 node "$ROOT/tests/sim/stripe-sim/client.js" "$RUN/npm" "$STRIPE" \
		"$(cat "$KEY_FILE")" "$(cat "$WEBHOOK_FILE")"
	assert_equal "$(tr '\n' ',' <<<"$output")" \
		"created once,confirmed,retrieved,refunded,canceled,declined,paid out,webhooks verified,"
	# what we send that the description does not know, the client's types know
	for word in request_multicapture final_capture; do
		grep -rqs "$word" --include='*.d.ts' "$RUN/npm/node_modules/stripe"
	done
}
