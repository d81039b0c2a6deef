# Checkouts against each other: the last unit, one key many times, lost
# connections, killed backends.  The state of the stock is what the lines say.

load helper

setup_file() {
	shop_up
	sql "INSERT INTO warehouse (code, priority) VALUES ('MAIN', 1), ('EAST', 2);
		INSERT INTO product (handle, title, status) VALUES ('p', 'P', 'active');
		INSERT INTO variant (product_id, sku, title, options) SELECT p.id, 'S-' || i, 'Title', ARRAY[i::text]
			FROM product p, generate_series(0, 9) i;
		INSERT INTO price (variant_id, currency, amount) SELECT id, 'EUR', 500 FROM variant;
		INSERT INTO stock (variant_id, warehouse_id)
			SELECT v.id, w.id FROM variant v, warehouse w"
}

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

@test "the last unit is sold once to fifty who ask at once" {
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

@test "an answer that was lost after the commit is found again" {
	sql "UPDATE stock SET on_hand = 100000"
	SHOP_FAILPOINTS='checkout.after_commit=err=E_AWAY%0.4:7' race 3 20 4 10 5
	[ "$(result replayed)" -gt 20 ]
	assert_equal $(($(result placed) + $(result replayed))) 240
	assert_equal "$(sql 'SELECT count(*) FROM orders')" 240
	assert_nothing_lost
	assert_consistent
}
