# Prices: set, scheduled, taken back and changed in bulk; two at once never overlap.

load helper

setup_file() {
	shop_up
	shopctl warehouse create AMS-1 -q
	shopctl warehouse create BER-1 -q
	shopctl product import "$ROOT/tests/data/catalog.csv" -q
}

price_of() { shopctl price list --where "sku=$1" --field price; }


@test "a schedule is paid from its first instant to its last" {
	run -0 shopctl price schedule DOG-5KG 24.99EUR --from "$(date -ud '+2 days' +%FT%TZ)" \
		--until "$(date -ud '+4 days' +%FT%TZ)" --reason BF26
	assert_equal "$(price_of DOG-5KG)" '29.99'
	age '3 days'
	assert_equal "$(price_of DOG-5KG)" '24.99'
	run -0 shopctl price list --scheduled --field sku
	assert_output DOG-5KG
	age '2 days'
	assert_equal "$(price_of DOG-5KG)" '29.99'
	run -0 shopctl price show DOG-5KG --format tsv --no-header --columns price,state
	assert_output '29.99	EUR	past
24.99	EUR	past
29.99	EUR	now'
	run -0 shopctl price show DOG-5KG --as-of 2d --field price
	assert_output 24.99
	run -0 shopctl fsck --only catalog
}

@test "a price changes with a reason, and history tells of it" {
	run -64 shopctl price set MUG 7.50EUR
	assert_output --partial reason
	run -0 shopctl price set MUG 7.50EUR --compare-at 7.95 --reason 'costs less' --format json
	assert_equal "$(jq -r '.before.minor, .after.minor, .compare_at.minor' <<<"$output" | xargs)" '795 750 795'
	run -0 shopctl price history MUG --format tsv --no-header --columns action,reason,before,after
	assert_output 'set	costs less	7.95 EUR	7.50 EUR'
	run -0 shopctl price set MUG 7.50EUR --reason 'said twice'
	run -0 shopctl price history MUG --field reason
	assert_output 'costs less'
	run -0 shopctl price show MUG --field state
	assert_output 'past
now'
	run -65 shopctl price set MUG 0EUR --reason gift
	assert_output --partial price_is_within_bounds
	run -64 shopctl price set MUG 7EUR --compare-at 9USD --reason x
	assert_output --partial currencies_agree
	run -3 shopctl price set NOTHING 7EUR --reason x
}

@test "a dry run of a bulk change shows it and takes it back" {
	run -0 --separate-stderr shopctl price bulk --where brand=BestPet --expr '*0.90' --round 0.99 \
		--floor cost --reason BF26 --dry-run --format tsv --no-header --columns sku,before,after
	assert_output 'DOG-2KG	12.99	EUR	11.99	EUR
DOG-5KG	29.99	EUR	26.99	EUR'
	assert_equal "$(price_of DOG-2KG)" '12.99'
	run -64 shopctl price bulk --expr '*0.90' --reason all
	assert_output --partial filter_is_given
	run -3 shopctl price bulk --where brand=Nobody --expr '*0.90' --reason x
	assert_output --partial bulk_finds_prices
	run -4 shopctl price bulk --where 'sku~gift' --expr '*0.90' --floor cost --reason x
	assert_output --partial 'GIFT-25 is the first'
	run -0 shopctl price bulk --where category=pets --expr -10% --reason sale -q
	assert_equal "$(price_of DOG-2KG)" '11.69'
	assert_equal "$(sql "SELECT count(*) FROM audit_log WHERE action = 'price.bulk' AND reason = 'sale'")" 8
	run -0 shopctl fsck --only catalog
}

# Two sessions: one has laid its schedule and not committed when the other asks.
@test "of two schedules at once that overlap one is refused" {
	mkfifo "$RUN/first"
	PGUSER=postgres psql -qXAt -v ON_ERROR_STOP=1 <"$RUN/first" >"$RUN/first.log" 2>&1 3>&- &
	exec 7>"$RUN/first"
	echo "BEGIN; SELECT api.price_schedule('LAMP', (4990, 'EUR'), NULL, now() + interval '1 day',
		now() + interval '3 days'); SELECT pg_sleep(0);" >&7
	wait_until 10 idle_inside
	shopctl price schedule LAMP 44.90EUR --from "$(date -ud '+2 days' +%FT%TZ)" \
		--until "$(date -ud '+5 days' +%FT%TZ)" --reason second >"$RUN/second.log" 2>&1 3>&- 7>&- &
	second=$!
	wait_until 10 blocked
	echo "COMMIT;" >&7
	exec 7>&-
	run wait "$second"
	assert_equal "$(cat "$RUN/first.log" | grep -c ERROR)" 0
	run cat "$RUN/second.log"
	assert_output --partial price_schedules_never_overlap
	assert_equal "$(sql "SELECT count(*) FROM price JOIN variant v ON v.id = variant_id
		WHERE v.sku = 'LAMP' AND scheduled")" 1
	run -0 shopctl fsck --only catalog
}

idle_inside() { waits "state = 'idle in transaction'"; }

@test "an import keeps what is scheduled, and exports of a sale are no change" {
	run -0 shopctl price schedule TEA-100 3.99EUR --until "$(date -ud '+2 days' +%FT%TZ)" --reason sale
	shopctl product export --format csv --output "$RUN/export.csv"
	run -0 shopctl product import "$RUN/export.csv" --field updated
	assert_output 0
	sed 's/3\.99,/4.20,/' "$RUN/export.csv" >"$RUN/new.csv"
	run -0 shopctl product import "$RUN/new.csv" --field updated
	assert_output 1
	assert_equal "$(price_of TEA-100)" '3.99'
	age '3 days'
	assert_equal "$(price_of TEA-100)" '4.20'
	run -0 shopctl price history TEA-100 --field action
	assert_output 'import
schedule'
}
