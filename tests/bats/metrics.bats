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

# Names of metrics in the expressions of the alerts, and of the dashboard.
alerted() { sed -n 's/^ *expr: //p' "$ROOT/config/alerts/shop.rules.yaml" | sed 's/"[^"]*"//g' | grep -o '\bshop_[a-z_]*'; }
shown() { jq -r '.panels[].targets[].expr' "$ROOT/config/grafana/shop.json" | sed 's/"[^"]*"//g' | grep -o '\bshop_[a-z_]*'; }

# What the database says, and what the daemons register; histograms by their parts.
existing() {
	sql "SELECT name FROM metric_families()"
	grep -rhzoE 'METRIC_[A-Z]+\([^"]*"shop_[a-z_]+"' "$ROOT/cmd" "$ROOT/lib" --include='*.c' | tr '\0\n' '\n ' |
		sed -nE 's/.*METRIC_HISTOGRAM.*"(.*)".*/\1_bucket\n\1_sum\n\1_count/p; t; s/.*"(shop_.*)".*/\1/p'
}

@test "alerts and dashboard ask only for metrics that exist" {
	existing | sort -u >"$RUN/existing"
	for asks in alerted shown; do
		$asks | sort -u >"$RUN/$asks"
		[ "$(wc -l <"$RUN/$asks")" -ge 15 ]
		run comm -23 "$RUN/$asks" "$RUN/existing"
		assert_output ""
	done
}

@test "every alert says what it is, how bad, and the command to look with" {
	local rules=$ROOT/config/alerts/shop.rules.yaml part command words
	for part in expr summary description command 'labels: {severity'; do
		assert_equal "$part $(grep -c "^ *$part: ." "$rules")" "$part $(grep -c '^ *- alert: Shop' "$rules")"
	done
	run ! grep 'severity:' <(grep -vE '\{severity: (page|ticket)\}|^#' "$rules")
	shopctl commands --format json | jq -r '.items[].command' >"$RUN/commands"
	while read -r command; do
		read -ra words <<<"$command"
		[ "${words[0]}" = shopctl ] && grep -qxE "${words[1]}( ${words[2]:-})?" "$RUN/commands" || fail "there is no $command"
	done < <(sed -n 's/^ *command: //p' "$rules")
}

@test "the alerts are raised when they should, and not when they should not" {
	command -v promtool >/dev/null || skip "promtool is not installed"
	run -0 promtool check rules "$ROOT/config/alerts/shop.rules.yaml"
	run -0 promtool test rules "$ROOT/tests/data/alerts.yaml"
}

@test "the dashboard's panels have a number of their own and do not overlap" {
	run -0 jq -e '.panels | (map(.id) | unique | length) == length and length >= 20
		and ([.[].gridPos | . as $p | range(.w) as $x | range(.h) as $y | [$p.x + $x, $p.y + $y]]
			| (unique | length) == length and all(.[0] < 24))' "$ROOT/config/grafana/shop.json"
}
