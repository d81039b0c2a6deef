# The stockroom: goods come in, move, are counted, and what is wrong with a file is said.

load helper

setup_file() {
	shop_up
	shopctl warehouse create AMS-1 --country NL --priority 10
	shopctl warehouse create BER-1 --country DE --priority 20
	shopctl product import "$ROOT/tests/data/catalog.csv"
}

on_hand() { shopctl stock show "$1" --warehouse "$2" --field on_hand; }

@test "a delivery comes in from a file with its costs, once" {
	printf 'SKU,Qty,Cost\nMUG,5,2.50\nDOG-2KG,3,\n' >"$RUN/po.csv"
	run -0 shopctl stock receive PO-7 --file "$RUN/po.csv" --warehouse AMS-1 --cost 7USD \
		--reason delivered --idempotency-key po-7 --format tsv --no-header
	assert_output '1	PO-7	AMS-1	MUG	5	2.50	EUR	205	205
1	PO-7	AMS-1	DOG-2KG	3	7.00	USD	123	123'
	run -0 shopctl stock receive PO-7 --file "$RUN/po.csv" --warehouse AMS-1 \
		--reason delivered --idempotency-key po-7
	assert_output --partial 'nothing was changed'
	assert_equal "$(on_hand MUG AMS-1)" 205
	run -64 shopctl stock receive PO-8 --line MUG:1 --warehouse AMS-1
	assert_output --partial reason
}

@test "a file that cannot be read is named with its line, and nothing came" {
	printf 'sku,qty\nMUG,5\nMUG,many\n' >"$RUN/bad.csv"
	run -65 shopctl stock receive PO-9 --file "$RUN/bad.csv" --warehouse AMS-1 --reason d
	assert_output --partial 'units_file_is_readable: line 3: many is not how many of MUG there are'
	printf 'sku,amount\nMUG,5\n' >"$RUN/bad.csv"
	run -65 shopctl stock receive PO-9 --file "$RUN/bad.csv" --warehouse AMS-1 --reason d
	assert_output --partial 'units_file_has_columns: the file has no column qty'
	printf 'sku,qty,units\nMUG,5,5\n' >"$RUN/bad.csv"
	run -65 shopctl stock receive PO-9 --file "$RUN/bad.csv" --warehouse AMS-1 --reason d
	assert_output --partial 'units_file_has_columns: line 1: column units is there twice'
	printf 'sku,qty\nMUG,5\nNOTHING,1\n' >"$RUN/bad.csv"
	run -3 shopctl stock receive PO-9 --file "$RUN/bad.csv" --warehouse AMS-1 --reason d
	assert_output --partial 'there is no SKU NOTHING'
	assert_equal "$(on_hand MUG AMS-1)" 205
}

@test "a transfer is in transit, comes in parts, and what is short is lost with its reason" {
	run -0 shopctl transfer create --from AMS-1 --to BER-1 --line MUG:40 --reason refill --field id
	run -0 shopctl transfer ship 1 --reason lorry --dry-run
	assert_equal "$(on_hand MUG AMS-1)" 205
	run -0 shopctl transfer ship 1 --reason lorry --field in_transit
	assert_output 40
	run -0 shopctl stock show MUG --warehouse BER-1 --format tsv --no-header
	assert_output 'MUG	BER-1	0	0	0	40'
	run -0 shopctl transfer receive 1 --line MUG:30 --more --reason part
	run -0 shopctl transfer receive 1 --line MUG:9 --reason 'one broke' --field lost
	assert_output 1
	run -0 shopctl stock ledger MUG --warehouse BER-1 --columns delta,on_hand,reason,note \
		--format tsv --no-header
	assert_output '30	30	transfer_in	part
10	40	transfer_in	one broke
-1	39	transfer_loss	one broke'
	run -4 shopctl transfer cancel 1 --reason late
	assert_output --partial 'shopctl transfer show 1'
}

@test "a count from a file is blind until it is posted" {
	run -0 shopctl count start BER-1 --sku 'M*' --sku LAMP --reason spot --field skus
	assert_output 2
	printf 'sku,counted\nMUG,37\nLAMP,3\n' >"$RUN/found.csv"
	run -0 shopctl count import 1 "$RUN/found.csv"
	run -0 shopctl count show 1 --columns sku,counted,book --format tsv --no-header
	assert_output 'LAMP	3	
MUG	37	'
	run -0 shopctl count post 1 --reason spot --dry-run --field missing
	assert_output --partial 2
	assert_equal "$(on_hand MUG BER-1)" 39
	run -0 shopctl count post 1 --reason spot
	assert_equal "$(on_hand MUG BER-1)" 37
	run -0 shopctl count show 1 --columns sku,counted,book,difference --format tsv --no-header
	assert_line 'MUG	37	39	-2'
	run -0 shopctl stock as-of 1h MUG
	assert_output ''
	run -0 shopctl fsck
}

@test "a policy needs a reason, a closed warehouse sends nothing" {
	run -64 shopctl warehouse policy nearest
	assert_output --partial reason_is_given
	run -65 shopctl warehouse set AMS-1 --place Amsterdam --reason x
	assert_output --partial warehouse_lies_on_earth
	run -4 shopctl warehouse set AMS-1 --serves Europe --reason x
	assert_output --partial warehouse_area_is_known
	run -0 shopctl warehouse set AMS-1 --serves NL --address '{"city":"Amsterdam"}' --reason x
	run -0 shopctl warehouse show AMS-1 --format json
	assert_output --partial '"serves":"NL"'
	run -0 shopctl stock set MUG 5 --warehouse BER-1 --reason found
	run -0 shopctl order place --email a@example.com --line MUG:1 \
		--address '{"country":"DE"}' --field order
	run -0 sql "SELECT w.code FROM order_line l JOIN warehouse w ON w.id = warehouse_id"
	assert_output BER-1
	run -0 shopctl warehouse close BER-1 --reason flood
	run -4 shopctl order place --email a@example.com --line MUG:1 --address '{"country":"DE"}'
	assert_output --partial 'only 0 of MUG left in warehouses that send there'
	run -0 shopctl stock why MUG --columns warehouse,kind,qty,holds,detail --format tsv --no-header
	assert_output 'BER-1	order	1	true	reserved until it is paid'
	run -0 shopctl fsck
}
