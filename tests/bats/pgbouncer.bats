# The daemons through PgBouncer in transaction mode: nothing of theirs depends on which
# connection of the server a statement meets.

load helper
load money

setup_file() {
	command -v pgbouncer >/dev/null || skip "pgbouncer is not installed"
	money_up
	start_pooler
	shopctl api-client create tests --scope checkout --field key -q >"$RUN/key"
	export SHOP_DATABASE_PREPARE=false
	direct=$PGHOST
	PGHOST=$RUN/pooler PGPORT=6432 start_httpd
	PGHOST=$direct
}

# Three connections of the server for each role, however many of ours there are.
start_pooler() {
	local as=()
	ln -s "$(mktemp -d "${TMPDIR:-/tmp}/pooler.XXXXXX")" "$RUN/pooler"
	for role in shop_http shop_worker; do printf '"%s" ""\n' $role; done >"$RUN/pooler/roles"
	cat >"$RUN/pooler/ini" <<-END
		[databases]
		* = host=$PGHOST port=5432
		[pgbouncer]
		listen_port = 6432
		unix_socket_dir = $(realpath "$RUN/pooler")
		auth_type = trust
		auth_file = $(realpath "$RUN/pooler")/roles
		pool_mode = transaction
		default_pool_size = 3
		ignore_startup_parameters = options
	END
	if [ "$(id -u)" = 0 ]; then
		chown -R postgres "$RUN/pooler/"
		as=(runuser -u postgres --)
	fi
	start pooler "${as[@]}" pgbouncer "$(realpath "$RUN/pooler")/ini"
	ready pooler "[ -S $RUN/pooler/.s.PGSQL.6432 ]"
}

teardown_file() {
	shop_down
	rm -rf "$(realpath "$RUN/pooler")"
}

setup() {
	API_KEY=$(cat "$RUN/key") HTTP=$(cat "$RUN/http") STRIPE=$(cat "$RUN/stripe")
	export API_KEY
}

basket='{"customer":{"email":"ann@example.org","name":"Ann"},"lines":[{"sku":"DOG-5KG","qty":1}],"currency":"EUR","expected_total":{"amount":5000,"currency":"EUR"},"payment":{"method":"pm_card_visa"}}'

check_out() {
	curl -sS -m 60 -o /dev/null -w '%{http_code}\n' -H "Authorization: Bearer $API_KEY" \
		-H "Idempotency-Key: k$1" -H 'Content-Type: application/json' --data-binary "$basket" \
		"http://$HTTP/v1/checkouts"
}
export -f check_out

@test "checkouts, payments, mails to send and figures go through three connections a role" {
	export HTTP basket
	run -0 bash -c 'seq 40 | xargs -P 20 -I{} bash -c "check_out {}"'
	assert_equal "$(sort <<<"$output" | uniq -c | xargs)" "40 201"
	for _ in 1 2 3; do
		PGUSER=shop_worker PGHOST=$RUN/pooler PGPORT=6432 timeout -k 5 60 "$BUILD/shop-worker" \
			run --once --queue payment:4 --queue reservation:2 --queue rollup --queue webhook:2
	done
	assert_equal "$(sql "SELECT string_agg(DISTINCT state, ' ') FROM orders")" paid
	assert_equal "$(sql "SELECT sum(-l.amount) FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
		WHERE e.kind = 'capture' AND l.account = 'customer:deposits'")" 200000
	run -0 sql "SELECT max(n) <= 3 FROM (SELECT count(*) AS n FROM pg_stat_activity
		WHERE usename IN ('shop_http', 'shop_worker') AND datname = current_database() GROUP BY usename) s"
	assert_output t
	run -0 shopctl fsck
}

@test "a worker that stays claims, holds and settles through the pool" {
	SHOP_WORKER_LEASE_S=60 PGHOST=$RUN/pooler PGPORT=6432 start_worker --queue payment:8 --queue reservation:2
	before=$(sql "SELECT count(*) FROM orders WHERE state = 'paid'")
	export HTTP basket
	run -0 bash -c 'seq 100 120 | xargs -P 10 -I{} bash -c "check_out {}"'
	wait_until 30 eval '[ "$(sql "SELECT count(*) FROM orders WHERE state = '"'paid'"'")" = '$((before + 21))' ]'
	stop worker
	assert_equal "$(sql 'SELECT count(*) FROM job_lease')" 0
	run -0 shopctl fsck
}
