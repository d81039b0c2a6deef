# Stock: every change has a reason, a movement and an audit row, or is refused.

load helper

setup_file() {
	shop_up
	shopctl warehouse create AMS-1 --country NL --priority 10
	shopctl warehouse create BER-1 --country DE --priority 20 --name Berlin
	shopctl product import "$ROOT/tests/data/catalog.csv"
}

on_hand() { shopctl stock show "$1" --warehouse "$2" --field on_hand; }

@test "what lies where is shown by warehouse, the first asked first" {
	run -0 shopctl stock show DOG-2KG --format tsv --no-header
	assert_output 'DOG-2KG	AMS-1	120	0	120	0
DOG-2KG	BER-1	40	0	40	0'
	run -3 shopctl stock show NOTHING
	assert_output --partial variant_exists
}

@test "an adjustment is a movement and an audit row with its reason" {
	run -0 shopctl stock adjust DOG-2KG --warehouse AMS-1 --reason damaged --format tsv -- -2
	assert_line 'DOG-2KG	AMS-1	118	0	118	0'
	run -0 sql "SELECT delta, reason FROM stock_movement ORDER BY id DESC LIMIT 1"
	assert_output '-2|adjust'
	run -0 sql "SELECT object, action, reason, before ->> 'on_hand', after ->> 'on_hand'
		FROM audit_log ORDER BY id DESC LIMIT 1"
	assert_output 'variant:DOG-2KG|stock.adjust|damaged|120|118'
	run -0 shopctl stock adjust DOG-2KG 2 --warehouse AMS-1 --reason found
	run -0 shopctl fsck
}

@test "stock is set when it is what was expected" {
	run -0 shopctl stock set MUG 190 --warehouse AMS-1 --expect 200 --reason counted
	run -4 shopctl stock set MUG 180 --warehouse AMS-1 --expect 200 --reason counted
	assert_output --partial 'stock_is_as_expected: MUG in AMS-1 has 190 on hand, not 200'
	run -0 shopctl stock set MUG 200 --warehouse AMS-1 --reason counted
	run -0 shopctl stock set MUG 7 --warehouse BER-1 --expect 0 --reason 'first delivery'
	assert_equal "$(on_hand MUG BER-1)" 7
}

@test "nobody takes what is reserved" {
	sql "UPDATE stock SET reserved = 3 WHERE variant_id =
		(SELECT id FROM variant WHERE sku = 'LAMP')"
	run -4 shopctl stock adjust LAMP --warehouse BER-1 --reason lost -- -1
	assert_output --partial 'stock_never_oversold: LAMP in BER-1 would have 2 on hand, and 3 of it are reserved'
	run -4 shopctl stock set LAMP 2 --warehouse BER-1 --reason counted
	run -4 shopctl stock set LAMP --warehouse BER-1 --reason counted -- -1
	assert_equal "$(on_hand LAMP BER-1)" 3
	sql "UPDATE stock SET reserved = 0"
}

@test "a change without a reason, a warehouse or a SKU is refused" {
	run -64 shopctl stock adjust MUG 1 --warehouse AMS-1
	assert_output --partial reason
	run -65 shopctl stock adjust MUG 1 --reason found
	assert_output --partial warehouse_is_named
	run -3 shopctl stock adjust MUG 1 --warehouse NOWHERE --reason found
	assert_output --partial warehouse_exists
	run -3 shopctl stock adjust NOTHING 1 --warehouse AMS-1 --reason found
	assert_output --partial variant_exists
	run -64 shopctl stock adjust MUG many --warehouse AMS-1 --reason found
}

@test "a dry run changes nothing" {
	run -0 shopctl stock adjust MUG 5 --warehouse AMS-1 --reason found --dry-run
	assert_output --partial 205
	assert_equal "$(on_hand MUG AMS-1)" 200
	run -0 shopctl warehouse create PAR-1 --dry-run
	run -0 shopctl warehouse list --field code
	assert_output 'AMS-1
BER-1'
}

@test "twenty adjustments at once all count" {
	for _ in {1..20}; do
		shopctl stock adjust TEA-100 1 --warehouse BER-1 --reason found -q >>"$RUN/out" &
	done
	wait
	assert_equal "$(on_hand TEA-100 BER-1)" 110
	run -0 shopctl fsck
}

@test "what is expected is looked at under lock" {
	sql "UPDATE stock SET on_hand = on_hand - 1 WHERE variant_id =
		(SELECT id FROM variant WHERE sku = 'CANDLE-3'); SELECT pg_sleep(1)" >"$RUN/out" &
	wait_until 10 somebody_sleeps
	run -4 shopctl stock set CANDLE-3 100 --warehouse AMS-1 --expect 75 --reason counted
	assert_output --partial 'CANDLE-3 in AMS-1 has 74 on hand, not 75'
	wait
	sql "UPDATE stock SET on_hand = on_hand + 1 WHERE variant_id =
		(SELECT id FROM variant WHERE sku = 'CANDLE-3')"
}

somebody_sleeps() {
	[ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'
		AND datname = current_database()")" = 1 ]
}

@test "no two warehouses share a code" {
	run -4 shopctl warehouse create AMS-1
	assert_output --partial warehouse_code_is_unique
	run -4 shopctl warehouse create ''
	assert_output --partial warehouse_code_is_not_empty
	run -0 shopctl warehouse list --format tsv --no-header --columns code,name,country,priority
	assert_output 'AMS-1	AMS-1	NL	10
BER-1	Berlin	DE	20'
}
