# The database crashes, fills up, has no room for another session, or waits for a lock:
# who asks hears so soon, what was acknowledged stays, and all goes on unaided.

load helper
load money

# A cluster of this file's own that keeps what it acknowledged; its WAL on a small volume
# where we may mount one.
setup_file() {
	ln -s "$(mktemp -d "${TMPDIR:-/tmp}/pg.XXXXXX")" "$RUN/pg"
	local data=$RUN/pg/data
	cluster start --fast
	printf '%s\n' "synchronous_commit = on" "max_connections = 40" "superuser_reserved_connections = 5" \
		"wal_recycle = off" >>"$data/postgresql.conf"
	cluster stop
	if mkdir "$RUN/wal" && mount -t tmpfs -o size=112m,mode=0700 tmpfs "$RUN/wal" 2>"$RUN/mount"; then
		chown --reference="$data" "$RUN/wal"
		cp -a "$data/pg_wal/." "$RUN/wal/"
		rm -rf "$data/pg_wal"
		ln -s "$RUN/wal" "$data/pg_wal"
	fi
	chmod 711 "$RUN" "$RUN"/../.. 2>/dev/null || true
	eval "$(cluster start)"
	shopctl migrate up >/dev/null
	psql -qXc 'CREATE DATABASE template_shop TEMPLATE shop' postgres
	money_up
	# There is no mail server: tries that fail must survive what happens to the database, too.
	sql "UPDATE stock SET on_hand = 100000; UPDATE stock_movement SET delta = 100000"
	shopctl api-client create outage --scope checkout --field key -q >"$RUN/key"
}

teardown_file() {
	shop_down
	umount "$RUN/wal" "$RUN/volume" 2>/dev/null || true
}

cluster() { "$ROOT/scripts/cluster" "$@" "$RUN/pg"; }

setup() {
	STRIPE=$(cat "$RUN/stripe")
	API_KEY=$(cat "$RUN/key")
	export API_KEY
	basket='{"customer":{"email":"ada@example.com"},"currency":"EUR","lines":[{"sku":"DOG-5KG","qty":1}],"expected_total":{"amount":5000,"currency":"EUR"}}'
}

teardown() {
	local p
	touch "$RUN/enough"
	for p in httpd worker; do [ ! -e "$RUN/$p.pid" ] || stop $p; done
}

# Four shoppers who insist, each intent paid by a saved card, until "enough" is there.
start_shoppers() { # NAME
	rm -f "$RUN/enough"
	ENOUGH=$RUN/enough METHOD=pm_card_visa start shoppers /usr/bin/python3 "$ROOT/tests/bats/lost_commit.py" \
		checkouts "$HTTP" "$API_KEY" "$1" 4000
}

end_shoppers() {
	touch "$RUN/enough"
	wait_until 60 gone shoppers
	cp "$RUN/shoppers.log" "$RUN/answers"
	rm "$RUN/shoppers.log" "$RUN/shoppers.pid"
	run ! grep -vE ' (first|replayed|skipped)$' "$RUN/answers"
}

orders() { sql "SELECT count(*) FROM orders"; }
more_orders() { [ "$(orders)" -ge $(($1 + 10)) ]; }

# Everything that was acknowledged is there, once, paid once, and the books are clean.
assert_all_there() {
	grep -v skipped "$RUN/answers" | cut -d' ' -f1,2 | tr ' ' '|' | sort >"$RUN/told"
	sql "SELECT key, id FROM orders WHERE key LIKE '$1-%'" | sort >"$RUN/stored"
	run -0 comm -23 "$RUN/told" "$RUN/stored"
	assert_output ""
	[ "$(wc -l <"$RUN/told")" -gt 20 ]
	wait_until 60 eval '[ "$(sql "SELECT count(*) FROM orders WHERE state <> '\''paid'\''")" = 0 ]'
	assert_equal "$(curl -sS "http://$STRIPE/sim/state" | jq '[.objects.payment_intents[] | .amount_received] | add')" \
		"$(sql "SELECT sum(captured) FROM payment")"
	stop worker
	clean
}

@test "case 34: five crashes of the database under load: what was acknowledged is there" {
	local i n
	start_httpd
	start_worker --queue payment --queue webhook --queue reservation --queue rollup --queue notification --lease 10
	start_shoppers crash
	for i in 1 2 3 4 5; do
		n=$(orders)
		wait_until 30 more_orders "$n"
		crash
	done
	n=$(orders)
	wait_until 30 more_orders "$n"
	end_shoppers
	assert_all_there crash
}

# No checkpoint, no goodbye.
crash() {
	local as=()
	[ "$(id -u)" != 0 ] || as=(runuser -u postgres --)
	(cd / && "${as[@]}" "$(pg_config --bindir)/pg_ctl" -D "$(realpath "$RUN/pg")/data" -s -w -m immediate stop)
	cluster start >/dev/null
}

down() { ! psql -qXAtc 'SELECT 1' postgres; }

@test "case 35: the volume of the log is full and then freed: nothing acknowledged is lost" {
	[ -L "$RUN/pg/data/pg_wal" ] || skip "no volume can be mounted: $(cat "$RUN/mount")"
	local n
	start_httpd
	start_worker --queue payment --queue webhook --queue reservation --queue rollup --queue notification --lease 10
	start_shoppers full
	n=$(orders)
	wait_until 30 more_orders "$n"
	head -c 200M /dev/zero >"$RUN/wal/ballast" 2>/dev/null || true # as much as there is room for
	# What was set aside is used up soon.
	wait_until 60 eval 'psql -qXAtc "SELECT pg_switch_wal()" postgres; down'
	request POST /v1/checkouts "$basket" -H 'Idempotency-Key: while-full'
	assert_equal "$status" 503
	grep -qi '^retry-after' "$RUN/headers"
	rm "$RUN/wal/ballast"
	cluster start >/dev/null
	n=$(orders)
	wait_until 30 more_orders "$n"
	end_shoppers
	assert_all_there full
	request POST /v1/checkouts "$basket" -H 'Idempotency-Key: while-full'
	assert_equal "$status" 201
}

# F11.  All tables of this database lie on a small volume of their own from here on.
@test "the volume of the data is full and then freed: what needs room hears 503, the rest goes on" {
	mkdir "$RUN/volume" && mount -t tmpfs -o size=96m,mode=0700 tmpfs "$RUN/volume" 2>"$RUN/mount" ||
		skip "no volume can be mounted: $(cat "$RUN/mount")"
	chown --reference="$RUN/pg/data" "$RUN/volume"
	sql "CREATE TABLESPACE volume LOCATION '$(realpath "$RUN/volume")'"
	sql "ALTER TABLE ALL IN TABLESPACE pg_default OWNED BY shop_owner SET TABLESPACE volume"
	sql "ALTER INDEX ALL IN TABLESPACE pg_default OWNED BY shop_owner SET TABLESPACE volume"
	local n=0 dead first
	dead=$(sql "SELECT count(*) FROM job_dead")
	start_httpd
	start_worker --queue payment --queue webhook --queue reservation --queue rollup --queue notification --lease 10
	start_shoppers room
	wait_until 30 more_orders "$(orders)"
	first=$(sql "SELECT min(id) FROM orders WHERE key LIKE 'room-%'")
	head -c 200M /dev/zero >"$RUN/volume/ballast" 2>/dev/null || true # as much as there is room for
	# What the last pages have room for still comes in.
	wait_until 60 eval 'n=$((n + 1)); request POST /v1/checkouts "$basket" -H "Idempotency-Key: no-room-$n"; [ "$status" = 503 ]'
	grep -qi '^retry-after' "$RUN/headers"
	grep -q database_has_room "$RUN/httpd.log"
	assert_equal "$(sql "SELECT count(*) FROM orders WHERE key = 'no-room-$n'")" 0
	request GET "/v1/checkouts/$first"
	assert_equal "$status" 200
	rm "$RUN/volume/ballast"
	wait_until 30 more_orders "$(orders)"
	end_shoppers
	request POST /v1/checkouts "$basket" -H "Idempotency-Key: no-room-$n"
	assert_equal "$status" 201
	assert_equal "$(sql "SELECT count(*) FROM job_dead")" "$dead"
	wait_until 60 eval '[ "$(sql "SELECT count(*) FROM orders WHERE key LIKE '\''room-%'\'' AND state <> '\''paid'\''")" = 0 ]'
	stop worker
	run -0 shopctl fsck
}

@test "no session is left: 503 at once, and 201 when there is" {
	local i
	start_httpd
	sql "CREATE ROLE hog LOGIN; GRANT CONNECT ON DATABASE \"$PGDATABASE\" TO hog"
	for i in {1..40}; do
		PGUSER=hog psql -qXAtc 'SELECT pg_sleep(600)' >/dev/null 2>&1 3>&- &
	done
	wait_until 20 eval '! PGUSER=shop_http psql -qXAtc "SELECT 1"'
	request POST /v1/checkouts "$basket" -H 'Idempotency-Key: no-session' -m 10
	assert_equal "$status" 503
	grep -qi '^retry-after' "$RUN/headers"
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'hog'" >/dev/null
	wait_until 20 eval 'request POST /v1/checkouts "$basket" -H "Idempotency-Key: no-session"; [ "$status" = 201 ]'
	assert_equal "$(sql "SELECT count(*) FROM orders WHERE key = 'no-session'")" 1
}

@test "an operator's session holds the stock: 503 and not forever, then the same key has its order" {
	SHOP_DATABASE_STATEMENT_TIMEOUT_MS=1000 start_httpd
	psql -U postgres -qXc "BEGIN; SELECT FROM shop.stock FOR UPDATE; SELECT pg_sleep(600)" >/dev/null 2>&1 3>&- &
	wait_until 10 asleep
	request POST /v1/checkouts "$basket" -H 'Idempotency-Key: locked' -m 20
	assert_equal "$status" 503
	grep -qi '^retry-after' "$RUN/headers"
	asleep
	request GET /livez
	assert_equal "$status" 200
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'" >/dev/null
	wait_until 20 eval 'request POST /v1/checkouts "$basket" -H "Idempotency-Key: locked"; [ "$status" = 201 ]'
	assert_equal "$(sql "SELECT count(*) FROM orders WHERE key = 'locked'")" 1
}
