# Taxes: rates by place and time, and a quote that adds up.

load helper

setup_file() {
	shop_up
	shopctl warehouse create AMS-1 -q
	shopctl warehouse create BER-1 -q
	shopctl product import "$ROOT/tests/data/catalog.csv" -q
	shopctl tax rate set DE 19 --included --name USt --reason setup -q
	shopctl tax rate set DE 7 --tax-class reduced --included --name USt --reason setup -q
	shopctl tax rate set US 4 --region NY --name State --reason setup -q
	shopctl tax rate set US 4.875 --region ny --postcode '100*; 11201' --priority 2 --name City \
		--not-shipping --reason setup -q
}

quote() {
	shopctl tax quote "$@" --format tsv --no-header --columns part,sku,rates,net,tax,gross
}

@test "a quote shows net, the tax of each rate and gross" {
	run -0 quote DOG-5KG:2 MUG --country DE
	assert_output 'line	DOG-5KG	USt 7%	56.06	EUR	3.92	EUR	59.98	EUR
line	MUG	USt 19%	6.68	EUR	1.27	EUR	7.95	EUR
rate		USt 19% included			1.27	EUR		
rate		USt 7% included			3.92	EUR		
total			62.74	EUR	5.19	EUR	67.93	EUR'
	run -0 quote LAMP --country us --region NY --postcode 10013 --shipping 4.90
	assert_output 'line	LAMP	State 4%, City 4.875%	59.90	EUR	5.32	EUR	65.22	EUR
shipping		State 4%	4.90	EUR	0.19	EUR	5.09	EUR
rate		State 4%			2.59	EUR		
rate		City 4.875%			2.92	EUR		
total			64.80	EUR	5.51	EUR	70.31	EUR'
	run -0 quote GIFT-25 --country DE
	assert_line --partial 'total			25.00	EUR	0.00	EUR	25.00'
}

@test "a rate of a time makes room in the one before" {
	run -0 shopctl tax rate set DE 16 --included --name USt --from 2020-07-01 --until 2021-01-01 \
		--reason law --format tsv --no-header --columns percent,valid_from,valid_until
	assert_output '19		2020-07-01T00:00:00Z
16	2020-07-01T00:00:00Z	2021-01-01T00:00:00Z
19	2021-01-01T00:00:00Z	'
	run -0 shopctl tax quote MUG --country DE --as-of 2020-08-01 --field rates
	assert_line 'USt 16%'
	run -0 shopctl tax rate list --country DE --tax-class standard --as-of 2020-08-01 --field percent
	assert_output 16
	run -0 shopctl tax rate end "$(sql "SELECT id FROM tax_rate WHERE ppm = 48750")" --reason 'no more'
	run -0 shopctl tax quote LAMP --country US --region NY --postcode 10013 --field rates
	refute_output --partial City
	run -0 shopctl fsck --only catalog
}

@test "classes and rates that cannot be are refused by name" {
	run -0 shopctl tax class set books Books
	run -0 shopctl tax class list --format tsv --no-header --columns code,name,rates,variants
	assert_line 'books	Books	0	0'
	assert_line 'reduced	Reduced	1	4'
	run -4 shopctl tax class set shipping Shipping
	assert_output --partial tax_class_code_is_a_word
	run -3 shopctl tax rate set DE 7 --tax-class nothing --reason x
	assert_output --partial tax_class_exists
	run -65 shopctl tax rate set DE 19.12345 --reason x
	assert_output --partial tax_rate_is_a_percentage
	run -4 shopctl tax rate set Germany 19 --reason x
	assert_output --partial tax_rate_country_is_a_code
	run -4 shopctl tax rate set DE 19 --from 2027-01-01 --until 2026-01-01 --reason x
	assert_output --partial tax_rate_range_is_not_empty
	run -4 shopctl tax quote MUG --country DE --currency USD
	assert_output --partial price_is_set
}
