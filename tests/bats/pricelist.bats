# Price lists: what some customers pay, since when and until when.

load helper

setup_file() {
	shop_up
	shopctl warehouse create AMS-1 -q
	shopctl warehouse create BER-1 -q
	shopctl product import "$ROOT/tests/data/catalog.csv" -q
	sql "INSERT INTO customer (email) VALUES ('jane@example.com'), ('joe@example.com')"
	shopctl pricelist create wholesale --priority 10 -q
}

# What a customer pays for a SKU, in minor units.
pays() {
	sql "SELECT p.amount FROM price_for(ARRAY(SELECT id FROM variant WHERE sku = '$2'), '{EUR}',
		ARRAY[(SELECT id FROM customer WHERE email = '$1')], now()) p"
}

@test "who has a list pays its price, and all others the shop's" {
	run -0 shopctl pricelist set wholesale DOG-5KG 21.50EUR --reason contract
	assert_equal "$(pays jane@example.com DOG-5KG)" 2999
	run -0 shopctl pricelist assign wholesale Jane@example.com --field email
	assert_output jane@example.com
	assert_equal "$(pays jane@example.com DOG-5KG)" 2150
	assert_equal "$(pays joe@example.com DOG-5KG)" 2999
	assert_equal "$(pays jane@example.com MUG)" 795
	run -0 shopctl order place --line DOG-5KG:2 --email jane@example.com --customer 1 --field total
	assert_output 43.00
	run -0 shopctl order place --line DOG-5KG:2 --email joe@example.com --customer 2 --field total
	assert_output 59.98
	run -0 shopctl pricelist show wholesale --format tsv --no-header --columns sku,price,shop_price
	assert_output 'DOG-5KG	21.50	EUR	29.99	EUR'
	run -0 shopctl pricelist list --format tsv --no-header --columns code,priority,prices,customers
	assert_output 'wholesale	10	1	1'
	run -0 shopctl pricelist unassign wholesale jane@example.com
	assert_equal "$(pays jane@example.com DOG-5KG)" 2999
}

@test "of two lists the one with the lower number is asked first" {
	shopctl pricelist create club -q
	shopctl pricelist assign club joe@example.com -q
	shopctl pricelist assign wholesale joe@example.com -q
	shopctl pricelist set club MUG 1.00EUR --reason club -q
	shopctl pricelist set wholesale MUG 5.00EUR --reason contract -q
	assert_equal "$(pays joe@example.com MUG)" 500
	run -0 shopctl pricelist set wholesale MUG --reason 'contract over' -q
	assert_equal "$(pays joe@example.com MUG)" 100
	run -0 shopctl price history MUG --format tsv --no-header --columns action,pricelist,reason
	assert_output 'list	wholesale	contract over
list	wholesale	contract
list	club	club'
}

@test "a list's price makes room for the next, and never overlaps" {
	run -0 shopctl pricelist set wholesale LAMP 50.00EUR --reason x
	run -0 shopctl pricelist set wholesale LAMP 45.00EUR --from "$(date -ud '+2 days' +%FT%TZ)" \
		--until "$(date -ud '+4 days' +%FT%TZ)" --reason x
	age '3 days'
	assert_equal "$(pays joe@example.com LAMP)" 4500
	age '2 days'
	assert_equal "$(pays joe@example.com LAMP)" 5000
	run -0 shopctl fsck --only catalog
}

@test "what cannot be is refused by its name" {
	run -3 shopctl pricelist set nothing MUG 1EUR --reason x
	assert_output --partial pricelist_exists
	run -4 shopctl pricelist create wholesale
	assert_output --partial pricelist_code_is_unique
	run -65 shopctl pricelist set wholesale MUG 1USD --reason x
	assert_output --partial pricelist_has_one_currency
	run -3 shopctl pricelist assign wholesale nobody@example.com
	assert_output --partial customer_exists
	run -65 shopctl pricelist create spring --from 2027-06-01 --until 2027-03-01
	assert_output --partial time_range_is_not_empty
	run -0 shopctl pricelist create spring --dry-run
	assert_equal "$(sql "SELECT count(*) FROM pricelist WHERE code = 'spring'")" 0
}
