# The catalog as operators look at it: lists, one product, its files.

load helper

setup_file() {
	shop_up
	shopctl warehouse create AMS-1 --country NL --priority 10
	shopctl warehouse create BER-1 --country DE --priority 20
	shopctl product import "$ROOT/tests/data/catalog.csv"
}

list() { shopctl product list --field handle "$@"; }

@test "a list is narrowed by word, category, brand, state and number" {
	run -0 list
	assert_equal "${#lines[@]}" 12
	assert_line --index 0 bird-cage
	run -0 list --q LEASH
	assert_output dog-leash
	run -0 list --q tee-xl
	assert_output t-shirt
	run -0 list --category pets
	assert_equal "${#lines[@]}" 4
	run -0 list --category 'Pets > Food'
	assert_output 'cat-food
dog-food'
	run -0 list --brand lumen --limit 1
	assert_output candle
	run -0 list --status archived
	assert_output retired
	run -64 list --status gone
}

@test "a list shows the lowest price and what is available" {
	run -0 shopctl product list --q dog-food --format ndjson
	run -0 jq -r '[.price.minor, .price.currency, .variants, .on_hand, .available] | @csv' \
		<<<"$output"
	assert_output '1299,"EUR",2,245,245'
	run -0 shopctl product list --q dog-food --currency JPY --format ndjson
	run -0 jq -r .price <<<"$output"
	assert_output null
}

@test "a product is found by its handle and by each SKU" {
	for name in dog-food DOG-2KG DOG-5KG; do
		run -0 shopctl product show "$name" --field title
		assert_output 'Dog Food'
	done
	run -3 shopctl product show nothing
	assert_output --partial product_exists
	run -0 shopctl product show dog-food --format json
	run -0 jq -r '.variants[1].sku, .variants[1].prices, .images[0].alt' <<<"$output"
	assert_output 'DOG-5KG
29.99 EUR
A bag of dog food'
	run -0 shopctl product show dog-food --format table
	assert_line --partial 'DOG-2KG'
}

@test "an export is CSV with every product, and says when it cannot be written" {
	run -0 --separate-stderr shopctl product export
	assert_line --index 0 --partial 'handle,sku,title,'
	assert_equal "$(python3 -c 'import csv, sys
print(len(list(csv.DictReader(sys.stdin))))' <<<"$output")" 21
	run -0 --separate-stderr shopctl product export --dialect shopify
	assert_line --index 0 --partial 'Handle,Title,Body (HTML)'
	run -64 shopctl product export --dialect other
	run -74 shopctl product export --output /dev/full
}

@test "brands and categories come from the products that name them" {
	run -0 shopctl brand list --format tsv --no-header
	assert_line 'bestpet	BestPet	2'
	printf 'handle,title,brand,category\nx,X,BESTPET,PETS > food\n' >"$RUN/x.csv"
	shopctl product import "$RUN/x.csv"
	run -0 shopctl brand list --format tsv --no-header
	assert_line 'bestpet	BestPet	3'
	sql "DELETE FROM variant WHERE sku = 'x'; DELETE FROM product WHERE handle = 'x'"
	run -0 shopctl category list --format tsv --no-header
	assert_line 'pets/food	Food	2'
	assert_line 'pets	Pets	0'
	run -0 shopctl import runs --format tsv --no-header --columns state,created
	assert_output 'done	1
done	21'
}

@test "prices never overlap, even when the table is asked directly" {
	run sql "INSERT INTO price (variant_id, currency, amount) VALUES (1, 'EUR', 1)"
	assert_failure
	assert_output --partial prices_never_overlap
}
