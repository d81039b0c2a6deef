# Checkouts against each other: the last unit, one key many times, lost
# connections, killed backends, a server that ends under load.  The state of the
# stock is what the lines say.

load helper

setup_file() {
	shop_up
	sql "INSERT INTO warehouse (code, priority) VALUES ('MAIN', 1), ('EAST', 2);
		INSERT INTO product (handle, title, status) VALUES ('p', 'P', 'active');
		INSERT INTO variant (product_id, sku, title, options) SELECT p.id, 'S-' || i, 'Title', ARRAY['S' || i]
			FROM product p, generate_series(0, 9) i
			UNION ALL SELECT p.id, 'SKU-0000' || i, 'Title', ARRAY['K' || i] FROM product p, generate_series(1, 9) i;
		INSERT INTO price (variant_id, currency, amount) SELECT id, 'EUR', 1000 FROM variant;
		INSERT INTO stock (variant_id, warehouse_id)
			SELECT v.id, w.id FROM variant v, warehouse w"
	shopctl api-client create load --scope checkout --field key >"$RUN/key" 2>/dev/null
}

teardown() { [ ! -e "$RUN/httpd.pid" ] || stop httpd; }

setup() {
	sql "TRUNCATE orders, order_line, order_contact, payment, job_later;
		UPDATE stock SET reserved = 0"
}

race() { PGUSER=shop_http timeout 60 "$BUILD/checkout-race" "$@" >"$RUN/race"; }

result() { grep -c " $1 " "$RUN/race" || true; }

# Stock is what the lines hold, and every order is whole, once.
assert_consistent() {
	run -0 sql "SELECT 'stock', s.* FROM stock s LEFT JOIN (SELECT variant_id, warehouse_id,
			sum(qty) AS held FROM order_line GROUP BY 1, 2) l USING (variant_id, warehouse_id)
		WHERE s.reserved <> coalesce(l.held, 0) OR s.reserved > s.on_hand
	UNION ALL SELECT 'order', o.id, 0, 0, 0, 0, 0 FROM orders o WHERE NOT EXISTS (
			SELECT FROM payment p WHERE p.id = o.id AND p.amount = o.total)
		OR NOT EXISTS (SELECT FROM order_contact c WHERE c.order_id = o.id)
		OR (SELECT count(*) FROM job_later j WHERE j.subject = o.id) <> 1
		OR o.total <> (SELECT sum(qty * unit_price) FROM order_line l WHERE l.order_id = o.id)
	UNION ALL SELECT 'line', l.order_id, 0, 0, 0, 0, 0 FROM order_line l
		WHERE NOT EXISTS (SELECT FROM orders o WHERE o.id = l.order_id)"
	assert_output ""
}

# Whoever was told "placed" has an order, and it is the one of that key.
assert_nothing_lost() {
	grep -E ' (placed|replayed) ' "$RUN/race" | awk '{ print $1 "|" $3 }' | sort -u >"$RUN/told"
	sql "SELECT key, id FROM orders" | sort -u >"$RUN/stored"
	run -0 comm -23 "$RUN/told" "$RUN/stored"
	assert_output ""
}

@test "case 1: the last unit is sold once to fifty who ask at once" {
	sql "UPDATE stock SET on_hand = 0; UPDATE stock SET on_hand = 1
		WHERE variant_id = (SELECT id FROM variant WHERE sku = 'S-0') AND warehouse_id = 1"
	race 10 1 5 1 1
	assert_equal "$(result placed) $(result stock_never_oversold)" "1 49"
	assert_equal "$(sql 'SELECT sum(reserved) FROM stock')" 1
	assert_consistent
}

@test "one key asked for by many at once is one order" {
	sql "UPDATE stock SET on_hand = 100"
	race 10 1 2 1 2 same
	assert_equal "$(result placed) $(result replayed)" "1 19"
	assert_equal "$(cut -d' ' -f3 "$RUN/race" | sort -u | wc -l)" 1
	assert_equal "$(sql 'SELECT count(*) FROM orders')" 1
	assert_consistent
}

@test "many random batches never deadlock and never oversell" {
	sql "UPDATE stock SET on_hand = 60"
	local before
	before=$(sql "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
	race 6 20 8 10 3
	[ "$(result placed)" -gt 300 ]
	[ "$(result stock_never_oversold)" -gt 100 ]
	assert_equal $(($(result placed) + $(result stock_never_oversold))) 960
	assert_equal "$(sql 'SELECT count(*) FROM orders')" "$(result placed)"
	# Each was told how many are left: none stumbled over the constraint.
	assert_equal "$(result stock_never_oversold)" "$(grep -c ' 0 only [0-9]* of S-[0-9] left' "$RUN/race")"
	assert_equal "$(sql "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")" "$before"
	assert_consistent
}

@test "the same keys in two orders never wait for each other in a circle" {
	sql "UPDATE stock SET on_hand = 100000"
	local before
	before=$(sql "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
	race 4 15 100 4 8 crossed
	assert_equal "$(result placed)" 1500
	assert_equal $(($(result order_key_names_one_request) + $(result replayed))) 4500
	assert_equal "$(sql "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")" "$before"
	assert_consistent
}

@test "killed connections lose no order that was acknowledged and make none twice" {
	sql "UPDATE stock SET on_hand = 100000"
	race 4 60 8 10 4 &
	local race=$!
	run -0 sql "CREATE TEMP TABLE killed (n bigint);
		DO \$\$ BEGIN
			FOR i IN 1 .. 200 LOOP
				PERFORM pg_stat_clear_snapshot();
				INSERT INTO killed SELECT count(pg_terminate_backend(pid))
				FROM pg_stat_activity WHERE usename = 'shop_http'
					AND datname = current_database() AND random() < 0.3;
				PERFORM pg_sleep(0.01);
			END LOOP;
		END \$\$;
		SELECT sum(n) FROM killed"
	wait $race
	[ "$output" -gt 20 ]
	assert_equal "$(wc -l <"$RUN/race")" 1920
	assert_nothing_lost
	assert_equal "$(sql 'SELECT count(*) FROM orders')" "$(($(result placed) + $(result replayed)))"
	assert_consistent
}

@test "an order that the database cannot take harms no neighbour" {
	sql "UPDATE stock SET on_hand = 100000"
	race 2 3 10 10 6 bad
	assert_equal "$(result placed) $(result value_is_valid)" "48 12"
	assert_equal "$(sql 'SELECT count(*) FROM orders')" 48
	assert_nothing_lost
	assert_consistent
}

@test "an answer that was lost after the commit is found again" {
	sql "UPDATE stock SET on_hand = 100000"
	SHOP_FAILPOINTS='checkout.after_commit=err=E_AWAY%0.4:7' race 3 20 4 10 5
	[ "$(result replayed)" -gt 20 ]
	assert_equal $(($(result placed) + $(result replayed))) 240
	assert_equal "$(sql 'SELECT count(*) FROM orders')" 240
	assert_nothing_lost
	assert_consistent
}

@test "an operator places an order, tries one, and asks twice" {
	sql "UPDATE stock SET on_hand = 3"
	run -0 shopctl order place --line S-1:2 --email ada@example.com --currency EUR --dry-run
	assert_equal "$(sql 'SELECT count(*) FROM orders')" 0
	run -0 shopctl order place --line S-1:2 --line S-2:1 --email ada@example.com --currency EUR \
		--expect 30.00EUR --idempotency-key phone-1 --format json
	first=$(jq -r .order <<<"$output")
	assert_equal "$(jq -c '[.state, .total.minor, .replayed]' <<<"$output")" '["pending",3000,false]'
	run -0 shopctl order place --line S-1:2 --line S-2:1 --email ada@example.com --currency EUR \
		--expect 30.00EUR --idempotency-key phone-1 --format json
	assert_equal "$(jq -r '.order, .replayed' <<<"$output")" "$first"$'\ntrue'
	run -65 shopctl order place --line S-1:1 --email ada@example.com --currency EUR --idempotency-key phone-1
	assert_output --partial order_key_names_one_request
	run -4 shopctl order place --line S-1:5 --email ada@example.com --currency EUR
	assert_output --partial 'only 4 of S-1 left'
	run -64 shopctl order place --line S-1 --email ada@example.com
	assert_output --partial line_is_sku_and_quantity
	assert_consistent
}

# http_load CLIENTS SECONDS RATE: orders of one line over SKU-00001 .. SKU-00009.
http_load() {
	timeout 60 "$BUILD/bench/checkout_load" "$HTTP" "$(cat "$RUN/key")" "$1" "$2" "$3" 9 1 \
		>"$RUN/load" 2>"$RUN/load.err"
}

@test "over HTTP the stock sells out to the unit, whatever the batches" {
	sql "UPDATE stock SET on_hand = 20"
	start_httpd
	http_load 50 2 0
	read -r placed refused errors _ <"$RUN/load"
	[ "$placed" -gt 200 ] && [ "$refused" -gt 50 ] && [ "$errors" = 0 ]
	assert_equal "$(sql 'SELECT count(*) FROM orders')" "$placed"
	assert_equal "$(sql "SELECT sum(on_hand - reserved) FROM stock JOIN variant v ON v.id = variant_id
		WHERE sku LIKE 'SKU-%'")" 0
	assert_consistent
}

@test "a server told to stop answers what it has taken" {
	sql "UPDATE stock SET on_hand = 1000000"
	start_httpd
	http_load 20 10 0 &
	local load=$!
	sleep 0.7
	stop httpd
	wait $load || true # some waited for an answer that never came
	run -0 cat "$RUN/load.err"
	assert_output --partial "hung up"
	read -r placed _ <"$RUN/load"
	assert_equal "$(sql 'SELECT count(*) FROM orders')" "$placed"
	assert_consistent
}

@test "a full queue sheds and what was taken is answered" {
	sql "UPDATE stock SET on_hand = 1000000"
	SHOP_HTTP_QUEUE_MAX=4 SHOP_HTTP_BATCH_MAX=2 SHOP_HTTP_BATCHERS=1 start_httpd
	run -1 http_load 40 2 0
	read -r placed _ errors _ <"$RUN/load"
	[ "$placed" -gt 50 ] && [ "$errors" -gt 50 ]
	run -0 head -1 "$RUN/load.err"
	assert_output --partial "503"
	grep -qi "retry-after" "$RUN/load.err"
	assert_consistent
}
