# Processes that die or sleep between two steps: what they had done is found, what they
# had not is done once.

load helper
load money

setup_file() {
	money_up
	shopctl api-client create crash --scope checkout --field key -q >"$RUN/key"
}

setup() {
	STRIPE=$(cat "$RUN/stripe")
	API_KEY=$(cat "$RUN/key")
	export API_KEY
}

teardown() {
	local p
	for p in httpd sleeper; do [ ! -e "$RUN/$p.pid" ] || stop $p KILL; done
	rm -f "$RUN"/sleeper.*
}

# The answers to one checkout, asked for with one key.
checkout() { # KEY
	request POST /v1/checkouts '{"customer":{"email":"ada@example.com"},"currency":"EUR","lines":[{"sku":"DOG-5KG","qty":1}],"expected_total":{"amount":5000,"currency":"EUR"}}' \
		-H "Idempotency-Key: $1"
}

calls() { curl -sS "http://$STRIPE/sim/state?objects=0" | jq '.calls["POST /v1/payment_intents"].count // 0'; }

stopped() { grep -q '^State:[[:space:]]*T' "/proc/$(pid_of sleeper)/status"; }

# A worker that falls asleep at this point, with a job about money in its hands.
fall_asleep() { # FAILPOINT
	PGUSER=shop_worker SHOP_FAILPOINTS=$1=stop@1 start sleeper "$BUILD/shop-worker" run --queue payment \
		--lease 10 --metrics-file "$RUN/sleeper.prom"
	wait_until 20 stopped
}

# The lease is over for everybody, and by the clock of who sleeps.
sleep_on() {
	sql "UPDATE job_lease SET expires_at = now() - interval '1 s'"
	sleep 2.5
}

fenced() { sed -n 's/^shop_leases_lost_total{queue="payment"} //p' "$RUN/sleeper.prom"; }

wake() {
	kill -CONT "$(pid_of sleeper)"
	wait_until 20 grep -q lease_lost "$RUN/sleeper.log"
	stop sleeper
	assert_equal "$(fenced)" 1
}

@test "case 7: killed when the checkout was committed: the same key has the same order, one intent" {
	SHOP_FAILPOINTS=checkout.after_commit=kill start_httpd
	checkout seven
	assert_equal "$status" 000
	order=$(sql "SELECT id FROM orders WHERE key = 'seven'")
	stop httpd
	start_httpd
	checkout seven
	assert_equal "$status $(json .id)" "201 $order"
	grep -qi '^Idempotency-Replayed: true' "$RUN/headers"
	worker
	assert_equal "$(state) $(intents)" "pending open 1"
	clean
}

@test "killed before the checkout was committed: nothing is there, and the same key succeeds" {
	SHOP_FAILPOINTS=checkout.before_commit=kill start_httpd
	local before
	before=$(reserved)
	checkout before
	assert_equal "$status $(sql "SELECT count(*) FROM orders WHERE key = 'before'") $(reserved)" "000 0 $before"
	stop httpd
	start_httpd
	checkout before
	assert_equal "$status" 201
	run ! grep -qi '^Idempotency-Replayed' "$RUN/headers"
	worker
	clean
}

@test "case 32: asleep before it marked the call, past its lease: it neither calls nor finishes" {
	place
	local before
	before=$(calls)
	fall_asleep op.before_mark
	sleep_on
	wait_until 20 eval 'worker; [ "$(state)" = "pending open" ]'
	wake
	assert_equal "$(calls) $(intents)" "$((before + 1)) 1"
	clean
}

@test "case 32: asleep when the call was marked, past its lease: it neither calls nor finishes" {
	place
	local before
	before=$(calls)
	fall_asleep op.sent
	sleep_on
	wait_until 20 eval 'worker; [ "$(state)" = "pending open" ]'
	wake
	assert_equal "$(calls) $(intents)" "$((before + 1)) 1"
	clean
}

@test "case 32: asleep with the answer in hand, past its lease: it does not finish, one object" {
	place
	fall_asleep op.after_response
	sleep_on
	wait_until 20 eval 'worker; [ "$(state)" = "pending open" ]'
	wake
	assert_equal "$(intents)" 1
	clean
}

@test "case 36: a storm of 429s: checkouts are taken, calls keep to the bucket, all drains after" {
	local i begun most
	worker # what other tests left
	due
	worker
	fault '{"kind": "429", "match": "POST /v1/payment_intents", "count": 1000}'
	start_httpd
	before=$(calls)
	begun=${EPOCHREALTIME/./}
	SHOP_STRIPE_RATE_PER_SECOND=10 PGUSER=shop_worker start sleeper "$BUILD/shop-worker" run --queue payment:4
	for i in {1..20}; do
		checkout "storm-$i"
		assert_equal "$status" 201
	done
	wait_until 60 eval '[ "$(calls)" -ge $((before + 6)) ]'
	i=$(calls)
	most=$(((${EPOCHREALTIME/./} - begun) * 10 / 1000000 + 6))
	echo "# $((i - before)) calls, the bucket allowed $most" >&3
	[ $((i - before)) -le "$most" ]
	assert_equal "$(curl -sS "http://$STRIPE/sim/faults" | jq '.[0].fired')" $((i - before))
	stop sleeper
	curl -sS -X DELETE "http://$STRIPE/sim/faults" >/dev/null
	wait_until 30 eval 'due; worker; [ "$(sql "SELECT count(*) FROM payment p JOIN orders o ON o.id = p.order_id
		WHERE o.key LIKE '\''storm-%'\'' AND p.state = '\''open'\''")" = 20 ]'
	assert_equal "$(curl -sS "http://$STRIPE/sim/state" | jq '[.objects.payment_intents[].metadata.payment_id] | length - (unique | length)')" 0
	run -0 shopctl dlq list --field id
	assert_output ""
	clean
}
