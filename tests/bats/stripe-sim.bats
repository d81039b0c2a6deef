# The payment provider's simulator: what the other tests believe in.

load helper

SIM_KEY=sk_test_sim
SIM_SECRET=whsec_sim

setup_file() {
	receiver
	start sim "$BUILD/stripe-sim" --key $SIM_KEY --seed 7 --webhook-retry-ms 20 \
		--webhook-secret $SIM_SECRET --late-seconds 60 --fee-seconds 30
	ready sim "grep -q ^http: '$RUN/sim.log'"
}

teardown_file() {
	stop sim
	stop receiver
	run cat "$RUN/sim.log" # sanitizers would speak here
	[ "${#lines[@]}" = 1 ]
}

setup() {
	SIM=$(cat "$RUN/sim.log")
	control reset
	control webhook '{"url":null}'
	rm -f "$RUN"/hook.*
}

# A server that keeps each webhook as hook.N.headers and hook.N.body, and
# answers with the status that the file hook.status holds.
receiver() {
	cat >"$RUN/receiver.py" <<-'END'
		import http.server, itertools, os, sys, threading
		number, lock = itertools.count(1), threading.Lock()
		class Handler(http.server.BaseHTTPRequestHandler):
		    def do_POST(self):
		        body = self.rfile.read(int(self.headers["Content-Length"]))
		        with lock:
		            n = next(number)
		            open(f"hook.{n:06}.headers", "w").write(str(self.headers))
		            open("part", "wb").write(body)
		            os.rename("part", f"hook.{n:06}.body")
		        status = open("hook.status").read() if os.path.exists("hook.status") else "200"
		        self.send_response(int(status))
		        self.end_headers()
		    def log_message(self, *args): pass
		os.chdir(sys.argv[1])
		server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
		open("receiver.port", "w").write(str(server.server_port))
		server.serve_forever()
	END
	start receiver /usr/bin/python3 "$RUN/receiver.py" "$RUN"
	ready receiver "test -s '$RUN/receiver.port'"
}

listen_to_hooks() {
	control webhook "{\"url\":\"http://127.0.0.1:$(cat "$RUN/receiver.port")/hook\"}"
}

hooks() { find "$RUN" -name 'hook.*.body' | sort; }
hook_count() { [ "$(hooks | wc -l)" = "$1" ]; }
hook_types() { hooks | xargs -r cat | jq -r .type; }

# call METHOD PATH [curl options]: sets status, body and headers.
call() {
	local method=$1 path=$2
	shift 2
	curl_status=0
	status=$(curl -sS -g -m 20 -o "$RUN/body" -D "$RUN/headers" -w '%{http_code}' \
		-X "$method" "$@" "$SIM$path" 2>"$RUN/curl.err") ||
		curl_status=$?
	body=$(tr -d '\0' <"$RUN/body")
	headers=$(tr -d '\r' <"$RUN/headers")
	output=$headers$'\n\n'$body
}

api() {
	local method=$1 path=$2
	shift 2
	call "$method" "$path" -H "Authorization: Bearer $SIM_KEY" \
		-H 'Stripe-Version: 2024-06-20' "$@"
}

control() { curl -sS -m 10 -o "$RUN/control" -X POST --data-binary "${2-}" "$SIM/sim/$1"; }
advance() { control advance "{\"seconds\":$1}"; }
state() { curl -sS -m 10 "$SIM/sim/state" | jq -r "$1"; }
header() { sed -n "s/^$1: //ip" <<<"$headers"; }

# A payment of 10.00 with the test payment method, and its id in $pi.
pay() {
	local method=$1
	shift
	api POST /v1/payment_intents -d amount=1000 -d currency=usd -d confirm=true \
		-d payment_method="$method" -d capture_method=automatic "$@"
	pi=$(json '.id // .error.payment_intent.id')
}

intent() { api GET "/v1/payment_intents/$pi"; }

@test "it listens on loopback only and says what is wrong with its options" {
	run -64 "$BUILD/stripe-sim" --key sk_x --listen 0.0.0.0:0
	assert_output --partial 127.0.0.1:PORT
	run -64 "$BUILD/stripe-sim"
	run -64 "$BUILD/stripe-sim" --key pk_test_x
	run -64 "$BUILD/stripe-sim" --key sk_x --seed seven
	run -78 "$BUILD/stripe-sim" --secret-key-file "$RUN/none"
	run -0 "$BUILD/stripe-sim" --help
	assert_line --partial --webhook-url
}

@test "a request needs the key and a version" {
	call GET /v1/balance
	assert_equal "$status $(json .error.type)" "401 invalid_request_error"
	call GET /v1/balance -H 'Authorization: Bearer sk_test_other' -H 'Stripe-Version: 2024-06-20'
	assert_equal "$status" 401
	call GET /v1/balance -u $SIM_KEY:
	assert_equal "$status" 400
	for version in latest 2024-06-20x 2024-6-20; do
		call GET /v1/balance -u $SIM_KEY: -H "Stripe-Version: $version"
		assert_equal "$version $status" "$version 400"
	done
	call GET /v1/balance -u $SIM_KEY: -H 'Stripe-Version: 2024-06-20'
	assert_equal "$status $(header Stripe-Version)" "200 2024-06-20"
	assert_regex "$(header Request-Id)" '^req_'
	call GET /v1/balance -H 'Authorization: Bearer pk_test_x'
	assert_equal "$status $(json .error.code)" "403 secret_key_required"
}

@test "unknown addresses, parameters and objects are refused in the provider's shape" {
	api GET /v1/nothing
	assert_equal "$status $(json .error.type)" "404 invalid_request_error"
	api POST /v1/payment_intents -d amount=1000 -d currency=usd -d colour=red
	assert_equal "$status $(json .error.code) $(json .error.param)" "400 parameter_unknown colour"
	api POST /v1/payment_intents -d currency=usd
	assert_equal "$status $(json .error.code) $(json .error.param)" "400 parameter_missing amount"
	api POST /v1/payment_intents -d amount=1000 -d currency=xxq
	assert_equal "$status $(json .error.param)" "400 currency"
	for amount in 0 -1 1.5 1e3 '' 99999999999; do
		api POST /v1/payment_intents -d amount=$amount -d currency=usd
		assert_equal "$status $(json .error.param)" "400 amount"
	done
	api POST /v1/payment_intents -d amount=49 -d currency=usd
	assert_equal "$(json .error.code)" amount_too_small
	for pair in kwd:1001:400 kwd:1010:200 isk:150:400 isk:200:200 jpy:151:200; do
		IFS=: read -r currency amount wanted <<<"$pair"
		api POST /v1/payment_intents -d amount="$amount" -d currency="$currency"
		assert_equal "$pair $status" "$pair $wanted"
	done
	for path in payment_intents refunds charges events customers payment_methods \
		balance_transactions disputes; do
		api GET /v1/$path/xx_none
		assert_equal "$path $status $(json .error.code)" "$path 404 resource_missing"
	done
}

@test "an intent keeps what it was created with" {
	api POST /v1/payment_intents -d amount=1234 -d currency=eur -d 'metadata[order_id]=7' \
		-d 'metadata[note]=a%26b+c' -d 'payment_method_types[]=card' -d description=Shoes
	assert_equal "$status" 200
	assert_equal "$(json '[.amount,.currency,.status,.description,.livemode]|tojson')" \
		'[1234,"eur","requires_payment_method","Shoes",false]'
	assert_equal "$(json '.metadata|tojson')" '{"order_id":"7","note":"a&b c"}'
	assert_equal "$(json '.payment_method_types|tojson')" '["card"]'
	assert_equal "$(json .capture_method)" automatic_async
	pi=$(json .id) created=$body
	intent
	assert_equal "$body" "$created"
	api POST /v1/payment_intents/"$pi" -d amount=1300 -d 'metadata[order_id]=8' -d 'metadata[note]='
	assert_equal "$(json '[.amount,.metadata]|tojson')" '[1300,{"order_id":"8"}]'
	api POST /v1/payment_intents/"$pi" -d metadata=
	assert_equal "$(json '.metadata|tojson')" '{}'
	api POST /v1/payment_intents/"$pi" -d "metadata[$(printf 'k%.0s' {1..41})]=1"
	assert_equal "$status $(json .error.param)" "400 metadata"
}

@test "a browser confirms with the client secret and no other" {
	api POST /v1/payment_intents -d amount=1000 -d currency=usd
	pi=$(json .id) secret=$(json .client_secret)
	call POST "/v1/payment_intents/$pi/confirm" -d key=pk_test_x -d payment_method=pm_card_visa
	assert_equal "$status" 400
	call POST "/v1/payment_intents/$pi/confirm" -d key=pk_test_x -d client_secret="${secret}x" \
		-d payment_method=pm_card_visa
	assert_equal "$status $(json .error.param)" "400 client_secret"
	call GET "/v1/payment_intents/$pi?client_secret=$secret" -H 'Authorization: Bearer pk_test_x'
	assert_equal "$(json .status)" requires_payment_method
	call POST "/v1/payment_intents/$pi/confirm" -H 'Authorization: Bearer pk_test_x' \
		-d client_secret="$secret" -d payment_method=pm_card_mastercard
	assert_equal "$status $(json .status) $(json .amount_received)" "200 succeeded 1000"
	api GET "/v1/charges/$(json .latest_charge)"
	assert_equal "$(json '[.paid,.captured,.amount_captured,.payment_intent]|tojson')" \
		"[true,true,1000,\"$pi\"]"
	assert_equal "$(json '.payment_method_details.card|[.brand,.last4]|tojson')" '["mastercard","4444"]'
}

@test "a declined card asks for another one" {
	while read -r method code decline; do
		pay "$method"
		assert_equal "$status $(json .error.type)" "402 card_error"
		assert_equal "$(json .error.code) $(json .error.decline_code)" "$code $decline"
		assert_equal "$(json .error.payment_intent.status)" requires_payment_method
		intent
		assert_equal "$(json .last_payment_error.decline_code)" "$decline"
		assert_equal "$(json .payment_method)" null
		api GET "/v1/charges/$(json .latest_charge)"
		assert_equal "$(json .status) $(json .failure_code)" "failed $code"
	done <<-END
		pm_card_chargeDeclined card_declined generic_decline
		pm_card_visa_chargeDeclinedInsufficientFunds card_declined insufficient_funds
		pm_card_chargeDeclinedExpiredCard expired_card expired_card
	END
	api POST "/v1/payment_intents/$pi/confirm" -d payment_method=pm_card_visa
	assert_equal "$(json .status) $(json .last_payment_error)" "succeeded null"
	api POST "/v1/payment_intents/$pi/confirm" -d payment_method=pm_card_visa
	assert_equal "$status $(json .error.code)" "400 payment_intent_unexpected_state"
	pay pm_card_none
	assert_equal "$status $(json .error.param)" "400 payment_method"
	api POST /v1/payment_methods -d type=card -d 'card[number]=4242424242424242'
	assert_equal "$status" 402
}

@test "authentication is the customer's to give; off session it is a decline" {
	pay pm_card_authenticationRequired -d return_url=https://shop.example/return
	assert_equal "$status $(json .status) $(json .next_action.type)" \
		"200 requires_action redirect_to_url"
	curl -sS -o /dev/null "$(json .next_action.redirect_to_url.url)"
	intent
	assert_equal "$(json .status)" succeeded
	pay pm_card_authenticationRequired
	curl -sS -o /dev/null "$(json .next_action.redirect_to_url.url)&outcome=fail"
	intent
	assert_equal "$(json .status) $(json .last_payment_error.code)" \
		"requires_payment_method authentication_required"
	pay pm_card_authenticationRequired -d off_session=true
	assert_equal "$status $(json .error.code)" "402 authentication_required"
}

@test "a saved card is charged off session, and only for its owner" {
	api POST /v1/customers -d email=a@example.com -d 'metadata[id]=1'
	customer=$(json .id)
	api POST /v1/payment_methods -d type=card -d 'card[token]=tok_visa'
	method=$(json .id)
	api POST "/v1/payment_methods/$method/attach" -d customer="$customer"
	assert_equal "$(json .customer)" "$customer"
	pay "$method" -d off_session=true
	assert_equal "$status $(json .error.param)" "400 payment_method"
	pay "$method" -d off_session=true -d customer="$customer"
	assert_equal "$(json .status) $(json .customer)" "succeeded $customer"
	pay pm_card_visa -d customer=cus_none
	assert_equal "$status $(json .error.param)" "400 customer"
}

@test "a bank debit is processing first and concludes later" {
	pay pm_bankDebit_success
	assert_equal "$(json .status)" processing
	api POST "/v1/payment_intents/$pi/cancel"
	assert_equal "$status $(json .error.code)" "400 payment_intent_unexpected_state"
	advance 20 # a slow machine has the rest of the minute to look
	intent
	assert_equal "$(json .status)" processing
	advance 41
	intent
	assert_equal "$(json .status) $(json .amount_received)" "succeeded 1000"
	pay pm_bankDebit_failure
	advance 61
	intent
	assert_equal "$(json .status) $(json .last_payment_error.code)" \
		"requires_payment_method card_declined"
	pay pm_bankDebit_success -d 'payment_method_types[]=card'
	assert_equal "$status $(json .error.param)" "400 payment_method"
}

@test "an authorization is captured in part, cancelled, or lapses after a week" {
	manual() {
		api POST /v1/payment_intents -d amount=1000 -d currency=usd -d confirm=true \
			-d payment_method=pm_card_visa -d capture_method=manual
		pi=$(json .id)
		assert_equal "$(json .status) $(json .amount_capturable)" "requires_capture 1000"
	}
	manual
	api POST "/v1/payment_intents/$pi/capture" -d amount_to_capture=1001
	assert_equal "$status $(json .error.code)" "400 amount_too_large"
	api POST "/v1/payment_intents/$pi/capture" -d amount_to_capture=600
	assert_equal "$(json '[.status,.amount_received,.amount_capturable]|tojson')" '["succeeded",600,0]'
	api POST "/v1/payment_intents/$pi/capture"
	assert_equal "$(json .error.code)" payment_intent_unexpected_state
	manual
	api POST "/v1/payment_intents/$pi/cancel" -d cancellation_reason=boredom
	assert_equal "$status" 400
	api POST "/v1/payment_intents/$pi/cancel" -d cancellation_reason=abandoned
	assert_equal "$(json .status) $(json .cancellation_reason)" "canceled abandoned"
	api GET /v1/balance
	assert_equal "$(json '.pending[0].amount')" $((600 - 47))
	manual
	advance $((7 * 86400 + 1))
	intent
	assert_equal "$(json .status) $(json .cancellation_reason)" "canceled automatic"
}

@test "what is paid cannot be cancelled, what is open can" {
	pay pm_card_visa
	api POST "/v1/payment_intents/$pi/cancel"
	assert_equal "$status $(json .error.code) $(json .error.payment_intent.status)" \
		"400 payment_intent_unexpected_state succeeded"
	api POST /v1/payment_intents -d amount=1000 -d currency=usd -d payment_method=pm_card_visa
	pi=$(json .id)
	assert_equal "$(json .status)" requires_confirmation
	api POST "/v1/payment_intents/$pi/cancel"
	assert_equal "$(json .status)" canceled
	api POST "/v1/payment_intents/$pi/confirm" -d payment_method=pm_card_visa
	assert_equal "$status" 400
}

@test "fees are 2.9 % and 30, known at once or by charge.updated later" {
	for pair in 1000:59 1017:59 1018:60 50:31 99999:2930; do
		api POST /v1/payment_intents -d amount=${pair%:*} -d currency=usd -d confirm=true \
			-d payment_method=pm_card_visa -d capture_method=automatic \
			-d 'expand[]=latest_charge.balance_transaction'
		assert_equal "${pair%:*}:$(json .latest_charge.balance_transaction.fee)" "$pair"
		assert_equal "$(json '.latest_charge.balance_transaction|.amount-.fee-.net')" 0
	done
	api POST /v1/payment_intents -d amount=1000 -d currency=eur -d confirm=true \
		-d payment_method=pm_card_visa
	charge=$(json .latest_charge)
	api GET "/v1/charges/$charge"
	assert_equal "$(json .balance_transaction)" null
	advance 31
	api GET "/v1/charges/$charge?expand[]=balance_transaction"
	assert_equal "$(json .balance_transaction.net)" 941
	api GET "/v1/balance_transactions/$(json .balance_transaction.id)"
	assert_equal "$(json .source) $(json .status)" "$charge pending"
	api GET "/v1/events?type=charge.updated"
	assert_equal "$(json '.data|length') $(json '.data[0].data.object.id')" "1 $charge"
	api GET /v1/balance
	assert_equal "$(json '.pending[]|select(.currency=="eur").amount')" 941
	advance $((2 * 86400))
	api GET /v1/balance
	assert_equal "$(json '.available[]|select(.currency=="eur").amount')" 941
}

@test "refunds never exceed what was captured" {
	pay pm_card_visa
	api POST /v1/refunds -d payment_intent="$pi" -d amount=300 -d reason=duplicate -d 'metadata[refund_id]=5'
	assert_equal "$(json '[.status,.amount,.metadata.refund_id,.reason]|tojson')" \
		'["succeeded",300,"5","duplicate"]'
	refund=$(json .id) charge=$(json .charge)
	api GET "/v1/balance_transactions/$(json .balance_transaction)"
	assert_equal "$(json '[.net,.fee,.type]|tojson')" '[-300,0,"refund"]'
	api POST /v1/refunds -d charge="$charge" -d amount=701
	assert_equal "$status $(json .error.param)" "400 amount"
	api POST /v1/refunds -d charge="$charge"
	assert_equal "$(json .amount)" 700
	api POST /v1/refunds -d charge="$charge"
	assert_equal "$status $(json .error.code)" "400 charge_already_refunded"
	api GET "/v1/charges/$charge"
	assert_equal "$(json .amount_refunded) $(json .refunded)" "1000 true"
	api GET "/v1/refunds?payment_intent=$pi"
	assert_equal "$(json '[.data[].amount]|tojson')" '[700,300]'
	api GET "/v1/refunds/$refund"
	assert_equal "$(json .id)" "$refund"
	api POST "/v1/refunds/$refund" -d 'metadata[a]=b'
	assert_equal "$(json .metadata.a)" b
	api POST /v1/refunds -d payment_intent="$pi" -d reason=bored
	assert_equal "$status $(json .error.param)" "400 reason"
	api POST /v1/refunds
	assert_equal "$(json .error.code)" parameter_missing
	api POST /v1/payment_intents -d amount=1000 -d currency=usd
	api POST /v1/refunds -d payment_intent="$(json .id)"
	assert_equal "$status" 400
}

@test "a refund can be pending, and can fail after it had succeeded" {
	pay pm_card_pendingRefund
	api POST /v1/refunds -d payment_intent="$pi"
	refund=$(json .id)
	assert_equal "$(json .status)" pending
	advance 61
	api GET "/v1/refunds/$refund"
	assert_equal "$(json .status)" succeeded
	pay pm_card_refundFail
	api POST /v1/refunds -d payment_intent="$pi" -d amount=400
	refund=$(json .id) charge=$(json .charge)
	assert_equal "$(json .status)" succeeded
	advance 61
	api GET "/v1/refunds/$refund"
	assert_equal "$(json .status) $(json .failure_reason)" "failed expired_or_canceled_card"
	api GET "/v1/balance_transactions/$(json .failure_balance_transaction)"
	assert_equal "$(json '[.net,.type]|tojson')" '[400,"refund_failure"]'
	api GET "/v1/charges/$charge"
	assert_equal "$(json .amount_refunded)" 0
	api GET "/v1/events?type=refund.failed"
	assert_equal "$(json '.data[0].data.object.id')" "$refund"
	pay pm_card_visa
	api POST /v1/refunds -d payment_intent="$pi"
	control refunds/fail "{\"refund\":\"$(json .id)\"}"
	api GET "/v1/refunds/$(json .id)"
	assert_equal "$(json .status)" failed
}

@test "a dispute takes the money and a fee, and gives it back when won" {
	pay pm_card_createDispute
	advance 1
	api GET "/v1/disputes?payment_intent=$pi"
	dispute=$(json '.data[0].id')
	assert_equal "$(json '.data[0]|[.status,.amount,.balance_transactions[0].net]|tojson')" \
		'["needs_response",1000,-2500]'
	api POST /v1/refunds -d payment_intent="$pi"
	assert_equal "$status $(json .error.code)" "400 charge_disputed"
	control disputes "{\"dispute\":\"$dispute\",\"outcome\":\"won\"}"
	api GET "/v1/disputes/$dispute"
	assert_equal "$(json '[.status,.balance_transactions[1].net]|tojson')" '["won",2500]'
	api GET /v1/balance
	assert_equal "$(json '.pending[0].amount')" 941
	assert_equal "$(state '[.objects.events[].type|select(startswith("charge.dispute"))]|sort|tojson')" \
		'["charge.dispute.closed","charge.dispute.created","charge.dispute.funds_reinstated","charge.dispute.funds_withdrawn"]'
}

@test "lists are pages, newest first" {
	for n in 1 2 3 4 5; do
		api POST /v1/payment_intents -d amount=$n''00 -d currency=usd
		ids[n]=$(json .id)
		[ $n != 3 ] || advance 100
	done
	api GET '/v1/payment_intents?limit=2'
	assert_equal "$(json '[.has_more,[.data[].amount]]|tojson')" '[true,[500,400]]'
	api GET "/v1/payment_intents?limit=3&starting_after=${ids[4]}"
	assert_equal "$(json '[.has_more,[.data[].amount]]|tojson')" '[false,[300,200,100]]'
	api GET "/v1/payment_intents/${ids[4]}"
	created=$(json .created)
	for filter in "gte:[500,400]" "lt:[300,200,100]"; do
		api GET "/v1/payment_intents?created[${filter%%:*}]=$((created - 50))"
		assert_equal "$(json '[.data[].amount]|tojson')" "${filter#*:}"
	done
	api GET '/v1/payment_intents?limit=101'
	assert_equal "$status $(json .error.param)" "400 limit"
	api GET '/v1/payment_intents?starting_after=pi_none'
	assert_equal "$status $(json .error.param)" "400 starting_after"
}

@test "search finds by metadata" {
	for n in 1 2 3; do
		api POST /v1/payment_intents -d amount=$n''00 -d currency=usd \
			-d "metadata[payment_id]=$n" -d 'metadata[shop]=a'
	done
	look() { api GET /v1/payment_intents/search -G --data-urlencode "query=$1"; }
	look "metadata['payment_id']:'2'"
	assert_equal "$(json '[.object,[.data[].amount]]|tojson')" '["search_result",[200]]'
	look "metadata[\"shop\"]:\"a\" AND status:'requires_payment_method'"
	assert_equal "$(json '.data|length')" 3
	look "metadata['shop']:'a' AND metadata['payment_id']:'9'"
	assert_equal "$(json '.data|length')" 0
	for bad in "metadata['a" "metadata['a']" "x" "a:'b' OR c:'d'" "a:'b' OR  c:'d'" ''; do
		look "$bad"
		assert_equal "$bad $status" "$bad 400"
	done
}

@test "expand replaces ids by objects, and only what can be" {
	pay pm_card_visa -d 'expand[0]=latest_charge' -d 'expand[]=payment_method'
	assert_equal "$(json .latest_charge.object) $(json .payment_method.object)" "charge payment_method"
	intent
	assert_equal "$(json '.latest_charge|type')" string
	api GET '/v1/payment_intents?expand[]=data.latest_charge'
	assert_equal "$(json '.data[0].latest_charge.object')" charge
	api GET "/v1/payment_intents/$pi?expand[]=wallet"
	assert_equal "$status $(json .error.param)" "400 expand"
}

@test "a key answers the same request with the first answer" {
	create() { api POST /v1/payment_intents -H 'Idempotency-Key: k1' "$@"; }
	create -d amount=1000 -d currency=usd
	first=$body
	assert_equal "$(header Idempotent-Replayed)" ''
	create -d currency=usd -d amount=1000
	assert_equal "$status $(header Idempotent-Replayed)" "200 true"
	assert_equal "$body" "$first"
	create -d amount=1001 -d currency=usd
	assert_equal "$status $(json .error.type)" "400 idempotency_error"
	api POST /v1/customers -H 'Idempotency-Key: k1' -d amount=1000
	assert_equal "$status" 400
	assert_equal "$(state .counts.payment_intents)" 1
	advance 86000
	create -d amount=1000 -d currency=usd
	assert_equal "$body" "$first"
	advance 400
	create -d amount=1001 -d currency=usd
	assert_equal "$status $(header Idempotent-Replayed)" "200 "
	assert_equal "$(state .counts.payment_intents)" 2
	api POST /v1/payment_intents -H "Idempotency-Key: $(printf 'k%.0s' {1..256})" -d amount=1000 -d currency=usd
	assert_equal "$status" 400
}

@test "a key keeps refusals of what began to execute, and no others" {
	keyed() { api POST "$1" -H "Idempotency-Key: $2" "${@:3}"; }
	keyed /v1/payment_intents k1 -d amount=1000 -d currency=usd -d confirm=true -d payment_method=pm_card_chargeDeclined
	first=$body
	keyed /v1/payment_intents k1 -d amount=1000 -d currency=usd -d confirm=true -d payment_method=pm_card_chargeDeclined
	assert_equal "$status $(header Idempotent-Replayed)" "402 true"
	assert_equal "$body" "$first"
	keyed /v1/payment_intents/pi_none/cancel k2
	keyed /v1/payment_intents/pi_none/cancel k2
	assert_equal "$status $(header Idempotent-Replayed)" "404 true"
	keyed /v1/payment_intents k3 -d amount=1
	assert_equal "$status" 400
	keyed /v1/payment_intents k3 -d amount=1000 -d currency=usd
	assert_equal "$status $(header Idempotent-Replayed)" "200 "
}

@test "a key in progress is in use, and what it did is done once" {
	control faults '[{"match":"POST /v1/payment_intents","kind":"delay","seconds":1}]'
	for n in 1 2 3 4 5; do
		curl -sS -o "$RUN/par.$n" -w '%{http_code}\n' -H "Authorization: Bearer $SIM_KEY" \
			-H 'Stripe-Version: 2024-06-20' -H 'Idempotency-Key: k1' \
			-d amount=1000 -d currency=usd "$SIM/v1/payment_intents" >"$RUN/par.$n.status" &
		pids[n]=$!
	done
	wait "${pids[@]}"
	assert_equal "$(sort "$RUN"/par.?.status | uniq -c | tr -s ' \n' ' ')" " 1 200 4 409 "
	assert_equal "$(cat "$RUN"/par.? | jq -rs '[.[].error.code|select(.)]|unique|tojson')" \
		'["idempotency_key_in_use"]'
	assert_equal "$(state .counts.payment_intents)" 1
}

# kind, then status (000: none came), curl's own status, objects made by the
# first try, status of the second with the same key, whether that is a replay
@test "every fault does what its name says" {
	while read -r kind first curl made second replayed; do
		control reset
		control faults "[{\"match\":\"POST /v1/payment_intents\",\"kind\":\"$kind\",\"seconds\":0.3}]"
		api POST /v1/payment_intents -H 'Idempotency-Key: k1' -d amount=1000 -d currency=usd
		assert_equal "$kind $status $curl_status $(state .counts.payment_intents)" \
			"$kind $first $curl $made"
		[ "$kind" != garbage ] || refute jq . <<<"$body"
		[ "$kind" != huge ] || [ "$(stat -c %s "$RUN/body")" -gt $((1 << 20)) ]
		api POST /v1/payment_intents -H 'Idempotency-Key: k1' -d amount=1000 -d currency=usd
		assert_equal "$kind $status $(header Idempotent-Replayed)" "$kind $second ${replayed:-}"
		assert_equal "$kind $(state '.faults[0]|[.seen,.fired,.left]|tojson')" "$kind [2,1,0]"
	done <<-END
		timeout_before 000 56 0 200
		timeout_after 000 56 1 200 true
		429 429 0 0 200
		429_lock 429 0 0 200
		503 503 0 0 200
		503_after 503 0 1 200 true
		500 500 0 0 500 true
		500_after 500 0 1 500 true
		reset 000 56 0 200
		reset_after 000 56 1 200 true
		truncate 200 18 1 200 true
		garbage 200 0 1 200 true
		huge 200 0 1 200 true
		delay 200 0 1 200 true
	END
}

@test "faults match by address, count, skip and luck" {
	control faults '[{"match":"GET /v1/payment_intents/*","kind":"503","count":2,"skip":1}]'
	api GET /v1/balance
	assert_equal "$status" 200
	got=
	for _ in 1 2 3 4; do
		api GET /v1/payment_intents/pi_none
		got="$got $status"
	done
	assert_equal "$got" " 404 503 503 404"
	lucky() {
		control reset
		control faults '[{"kind":"429","rate":0.5,"seed":3}]'
		got=
		for _ in {1..20}; do
			api GET /v1/balance
			got="$got $status"
		done
	}
	lucky
	first=$got
	assert_regex "$got" 429.*200.*429
	lucky
	assert_equal "$got" "$first"
	control faults '[{"kind":"nonsense"}]'
	assert_equal "$(jq -r .error "$RUN/control")" "no such kind of fault: nonsense"
	control reset
	control faults '[{"kind":"429"}]'
	api GET /v1/balance
	assert_equal "$(header Stripe-Rate-Limited-Reason) $(json .error.code)" "global-rate rate_limit"
}

@test "events are snapshots in whole seconds" {
	pay pm_card_visa -H 'Idempotency-Key: k1'
	api POST /v1/refunds -d payment_intent="$pi"
	api GET '/v1/events?limit=20'
	assert_equal "$(json '[.data[].type]|reverse|tojson')" \
		'["payment_intent.created","charge.succeeded","payment_intent.succeeded","refund.created","charge.refunded"]'
	assert_equal "$(json '.data[4].data.object.status') $(json '.data[2].data.object.status')" \
		"requires_payment_method succeeded"
	assert_equal "$(json '.data[3].data.object.amount_refunded')" 0
	assert_equal "$(json '[.data[]|.created|.==floor]|all')" true
	assert_equal "$(json '.data[4].request.idempotency_key')" k1
	id=$(json '.data[4].id')
	api GET "/v1/events/$id"
	assert_equal "$(json .type)" payment_intent.created
	api GET '/v1/events?type=refund.created'
	assert_equal "$(json '.data|length')" 1
}

@test "a webhook is signed over its time and its bytes" {
	listen_to_hooks
	api POST /v1/payment_intents -d amount=1000 -d currency=usd -d 'metadata[a]=ü "q"'
	wait_until 5 hook_count 1
	hook=$(hooks)
	signature=$(tr -d '\r' <"${hook%.body}.headers" | sed -n 's/^Stripe-Signature: //p')
	t=${signature#t=} t=${t%%,*}
	mac=$({ printf '%s.' "$t" && cat "$hook"; } | openssl dgst -sha256 -hmac $SIM_SECRET -r | cut -d' ' -f1)
	assert_equal "$signature" "t=$t,v1=$mac"
	now=$(date +%s)
	assert [ "$((now - t))" -le 5 ]
	assert_equal "$(jq -r '.type+" "+.data.object.metadata.a' "$hook")" 'payment_intent.created ü "q"'
	wait_until 5 eval '[ "$(state .webhooks_waiting)" = 0 ]'
	assert_equal "$(state '.deliveries|map([.attempt,.status,.outcome])|tojson')" '[[1,200,"webhook_delivered"]]'
}

@test "a webhook is retried until it is taken" {
	listen_to_hooks
	echo 500 >"$RUN/hook.status"
	api POST /v1/payment_intents -d amount=1000 -d currency=usd
	wait_until 5 eval '[ "$(hooks | wc -l)" -ge 3 ]'
	api GET '/v1/events?delivery_success=false'
	assert_equal "$(json '.data|length')" 1
	rm "$RUN/hook.status"
	wait_until 5 eval '[ "$(state .webhooks_waiting)" = 0 ]'
	api GET '/v1/events?delivery_success=false'
	assert_equal "$(json '.data|length')" 0
	assert_equal "$(hooks | xargs cat | jq -rs '[.[].id]|unique|length')" 1
}

@test "webhooks are lost, doubled, twinned, reordered, delayed and spoilt on demand" {
	listen_to_hooks
	hook_fault() { control reset; rm -f "$RUN"/hook.*; control faults "[{\"match\":\"webhook $1\",$2}]"; }
	settled() { [ "$(state .webhooks_waiting)" = 0 ]; }
	hook_fault 'charge.*' '"kind":"lost"'
	pay pm_card_visa
	wait_until 5 settled
	assert_equal "$(hook_types | sort | paste -sd' ')" "payment_intent.created payment_intent.succeeded"
	api GET '/v1/events?delivery_success=false'
	assert_equal "$(json '[.data[].type]|tojson')" '["charge.succeeded"]'

	hook_fault '*' '"kind":"duplicate","n":5'
	api POST /v1/payment_intents -d amount=1000 -d currency=usd
	wait_until 5 hook_count 6
	assert_equal "$(hooks | xargs cat | jq -rs '[.[].id]|unique|length')" 1

	hook_fault '*' '"kind":"twin"'
	api POST /v1/payment_intents -d amount=1000 -d currency=usd
	wait_until 5 hook_count 2
	assert_equal "$(hooks | xargs cat | jq -rs '[([.[].id]|unique|length),([.[].data.object.id]|unique|length)]|tojson')" '[2,1]'

	hook_fault 'payment_intent.created' '"kind":"reorder","seconds":20'
	pay pm_card_visa
	wait_until 5 hook_count 3
	assert_equal "$(hook_types | tail -n 1)" payment_intent.created

	hook_fault '*' '"kind":"delay","seconds":600'
	api POST /v1/payment_intents -d amount=1000 -d currency=usd
	sleep 0.3
	assert hook_count 0
	advance 601
	wait_until 5 hook_count 1

	for kind in bad_signature stale; do
		hook_fault '*' "\"kind\":\"$kind\""
		api POST /v1/payment_intents -d amount=1000 -d currency=usd
		wait_until 5 hook_count 1
		hook=$(hooks)
		signature=$(tr -d '\r' <"${hook%.body}.headers" | sed -n 's/^Stripe-Signature: //p')
		t=${signature#t=} t=${t%%,*}
		mac=$({ printf '%s.' "$t" && cat "$hook"; } | openssl dgst -sha256 -hmac $SIM_SECRET -r | cut -d' ' -f1)
		case $kind in
		stale) assert [ "$(($(date +%s) - t))" -gt 3000 ] ;;
		*) refute [ "$signature" = "t=$t,v1=$mac" ] ;;
		esac
	done
}

@test "delayed webhooks come in the order of their time" {
	start single "$BUILD/stripe-sim" --key $SIM_KEY --webhook-threads 1
	ready single "grep -q ^http: '$RUN/single.log'"
	SIM=$(cat "$RUN/single.log")
	listen_to_hooks
	for n in 5 3 7 1 9 2 8 4 6; do
		control faults "[{\"kind\":\"delay\",\"match\":\"webhook*\",\"seconds\":${n}00}]"
		api POST /v1/payment_intents -d amount=${n}00 -d currency=usd
	done
	advance 1000
	wait_until 5 hook_count 9
	assert_equal "$(hooks | xargs cat | jq -r .data.object.amount | paste -sd' ')" \
		"100 200 300 400 500 600 700 800 900"
	stop single
}

@test "an endpoint that hangs does not make the API wait" {
	port=$(free_port)
	start blackhole /usr/bin/python3 -c "
import socket, time
s = socket.socket(); s.bind(('127.0.0.1', $port)); s.listen(50); time.sleep(60)"
	control webhook "{\"url\":\"http://127.0.0.1:$port/\"}"
	for _ in {1..10}; do
		pay pm_card_visa
		assert_equal "$status" 200
	done
	alive blackhole
	stop blackhole
	control webhook '{"url":null}'
}

@test "a reset forgets everything but its settings" {
	pay pm_card_visa -H 'Idempotency-Key: k1'
	assert_equal "$(state '.calls["POST /v1/payment_intents"]|tojson')" '{"count":1,"200":1}'
	control faults '[{"kind":"429"}]'
	control reset
	assert_equal "$(state '[.counts[]]|add') $(state '.faults|length') $(state '.calls|length')" "0 0 0"
	intent
	assert_equal "$status" 404
	control nothing
	assert_equal "$(jq -r .error "$RUN/control")" "no such control"
	control advance '{"seconds":-1}'
	assert_regex "$(jq -r .error "$RUN/control")" seconds
	control advance nonsense
	assert_regex "$(jq -r .error "$RUN/control")" JSON
}

@test "the same seed makes the same ids" {
	for n in 1 2; do
		start twin$n "$BUILD/stripe-sim" --key $SIM_KEY --seed 9 --webhook-threads 1
		ready twin$n "grep -q ^http: '$RUN/twin$n.log'"
		SIM=$(cat "$RUN/twin$n.log")
		pay pm_card_visa
		got[n]=$pi
		stop twin$n
	done
	assert_equal "${got[1]}" "${got[2]}"
}

@test "it stops at once when told to, and can leave its state behind" {
	start third "$BUILD/stripe-sim" --key $SIM_KEY --state "$RUN/state.json"
	ready third "grep -q ^http: '$RUN/third.log'"
	SIM=$(cat "$RUN/third.log")
	control faults '[{"match":"GET *","kind":"timeout_after","seconds":60}]'
	pay pm_card_visa
	curl -s -m 20 -o /dev/null -u $SIM_KEY: -H 'Stripe-Version: 2024-06-20' "$SIM/v1/balance" &
	held=$!
	wait_until 5 eval '[ "$(state ".faults[0].fired")" = 1 ]'
	stop third
	wait $held || true
	assert_equal "$(jq -r '.objects.payment_intents[0].id' "$RUN/state.json")" "$pi"
}

@test "hostile requests are refused and leave it standing" {
	deep=$(printf '[a]%.0s' {1..50})
	many=$(printf 'a%.0s=1&' {1..600})
	for form in "a$deep=1" 'a[=1' 'a[]]=1' '=1' '%=1' '%zz=1' 'a=%00' 'a=%ff' "$many"; do
		api POST /v1/payment_intents --data-binary "amount=1000&currency=usd&$form"
		assert_equal "$form $(json .error.message)" \
			"$form Invalid request: the form cannot be read"
	done
	for form in 'a]=1' 'metadata[a][b]=c' 'amount[]=1' 'expand[a][b]=c' 'payment_method[a]=b' \
		'capture_method[]=manual' 'payment_method_types=card' 'customer[]='; do
		api POST /v1/payment_intents --data-binary "amount=1000&currency=usd&$form"
		assert_regex "$form $status" ' (200|400)$'
	done
	api GET '/v1/payment_intents?created[gte]=x&limit=9999999999999999999999'
	assert_equal "$status" 400
	api GET "/v1/payment_intents/$(printf 'p%.0s' {1..2000})"
	assert_equal "$status" 404
	api GET "/v1/payment_intents/search?query=%27%27%27"
	assert_equal "$status" 400
	head -c 2000000 /dev/zero | tr '\0' a >"$RUN/big"
	api POST /v1/payment_intents --data-binary "@$RUN/big"
	assert_equal "$status" 413
	api POST /v1/payment_intents -H 'Authorization: Basic ****' -d amount=1000 -d currency=usd
	for junk in '[]' '{}' 'null' '[null]' '[{"kind":1}]' '{"kind":"429","rate":"x","count":-5,"seed":1e300}' \
		"$(printf '[%.0s' {1..5000})" '"' ''; do
		control faults "$junk"
	done
	control reset
	for name in webhook advance refunds/fail disputes; do
		control $name '[1]'
		control $name '{"url":5,"seconds":"x","refund":5,"charge":[],"dispute":{}}'
	done
	printf 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n\0\0' >"/dev/tcp/127.0.0.1/${SIM##*:}"
	head -c 4096 /dev/urandom >"/dev/tcp/127.0.0.1/${SIM##*:}"
	pay pm_card_visa
	assert_equal "$status" 200
}

@test "its objects are as the provider describes them" {
	contracts=${SHOP_DATA:-$ROOT/../shared/data}/contracts/stripe
	[ -d "$contracts" ] || skip "no contracts at $contracts"
	/usr/bin/python3 -c 'import jsonschema, yaml' || skip "python3-jsonschema or python3-yaml is missing"
	for method in pm_card_visa pm_card_chargeDeclined pm_card_authenticationRequired \
		pm_bankDebit_success pm_bankDebit_failure pm_usBankAccount_success \
		pm_card_pendingRefund pm_card_refundFail pm_card_createDispute; do
		pay $method -d 'metadata[order_id]=1'
		api POST /v1/refunds -d payment_intent="$pi" -d amount=200
	done
	api POST /v1/customers -d email=a@example.com
	api POST /v1/payment_intents -d amount=1000 -d currency=usd -d confirm=true \
		-d payment_method=pm_card_visa -d capture_method=manual
	api POST "/v1/payment_intents/$(json .id)/cancel"
	advance 100
	control payouts '{"currency":"usd","pending":true}'
	api GET /v1/payouts
	control payouts "{\"payout\":\"$(json '.data[0].id')\",\"status\":\"failed\"}"
	api GET /v1/balance
	balance=$body
	pay pm_card_chargeDeclined
	state . | jq -c --argjson extra "[$balance,$body]" '.extra=$extra' >"$RUN/seen.json"
	run -0 /usr/bin/python3 "$ROOT/tests/sim/stripe-sim/contract.py" "$contracts" <"$RUN/seen.json"
	assert_output --regexp 'checked .* 1 error'
	jq '.objects.refunds[0].amount="x" | .objects.charges[0].colour=1' "$RUN/seen.json" >"$RUN/broken.json"
	run -1 /usr/bin/python3 "$ROOT/tests/sim/stripe-sim/contract.py" "$contracts" <"$RUN/broken.json"
	assert_line --partial "refund: amount"
	assert_line "charge: colour: no such member"
}

@test "a payout takes what is available along, and brings it back when it fails" {
	control payouts '{"currency":"usd"}'
	assert_equal "$(jq -r .error "$RUN/control")" "there is nothing to pay out"
	pay pm_card_visa
	control payouts '{"currency":"usd"}'
	assert_equal "$(jq -r .error "$RUN/control")" "there is nothing to pay out"
	advance 172800
	pay pm_card_visa
	control payouts '{"currency":"usd"}'
	po=$(jq -r .id "$RUN/control")
	api GET "/v1/payouts/$po"
	assert_equal "$(json '[.amount, .status, .automatic, .reconciliation_status]|tojson')" \
		'[941,"pending",true,"completed"]'
	api GET "/v1/balance_transactions?payout=$po"
	assert_equal "$(json '[.data[]|[.type, .net]]|tojson')" '[["payout",-941],["charge",941]]'
	api GET "/v1/balance_transactions?payout=$po&type=charge&limit=1"
	assert_equal "$(json '[(.data|length), .has_more]|tojson')" '[1,false]'
	api GET "/v1/balance_transactions?created[gte]=$(json '.data[0].created + 1')"
	assert_equal "$(json '[.data[].type]|tojson')" '["payout","charge"]'
	control payouts "{\"payout\":\"$po\",\"status\":\"paid\"}"
	control payouts "{\"payout\":\"$po\",\"status\":\"canceled\"}"
	assert_equal "$(jq -r .error "$RUN/control")" "the payout does not go there"
	control payouts "{\"payout\":\"$po\",\"status\":\"failed\"}"
	api GET "/v1/payouts/$po?expand[]=failure_balance_transaction"
	assert_equal "$(json '[.status, .failure_balance_transaction.reporting_category, .failure_balance_transaction.net]|tojson')" \
		'["failed","payout_reversal",941]'
	api GET "/v1/payouts?status=paid"
	assert_equal "$(json '.data|length')" 0
}
