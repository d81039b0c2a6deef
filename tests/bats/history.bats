# Orders of another shop's past: all of a file or nothing, once, exact, and no order here.

load helper

setup_file() {
	shop_up
	cat >"$RUN/past.csv" <<-'END'
		InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
		536365,85123A,WHITE HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
		536365,71053,"LANTERN, WHITE",1,2010-12-01 08:26:00,0.001,17850.0,United Kingdom
		C536366,85123A,WHITE HOLDER,-2,2011-01-03 10:00:00,2.55,17850.0,United Kingdom
		536367,,POSTAGE,1,2011-01-04 00:30:00,7.95,,France
	END
}

import() { shopctl order import "$RUN/$1" --source uci --currency GBP --tz Europe/London "${@:2}"; }

months() {
	shopctl report sales --by month --since "$1" --until "$2" --tz Europe/London \
		--format csv --no-header --columns label,exact
}

@test "a dry run imports nothing; an import is exact to parts of a cent, and done once" {
	run -0 --separate-stderr import past.csv --dry-run --format json
	assert_equal "$(jq -c '.item // . | [.rows, .orders, .created, .rejected]' <<<"$output")" '[4,3,3,0]'
	assert_equal "$(sql 'SELECT count(*) FROM sale_history')" 0
	run -0 import past.csv
	run -0 --separate-stderr months 2010-12-01 2011-02-01
	assert_equal "${lines[*]}" '2010-12,15.301 2011-01,2.85'
	run -0 --separate-stderr import past.csv --field created
	assert_output 0
	run -0 --separate-stderr months 2010-12-01 2011-02-01
	assert_equal "${lines[*]}" '2010-12,15.301 2011-01,2.85'
	run -0 --separate-stderr shopctl report sales --by customer --since 2010-12-01 --until 2011-02-01 \
		--tz Europe/London --format csv --no-header --columns item,orders,units,returned,net
	assert_output --partial 'uci:17850.0,1,7,2,10.20,GBP'
	assert_output --partial 'guest,1,1,0,7.95,GBP'
}

@test "what was imported is no order, touches no stock and no book, and the shop is sound" {
	assert_equal "$(sql 'SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM ledger_entry)
		+ (SELECT count(*) FROM stock_movement) + (SELECT count(*) FROM order_line)')" 0
	run -0 shopctl report rollup verify
	run -0 shopctl report rollup rebuild
	run -0 --separate-stderr months 2010-12-01 2011-02-01
	assert_equal "${lines[*]}" '2010-12,15.301 2011-01,2.85'
	run -0 shopctl fsck
}

@test "rows that are wrong are named with line, column and rule, and nothing is imported" {
	cat >"$RUN/bad.csv" <<-'END'
		external_id,date,customer,sku,description,qty,unit_price,currency,country
		1,2011-02-30,,A,a,1,1.00,GBP,
		2,2011-02-03,,A,a,none,1.00,GBP,
		2,2011-02-03,,B,b,1,1.00,GBP,
		3,2011-02-03,ann@example.org,A,a,1,1.00,GBP,
		4,2011-02-03,7,A,a,1,"1,000.00",GBP,
		5,2011-02-03,7,A,a,1,1.00,GBP,
		5,2011-02-03,8,A,a,1,1.00,EUR,
		6,2011-02-03,7,,,1,1.00,GBP,
		7,2011-02-03T10:00:00+01:00,7,A,a,1,1.00,GBP,
		8,2011-02-03,7,A,a,1
	END
	run -65 import bad.csv --rejects "$RUN/rejected.csv"
	assert_equal "$(sql "SELECT count(*) FROM sale_history WHERE at > '2011-02-01'")" 0
	for words in '2,date,time_is_readable' '3,qty,history_quantity_is_whole' \
		'4,external_id,history_order_is_whole' '5,customer,history_names_no_person' \
		'6,unit_price,money_is_exact' '8,"currency; customer",history_order_agrees' \
		'7,external_id,history_order_is_whole' '9,sku,history_line_names_a_product' \
		'11,row,csv_rows_fit_the_header'; do
		run -0 grep -F ",$words," "$RUN/rejected.csv"
	done
	run -5 import bad.csv --partial --quiet --field created
	assert_line 1
	sed 's/,2.55,/,2.56,/' "$RUN/past.csv" >"$RUN/changed.csv"
	run -65 import changed.csv
	assert_output --partial history_order_is_final
	echo 'sku,qty' >"$RUN/none.csv"
	run -65 import none.csv
	assert_output --partial 'no column "external id"'
}

@test "nine months of a real shop are what is known of them, to the last digit" {
	[ -d "${SHOP_DATA:-}/sales" ] || skip "no sample data"
	tar -xzf "$SHOP_DATA"/sales/uci-online-retail-by-day_*.tar.gz -O |
		awk 'NR == 1 || !/^InvoiceNo,/' >"$RUN/uci.csv"
	sql 'DELETE FROM sale_history_line; DELETE FROM sale_history; DELETE FROM together_todo'
	shopctl report rollup rebuild --quiet
	run -0 --separate-stderr import uci.csv --field rows
	assert_output 320705
	run -0 --separate-stderr months 2010-12-01 2011-08-31T22:00:00Z
	known=$(sed -n '/^## UCI/,/^## Adv/s/^- net per month: //p' "$SHOP_DATA/ORACLES.md")
	[ -n "$known" ]
	assert_equal "$(tr , ' ' <<<"$output" | paste -sd, | sed 's/,/, /g')" "$known"
	run -0 --separate-stderr shopctl report sales --by currency --since 2010-12-01 --until 2011-09-01 \
		--format csv --no-header --columns exact
	assert_output 5761931.382
}
