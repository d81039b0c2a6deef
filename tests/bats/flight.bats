#!/usr/bin/env bats
# Many calls of one thread under way at once: they cost one connection and one lease, and
# neither a crash nor a lost lease in the middle does any of them twice.
load helper
load money

setup_file() {
	money_up
	export SHOP_STRIPE_TIMEOUT_MS=40000
}

setup() {
	STRIPE=$(cat "$RUN/stripe")
	sim reset
	# They are answered when the provider's clock has gone on by an hour.
	fault '{"kind": "delay", "match": "POST /v1/payment_intents", "seconds": 3600, "count": 8}'
	orders
}

teardown() { stop submit KILL; }

orders() {
	local n
	first=
	for n in {1..8}; do
		place
		first=${first:-$order}
	done
}

# One thread for all payments.
submit() {
	PGUSER=shop_worker start submit "$BUILD/shop-worker" run --queue payment:1
}

most() { curl -sS "http://$STRIPE/sim/state?objects=0" | jq .most_calls_at_once; }
at_once() { [ "$(most)" = "$1" ]; }
leases() { sql "SELECT count(*), coalesce(sum(n), 0) FROM job_lease"; }
unpaid() { sql "SELECT count(*) FROM orders o WHERE o.id >= $first AND NOT EXISTS (SELECT FROM payment p
	WHERE p.order_id = o.id AND p.state = 'open' AND p.provider_ref IS NOT NULL)"; }
all_asked() { [ "$(unpaid)" = 0 ]; }
each_once() {
	assert_equal "$(stripe GET '/v1/payment_intents?limit=100' |
		jq -c '[.data[].metadata.order_id] | [length, (unique | length)]')" '[8,8]'
}

@test "one thread has eight calls under way, on one connection and under one lease" {
	submit
	wait_until 20 at_once 8
	assert_equal "$(leases)" '1|8'
	assert_equal "$(sql "SELECT count(*) FROM pg_stat_activity
		WHERE usename = 'shop_worker' AND datname = current_database()")" 2
	sim advance '{"seconds": 3600}'
	wait_until 20 all_asked
	each_once
	assert_equal "$(sql "SELECT count(*) FROM job_dead")" 0
	clean
}

@test "no more are under way than the configuration says" {
	SHOP_WORKER_IN_FLIGHT=3 submit
	wait_until 20 at_once 3
	sim advance '{"seconds": 3600}'
	wait_until 20 eval 'sim advance "{\"seconds\": 3600}"; all_asked'
	assert_equal "$(most)" 3
	each_once
}

@test "killed with eight calls under way: they are asked for again, and done once" {
	submit
	wait_until 20 at_once 8
	stop submit KILL
	sim advance '{"seconds": 3600}'
	sql "UPDATE job_lease SET expires_at = now() - interval '1 s'"
	submit
	wait_until 20 all_asked
	each_once
	assert_equal "$(sql "SELECT count(*) FROM job_dead")" 0
	clean
}

@test "a lease that is lost under eight calls: others conclude them, and what comes late changes nothing" {
	submit
	wait_until 20 at_once 8
	kill -STOP "$(pid_of submit)"
	sim advance '{"seconds": 3600}'
	sql "UPDATE job_lease SET expires_at = now() - interval '1 s'"
	worker
	wait_until 20 all_asked
	kill -CONT "$(pid_of submit)"
	wait_until 20 grep -q lease_lost "$RUN/submit.log"
	each_once
	assert_equal "$(sql 'SELECT count(*) FROM job_dead')" 0
	clean
}
