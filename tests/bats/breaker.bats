# A provider that does not answer is left alone: no try is burnt, checkouts go on, and
# all drains when it is back.

load helper
load money

setup_file() {
	money_up
	shopctl api-client create breaker --scope checkout --field key -q >"$RUN/key"
}

setup() {
	STRIPE=$(cat "$RUN/stripe")
	API_KEY=$(cat "$RUN/key")
	export API_KEY
}

# Twenty orders a minute must not wait for more than one call that fails.
checkout() { # KEY
	request POST /v1/checkouts '{"customer":{"email":"ada@example.com"},"currency":"EUR","lines":[{"sku":"DOG-5KG","qty":1}],"expected_total":{"amount":5000,"currency":"EUR"}}' \
		-H "Idempotency-Key: $1"
	assert_equal "$status" 201
}

calls() { curl -sS "http://$STRIPE/sim/state?objects=0" | jq '[.calls[].count] | add // 0'; }
breaker() { sql "SELECT state FROM breaker WHERE provider = 'stripe'"; }
tries() { sql "SELECT coalesce(sum(attempt), 0) FROM job_any"; }
unpaid() { sql "SELECT count(*) FROM orders o WHERE NOT EXISTS (SELECT FROM payment p
	WHERE p.order_id = o.id AND p.state = 'open' AND p.provider_ref IS NOT NULL)"; }
away() { shopctl incident list --kind provider_away --state "$1" --field id | wc -l; }

@test "down for ten minutes: the breaker opens, no try is burnt, all drains after" {
	local i before
	start_httpd
	checkout before
	worker
	assert_equal "$(breaker) $(unpaid)" 'closed 0'
	fault '{"kind": "503", "count": 1000000}'
	before=$(calls)
	for i in {1..30}; do checkout "first-$i"; done
	worker
	assert_equal "$(breaker) $(away open)" 'open 1'
	for i in {1..10}; do
		age '1 minute'
		sim advance '{"seconds": 60}'
		checkout "minute-$i"
		worker
		assert_equal "$(breaker)" open
	done
	# Ten that failed, those under way then (eight of payments, one of each other thread),
	# a probe a minute.
	i=$(($(calls) - before))
	echo "# $i calls" >&3
	[ "$i" -le 31 ]
	assert_equal "$(tries)" 0
	run -0 shopctl dlq list
	assert_output ''
	run -0 shopctl metrics print
	assert_line 'shop_breaker_open{provider="stripe"} 1'
	run -0 shopctl status --format csv
	assert_output --partial 'breaker,stripe'
	curl -sS -X DELETE "http://$STRIPE/sim/faults" >/dev/null
	wait_until 30 eval 'age "1 minute"; sim advance "{\"seconds\": 60}"; worker; [ "$(unpaid)" = 0 ]'
	assert_equal "$(breaker) $(away open) $(away closed)" 'closed 0 1'
	assert_equal "$(tries)" 0
	clean
}

@test "a checkout neither reads nor waits for the breaker" {
	psql -U postgres -qXc "BEGIN; LOCK TABLE shop.breaker; SELECT pg_sleep(600)" >/dev/null 2>&1 3>&- &
	wait_until 10 asleep
	checkout locked
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'" >/dev/null
	worker
	assert_equal "$(unpaid)" 0
	stop httpd
}

@test "tripped by hand nothing is asked, and after a reset what waited goes at once" {
	local before
	run -64 shopctl breaker trip stripe
	run -3 shopctl breaker trip stripes --reason typo
	run -0 shopctl breaker trip stripe --reason 'they repair' --format json
	assert_equal "$(jq -r '.state + .reason' <<<"$output")" 'openthey repair'
	before=$(calls)
	place
	worker
	due
	worker
	assert_equal "$(calls) $(unpaid)" "$before 1"
	run -0 shopctl breaker list --format json
	assert_equal "$(jq -r '.items[] | select(.provider == "stripe") | .waiting > 0' <<<"$output")" true
	run -0 shopctl breaker reset stripe --reason 'they are back'
	wait_until 10 eval 'worker; [ "$(unpaid)" = 0 ]'
	assert_equal "$(sql "SELECT string_agg(action || ' ' || reason, ', ' ORDER BY id) FROM audit_log WHERE object = 'breaker/stripe'")" \
		'trip they repair, reset they are back'
	clean
}
