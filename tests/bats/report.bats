# Reports: the sums they read miss nothing and count nothing twice, whoever is slow.

load helper

# The sums wait for every transaction of the server, those of the other tests too.
setup_file() { own_cluster; }

# sale ID [WHEN [MINOR [CURRENCY]]]: the SQL of an order that was paid then.
sale() {
	local id=$1 at=${2:-now} minor=${3:-1000} currency=${4:-EUR}
	cat <<-END
		INSERT INTO orders (id, client_id, key, fingerprint, state, currency, subtotal,
			total, created_at, expires_at)
		VALUES ($id, 0, '$id', 'f', 'paid', '$currency', $minor, $minor, '$at', 'now');
		INSERT INTO order_line (order_id, n, variant_id, warehouse_id, qty, unit_price,
			sku, title, stock_state)
		VALUES ($id, 1, $id % 7 + 1, 1, 1, $minor, 'SKU-' || $id % 7 + 1, 'Thing', 'committed');
		INSERT INTO payment (id, order_id, state, live, applied, currency, amount, captured)
		VALUES ($id, $id, 'captured', false, true, '$currency', $minor, $minor);
		WITH e AS (INSERT INTO ledger_entry (key, kind, order_id, payment_id, effective_at, actor)
			VALUES ('cap:stripe:$id', 'capture', $id, $id, '$at', 'test') RETURNING id)
		INSERT INTO ledger_line SELECT id, 1, 'psp:clearing', '$currency', $minor FROM e
			UNION ALL SELECT id, 2, 'customer:deposits', '$currency', -$minor FROM e;
	END
}

# refund ID WHEN MINOR: the SQL of a refund of that order that the provider took then.
refund() {
	cat <<-END
		INSERT INTO refund (id, order_id, payment_id, key, currency, amount, reason, state)
			OVERRIDING SYSTEM VALUE VALUES ($1, $1, $1, 'r', 'EUR', $3, 'test', 'succeeded');
		WITH e AS (INSERT INTO ledger_entry (key, kind, order_id, payment_id, refund_id,
				effective_at, actor)
			VALUES ('rout:$1', 'refund_accepted', $1, $1, $1, '$2', 'test') RETURNING id)
		INSERT INTO ledger_line SELECT id, 1, 'refund:payable', 'EUR', $3 FROM e
			UNION ALL SELECT id, 2, 'psp:clearing', 'EUR', -$3 FROM e;
	END
}

fold() { sql 'SELECT folded FROM api.rollup_fold(1000)'; }

empty() {
	sql 'TRUNCATE orders, order_line, payment, ledger_entry, ledger_line, refund, refund_line,
		rollup_sales_hour, rollup_sales_day, rollup_item_hour, together_todo'
}

setup() { empty; }

@test "a shop that sold nothing has an empty report and no error" {
	for report in 'sales' 'sales --by hour' 'top-products' 'latest-orders'; do
		# shellcheck disable=SC2086
		run -0 shopctl report $report --format csv
		assert_equal "${#lines[@]}" 1
		# shellcheck disable=SC2086
		run -0 --separate-stderr shopctl report $report --format json
		assert_equal "$(jq -c .items <<<"$output")" '[]'
	done
	run -0 shopctl report rollup verify
}

@test "a sale is reported once it is folded, to the cent" {
	sql "$(sale 1024 '2026-03-01 10:15Z' 2999) $(sale 2048 '2026-03-01 10:45Z' 1) $(sale 3072 '2026-03-02Z' 1500 JPY)"
	run -0 shopctl report sales --since 2026-03-01 --until 2026-03-03 --format csv
	assert_equal "${#lines[@]}" 1
	fold
	run -0 shopctl report sales --since 2026-03-01 --until 2026-03-03 --format csv
	assert_line '2026-03-01T00:00:00Z,2,2,30.00,EUR,0.00,EUR,30.00,EUR'
	assert_line '2026-03-02T00:00:00Z,1,1,1500,JPY,0,JPY,1500,JPY'
	run -0 shopctl report sales --by hour --since 2026-03-01 --until 2026-03-01T11:00:00Z --format csv
	assert_line '2026-03-01T10:00:00Z,2,2,30.00,EUR,0.00,EUR,30.00,EUR'
	assert_equal "${#lines[@]}" 2
}

@test "a late refund is in the report of the day it is made" {
	sql "$(sale 1024 '2026-03-01 10:15Z' 2999)"
	fold
	sql "$(refund 1024 '2026-03-04 09:00Z' 999)"
	fold
	run -0 shopctl report sales --since 2026-03-01 --until 2026-03-05 --format csv
	assert_line '2026-03-01T00:00:00Z,1,1,29.99,EUR,0.00,EUR,29.99,EUR'
	assert_line '2026-03-04T00:00:00Z,0,0,0.00,EUR,9.99,EUR,-9.99,EUR'
	run -0 shopctl report rollup verify
}

@test "a slow transaction's sale is not passed over, and is counted once" {
	fold # the first one ever waits for those who write
	sql "BEGIN; $(sale 1024) SELECT pg_sleep(4); COMMIT" &
	slow=$!
	wait_until 10 asleep
	sql "$(sale 2048)"
	fold
	run -0 shopctl report rollup status --format json
	assert_equal "$(jq -c '.items[0] | [.waiting, .held_by]' <<<"$output")" '[1,1]'
	wait $slow
	fold
	assert_equal "$(sql 'SELECT sum(orders) FROM rollup_sales_day')" 2
	fold
	assert_equal "$(sql 'SELECT sum(orders) FROM rollup_sales_day')" 2
	assert_equal "$(sql "SELECT kind, sum(units) FROM rollup_item_hour GROUP BY 1 ORDER BY 1" | paste -sd' ')" \
		'customer|2 product|2 warehouse|2'
	assert_equal "$(sql 'SELECT count(*) FROM together_todo')" 2
	run -0 shopctl report rollup verify
}

# A client that sells and refunds at its own pace, now and then rolling back.
seller() {
	local i id day end
	for ((i = 0; i < 40; i++)); do
		id=$((($1 * 1000 + i) * 1024))
		day=2026-0$((RANDOM % 3 + 1))-$((RANDOM % 28 + 1))
		end=COMMIT
		[ $((RANDOM % 8)) != 0 ] || end=ROLLBACK
		echo "BEGIN; $(sale $id "$day $((RANDOM % 24)):30Z" $((RANDOM + 1)))"
		[ $((RANDOM % 3)) != 0 ] || refund $id "2026-04-$((RANDOM % 28 + 1))Z" $((RANDOM % 100 + 1))
		echo "SELECT pg_sleep(0.0$((RANDOM % 6))); $end;"
	done | PGUSER=postgres PGOPTIONS='-c search_path=shop,pg_temp' psql -qXAt -v ON_ERROR_STOP=1 >/dev/null
}

@test "a random history with slow and failing transactions sums up to what a recount says" {
	local i pids=()
	RANDOM=${SEED:-7}
	for i in 1 2 3 4; do
		seller $i &
		pids+=($!)
	done
	for ((i = 0; i < 25; i++)); do
		sql 'SELECT api.rollup_fold(7)' >/dev/null
		sleep 0.05
	done
	for i in "${pids[@]}"; do wait "$i"; done
	fold
	run -0 shopctl report rollup verify
	assert_equal "$(sql "SELECT sum(orders), sum(gross), sum(refunds) FROM rollup_sales_day")" \
		"$(sql "SELECT count(*), sum(total), (SELECT sum(amount) FROM refund) FROM orders")"
	assert_equal "$(sql 'SELECT sum(orders), sum(units), sum(gross), sum(refunds) FROM rollup_sales_day')" \
		"$(sql 'SELECT sum(orders), sum(units), sum(gross), sum(refunds) FROM rollup_sales_hour')"
	assert_equal "$(sql 'SELECT sum(units), sum(gross) FROM rollup_item_hour WHERE kind = '\''product'\''')" \
		"$(sql 'SELECT sum(qty), sum(qty * unit_price) FROM order_line')"
	# The report says what SQL says.
	run -0 shopctl report sales --since 2026-01-01 --until 2026-05-01 --format json
	assert_equal "$(jq -c '[.items | (map(.orders) | add), (map(.gross.minor) | add), (map(.refunds.minor) | add)]' <<<"$output")" \
		"$(sql "SELECT json_build_array(count(*), sum(total), (SELECT sum(amount) FROM refund)) FROM orders" | tr -d ' ')"
}

@test "folds that run at once count nothing twice" {
	local i pids=()
	for ((i = 1; i <= 60; i++)); do sale $((i * 1024)); done >"$RUN/sales.sql"
	sql "$(cat "$RUN/sales.sql")"
	for i in 1 2 3 4; do
		{ fold && fold; } >/dev/null &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	assert_equal "$(sql 'SELECT sum(orders) FROM rollup_sales_day')" 60
}

@test "a wrong sum is exit 1 and named; rebuilding rights it" {
	sql "$(sale 1024 '2026-03-01 10:15Z' 2999)"
	fold
	sql "UPDATE rollup_sales_day SET gross = 3000"
	run -1 --separate-stderr shopctl report rollup verify --format csv
	assert_line 'sales_day,2026-03-01,"",EUR,"1 orders, 1 units, 3000 gross, 0 refunds","1 orders, 1 units, 2999 gross, 0 refunds"'
	run -0 shopctl report rollup rebuild --dry-run
	run -1 shopctl report rollup verify
	run -0 shopctl report rollup rebuild
	run -0 shopctl report rollup verify
	assert_equal "$(sql "SELECT count(*) FROM audit_log WHERE object = 'rollup:sales'")" 1
}

@test "bars are blocks in UTF-8, and signs elsewhere" {
	sql "$(sale 1024 '2026-03-01Z' 4000) $(sale 2048 '2026-03-02Z' 1000)"
	fold
	LC_ALL=C.UTF-8 run -0 shopctl report sales --since 2026-03-01 --until 2026-03-03 --format table
	assert_line --regexp '^2026-03-01 .* █{30}$'
	assert_line --regexp '^2026-03-02 .* █{7}▌$'
	LC_ALL=C run -0 shopctl report sales --since 2026-03-01 --until 2026-03-03 --format table
	assert_line --regexp '^2026-03-01 .* #{30}$'
	assert_line --regexp '^2026-03-02 .* #{8}$'
	run -0 shopctl report sales --since 2026-03-01 --until 2026-03-03 --format tsv
	refute_output --partial '#'
}

@test "top products and latest orders are as SQL has them" {
	local i
	for ((i = 1; i <= 20; i++)); do sale $((i * 1024)) "2026-03-01 0$((i % 10)):00Z" $((i * 100)); done >"$RUN/sales.sql"
	sql "$(cat "$RUN/sales.sql")"
	fold
	run -0 shopctl report top-products --since 2026-03-01 --until 2026-03-02 --limit 3 --format tsv --columns gross
	assert_output --partial "$(sql "SELECT sum(qty * unit_price)::bigint / 100 || '.00' FROM order_line GROUP BY variant_id ORDER BY sum(qty * unit_price) DESC LIMIT 1")"
	run -0 shopctl report latest-orders --limit 2 --field id
	assert_equal "$(echo $output)" "$(sql "SELECT string_agg(id::text, ' ') FROM (SELECT id FROM orders ORDER BY created_at DESC, id DESC LIMIT 2) o")"
}

@test "a range that makes no sense is refused with a remedy" {
	run -65 shopctl report sales --since 2026-03-02 --until 2026-03-01
	assert_output --partial 'time_range_is_not_empty'
	run -65 shopctl report sales --by hour --since 2000-01-01
	assert_output --partial 'report_range_is_bounded'
	run -64 shopctl report sales --by week
	run -64 shopctl report sales --since yesterday
}

@test "an operator folds at once, and a dry run takes it back" {
	sql "$(sale 1024)"
	run -0 shopctl report rollup fold --dry-run --field entries
	assert_equal "$(sql 'SELECT count(*) FROM rollup_sales_day')" 0
	run -0 --separate-stderr shopctl report rollup fold --field entries
	assert_output 1
	run -0 shopctl report rollup verify
}

@test "the worker folds what was sold, in one pass" {
	[ -x "$BUILD/shop-worker" ] || skip "shop-worker is not built"
	sql "$(sale 1024)"
	sql "UPDATE job_schedule SET next_at = now() WHERE name = 'rollup.sales'"
	work
	assert_equal "$(sql 'SELECT sum(orders) FROM rollup_sales_day')" 1
}
