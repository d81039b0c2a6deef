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

TWILIO=${SHOP_DATA:-$ROOT/../shared/data}/contracts/twilio/twilio_api_v2010.json

sms_contract() {
	[ -e "$TWILIO" ] || skip "no contract at $TWILIO"
	/usr/bin/python3 -c 'import jsonschema' || skip "python3-jsonschema is missing"
	run /usr/bin/python3 "$ROOT/tests/sim/twilio-contract.py" "$TWILIO" "$RUN/sms/wire" "$@"
}

@test "every call for a short message and every answer of its simulator is as its provider describes it" {
	[ -e "$TWILIO" ] || skip "no contract at $TWILIO"
	mkdir "$RUN/sms"
	start sms "$ROOT/tests/sim/twilio-sim" "$RUN/sms"
	wait_until 15 test -s "$RUN/sms/port"
	(umask 077 && echo token >"$RUN/token")
	export SHOP_SMS_BASE_URL SHOP_SMS_ACCOUNT_SID=AC00000000000000000000000000000000 \
		SHOP_SMS_AUTH_TOKEN_FILE=$RUN/token SHOP_SMS_FROM=+15005550006 \
		SHOP_SMS_WEBHOOK_URL=https://shop.example.com/v1/webhooks/sms
	SHOP_SMS_BASE_URL=http://127.0.0.1:$(cat "$RUN/sms/port")
	sql "UPDATE quiet_hours SET begins = ends;
		INSERT INTO preference VALUES ('sms@example.com', 'transactional', 'sms', true, now(), 'test');
		INSERT INTO orders (id, client_id, key, fingerprint, state, currency, subtotal, total, expires_at)
		SELECT i, 0, 'sms' || i, 'f', 'shipped', 'EUR', 5998, 5998, now() FROM generate_series(1, 4) i;
		INSERT INTO order_contact (order_id, name, email, phone)
		SELECT i, 'Jane', 'sms@example.com', '+49 151 2345678' FROM generate_series(1, 4) i"
	send() { # FAULT ORDER
		echo "$1" >"$RUN/sms/fault"
		sql "SELECT notify('shipped', $2, $2); UPDATE notification SET state = 'suppressed'
			WHERE channel = 'email' AND order_id = $2" >/dev/null
		PGUSER=shop_worker "$BUILD/shop-worker" run --once --queue notification 2>>"$RUN/worker.log"
		due
		PGUSER=shop_worker "$BUILD/shop-worker" run --once --queue notification 2>>"$RUN/worker.log"
	}
	send 'none 1' 1
	send 'cut 1' 2 # asks whether it is there
	send 'busy 1' 3
	send '21610 1' 4
	sms_contract post get
	assert_output ''
	assert_equal "$(jq -r '"\(.method) \(.status)"' "$RUN/sms/wire" | sort -u | xargs)" \
		'get 200 post 201 post 400 post 429'
	[ "$status" = 0 ]
}

@test "a call for a short message or an answer that deviates is named" {
	mkdir -p "$RUN/sms"
	{
		jq -nc '{method: "post", path: "/2010-04-01/Messages.json", form: {Colour: "red", From: "x"},
			status: 201, answer: {sid: "SM1", status: "gone", colour: "red"}}'
		jq -nc '{method: "post", path: "/2010-04-01/Messages.json", form: {To: "+1"}, status: 400, answer: {code: "x"}}'
		jq -nc '{method: "post", path: "/2010-04-01/Messages.json", form: {To: "+1"}, status: 202, answer: {}}'
	} >"$RUN/sms/wire"
	sms_contract get
	[ "$status" = 1 ]
	assert_line 'get: never seen'
	assert_line 'post: /2010-04-01/Messages.json: no such path'
	assert_line 'post: Colour: no such parameter'
	assert_line 'post: no To'
	assert_line --partial 'post: 201: sid: '
	assert_line --partial 'post: 201: status: '
	assert_line --partial "'colour' was unexpected"
	assert_line --partial "post: 400: code: 'x' is not of type 'integer'"
	assert_line 'post: 202: no such answer'
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
