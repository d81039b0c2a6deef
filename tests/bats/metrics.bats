# Figures for Prometheus: what shopctl says of the database, what the daemons say of
# themselves, and that alerts and dashboard ask for nothing else.
load helper

setup_file() {
	shop_up
	sql "INSERT INTO product (handle, title, status) VALUES ('dog', 'Dog food', 'active');
		INSERT INTO variant (product_id, sku, title, options) VALUES (1, 'DOG-5KG', 'Dog food 5 kg', '{5 kg}');
		INSERT INTO price (variant_id, currency, amount) VALUES (1, 'EUR', 5000);
		INSERT INTO warehouse (code, country) VALUES ('BER', 'DE');
		INSERT INTO stock (variant_id, warehouse_id, on_hand) VALUES (1, 1, 1000);
		INSERT INTO stock_movement (variant_id, warehouse_id, delta, reason, actor)
			VALUES (1, 1, 1000, 'receive', 'test')"
}

lint() {
	command -v promtool >/dev/null || skip "promtool is not installed"
	run -0 promtool check metrics
	assert_output ""
}

@test "metrics of the database are what promtool wants, also of an empty shop" {
	shopctl metrics print >"$RUN/metrics"
	run -0 grep -c '^# HELP' "$RUN/metrics"
	assert_equal "$output" "$(sql 'SELECT count(*) FROM metric_families()')"
	run ! grep -q '} [^ ]* .' "$RUN/metrics" # no time stamps
	lint <"$RUN/metrics"
}

@test "an order, its jobs and a check are in the metrics" {
	shopctl order place --email ada@example.com --line DOG-5KG:2
	shopctl fsck
	run -0 shopctl metrics print
	assert_line 'shop_orders_today{state="pending"} 1'
	assert_line 'shop_queue_depth{queue="payment"} 1'
	assert_line 'shop_queue_paused{queue="payment"} 0'
	assert_line 'shop_workers_seen 0'
	assert_line 'shop_fsck_violations{scope="all"} 0'
	assert_line --regexp '^shop_task_last_success_timestamp_seconds\{task="fsck"\} [0-9]{10}\.[0-9]+$'
}

@test "a textfile is replaced whole, readable by all, and nothing else is left there" {
	mkdir "$RUN/collector"
	umask 077
	run -0 shopctl metrics textfile "$RUN/collector/shop.prom"
	assert_output ""
	assert_equal "$(stat -c %a "$RUN/collector/shop.prom")" 644
	first=$(stat -c %i "$RUN/collector/shop.prom")
	shopctl metrics textfile "$RUN/collector/shop.prom"
	assert_equal "$(ls "$RUN/collector")" shop.prom
	assert_not_equal "$(stat -c %i "$RUN/collector/shop.prom")" "$first"
	lint <"$RUN/collector/shop.prom"
}

@test "a textfile that cannot be made or replaced is an error, and nothing is left over" {
	run -73 shopctl metrics textfile "$RUN/nowhere/shop.prom"
	assert_output --partial metrics_file_is_writable
	mkdir -p "$RUN/taken/shop.prom"
	run -74 shopctl metrics textfile "$RUN/taken/shop.prom"
	assert_output --partial 'Is a directory'
	assert_equal "$(ls "$RUN/taken")" shop.prom
}

@test "an auditor may ask for metrics, and a service may not" {
	run -0 sql "SET ROLE op_auditor; SELECT count(*) > 20 FROM api.metrics()"
	assert_output --partial t
	run ! sql "SET ROLE shop_http; SELECT * FROM api.metrics()"
	assert_output --partial 'permission denied'
}
