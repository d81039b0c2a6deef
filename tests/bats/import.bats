# Imports: all of a file or nothing, every bad row named, the same file once, and
# what is exported comes back without a change.

load helper

CATALOG=$ROOT/tests/data/catalog.csv
DATA=${SHOP_DATA:-$ROOT/../shared/data}

setup() {
	sql 'TRUNCATE product, variant, price, stock, stock_movement, product_image, brand,
		category, warehouse, import_run, import_rejected, import_before, audit_log, audit_seal RESTART IDENTITY CASCADE'
	shopctl warehouse create AMS-1 --country NL --priority 10 >"$RUN/out"
	shopctl warehouse create BER-1 --country DE --priority 20 >"$RUN/out"
}

import() { shopctl product import "$@"; }

# counts [OPTIONS] FILE: products created updated unchanged rejected, of one import.
counts() {
	import "$@" --format csv --no-header --columns products,created,updated,unchanged,rejected
}

# The rows after the header, as a file of native columns.
file() { # COLUMNS ROW...
	printf '%s\n' "$@" >"$RUN/file.csv"
	echo "$RUN/file.csv"
}

# Everything there is, but not the numbers that sequences gave away.
dump() { pg_dump --data-only -U postgres "$@" 2>"$RUN/notes" | grep -vE 'setval|^.(un)?restrict '; }

# The same without what an import keeps of itself.
shop_dump() { dump --exclude-schema=stage --exclude-table='shop.import_*'; }

# nothing_changes [OPTIONS] FILE: its import would not change a thing.
nothing_changes() {
	run -0 --separate-stderr counts --dry-run "$@"
	assert_output --regexp '^0,0,0,[0-9]+,0$'
}

@test "a native file becomes products, prices, stock, movements and pictures" {
	run -0 counts "$CATALOG"
	assert_output '12,21,0,0,0'
	run -0 sql "SELECT count(*), sum(on_hand) FROM stock"
	assert_output '21|2701'
	run -0 sql "SELECT count(*), sum(delta), min(reason), min(reference) FROM stock_movement"
	assert_output '20|2701|import|import:1'
	run -0 sql "SELECT title, sellable, barcode, weight_grams, tax_class, options, cost_minor,
		cost_currency FROM variant WHERE sku = 'LEASH-RED-L'"
	assert_output 'Dog Leash - Red / 2 m|t||220|standard|{Red,"2 m"}|360|EUR'
	run -0 sql "SELECT amount, compare_at, currency FROM price JOIN variant v
		ON v.id = variant_id WHERE sku = 'DOG-5KG'"
	assert_output '2999|3499|EUR'
	run -0 sql "SELECT sellable FROM variant WHERE sku = 'RETIRED'"
	assert_output f
	run -0 sql "SELECT c.path, c.name, p.path FROM category c JOIN category p
		ON p.id = c.parent_id"
	assert_line 'pets/food|Food|pets'
	run -0 shopctl fsck
}

@test "what is exported comes back without a change" {
	import "$CATALOG"
	shopctl product export --output "$RUN/export.csv"
	nothing_changes "$RUN/export.csv"
	run -0 --separate-stderr counts --dry-run "$RUN/export.csv"
	assert_output '0,0,0,21,0'
	shopctl product export --dialect shopify --warehouse AMS-1 --output "$RUN/shopify.csv"
	nothing_changes --warehouse AMS-1 "$RUN/shopify.csv"
}

@test "several currencies and a cost in another one come back, too" {
	run -0 counts "$(file handle,sku,title,cost,currency,price,compare_at,attributes \
		'a,A,A thing,1.50,USD,9.99,,"{""care"": ""wash, cold""}"' \
		a,A,,,JPY,1200,1500, a,A,,,KWD,3.125,, b,B,B,2.00,USD,,,)"
	assert_output '2,4,0,0,0'
	run -0 sql "SELECT currency, amount, compare_at FROM price ORDER BY currency"
	assert_output 'JPY|1200|1500
KWD|3125|
USD|999|'
	shopctl product export --output "$RUN/export.csv"
	nothing_changes "$RUN/export.csv"
}

@test "a spreadsheet's edits change what they touch, and nothing else" {
	import "$CATALOG"
	before=$(sql "SELECT string_agg(xmin::text, ',' ORDER BY id) FROM variant
		WHERE sku <> 'TEE-M'")
	run -0 counts "$(file sku,currency,price,warehouse,on_hand TEE-M,EUR,20.00,AMS-1,45 \
		TEE-L,EUR,19.00,AMS-1,50)"
	assert_output '0,0,1,1,0'
	run -0 sql "SELECT amount, valid_until = 'infinity' FROM price JOIN variant v
		ON v.id = variant_id WHERE sku = 'TEE-M' ORDER BY valid_from"
	assert_output '1900|f
2000|t'
	run -0 sql "SELECT delta, reference FROM stock_movement m JOIN variant v
		ON v.id = variant_id WHERE sku = 'TEE-M' ORDER BY m.id"
	assert_output '50|import:1
-5|import:2'
	assert_equal "$(sql "SELECT string_agg(xmin::text, ',' ORDER BY id) FROM variant
		WHERE sku <> 'TEE-M'")" "$before"
	run -0 shopctl fsck
}

@test "an empty cell clears, a column that is not there leaves alone" {
	import "$CATALOG"
	run -0 counts "$(file handle,title,brand,status 'tea,Black Tea,,draft')"
	run -0 sql "SELECT p.title, brand_id, status, category_id IS NOT NULL, v.title, sellable
		FROM product p JOIN variant v ON v.product_id = p.id WHERE handle = 'tea'"
	assert_output 'Black Tea||draft|t|Black Tea|f'
}

@test "rows without a SKU find the variant they are about, or none" {
	import "$CATALOG"
	run -0 counts "$(file handle,option1_name,option1_value,currency,price \
		t-shirt,Size,XL,EUR,25.00 mug,,,EUR,8.00)"
	assert_output '0,0,2,0,0'
	run -0 counts "$(file handle,status t-shirt,archived mug,active)"
	assert_output '0,0,1,1,0'
	run -0 sql "SELECT string_agg(sku, ',' ORDER BY sku) FROM variant WHERE NOT sellable"
	assert_output 'RETIRED,TEE-L,TEE-M,TEE-S,TEE-XL'
	run -65 --separate-stderr import "$(file handle,currency,price t-shirt,EUR,1.00)"
	stderr_has options_have_names
}

@test "one bad row is named by line, column and rule, and nothing is imported" {
	dump >"$RUN/before"
	run -65 --separate-stderr import "$(file handle,sku,title,currency,price a,A,A,EUR,1.00 \
		'"b' 'x",B,"B' 'B",EUR,1.005' c,C,C,EUR,2.00)"
	stderr_has 'line 3, price: money_is_exact: "1.005"'
	stderr_has 'import_rows_are_valid: 1 of 3 rows were refused; nothing was imported'
	run -0 sql "SELECT count(*) FROM product"
	assert_output 0
	run -0 sql "SELECT state, rows, rejected FROM import_run"
	assert_output 'refused|3|1'
}

stderr_has() {
	# shellcheck disable=SC2154 # run --separate-stderr sets it
	[[ "$stderr" == *"$1"* ]] || {
		echo "not on standard error: $1"
		echo "$stderr"
		return 1
	}
}

@test "each rule names its row" {
	import "$CATALOG"
	sql "UPDATE stock SET reserved = 40 WHERE variant_id =
		(SELECT id FROM variant WHERE sku = 'TEE-M')"
	while IFS='|' read -r rule columns rows; do
		IFS='~' read -ra lines <<<"$rows"
		run -65 --separate-stderr import "$(file "$columns" "${lines[@]}")"
		stderr_has ": $rule: "
	done <<-'END'
		row_names_a_product|handle,sku,price|,,1.00
		value_is_integer|handle,sku,title,on_hand|x,X,X,many
		stock_never_oversold|handle,sku,title,on_hand|x,X,X,-4
		stock_never_oversold|sku,warehouse,on_hand|TEE-M,AMS-1,39
		money_is_exact|handle,sku,title,price|x,X,X,"1,000"
		money_is_exact|handle,sku,title,price|x,X,X,1.000
		money_is_exact|handle,sku,title,price|x,X,X,free
		money_is_exact|handle,sku,title,price|x,X,X,99999999999999999999
		price_is_not_negative|handle,sku,title,price|x,X,X,-1.00
		currency_is_known|handle,sku,title,currency,price|x,X,X,EURO,1.00
		value_is_boolean|handle,sku,title,requires_shipping|x,X,X,perhaps
		product_status_is_known|handle,sku,title,status|x,X,X,activ
		weight_is_in_grams|handle,sku,title,weight_grams|x,X,X,2kg
		json_is_well_formed|handle,sku,title,attributes|x,X,X,{
		attributes_are_an_object|handle,sku,title,attributes|x,X,X,[]
		options_have_names|handle,sku,title,option1_name,option1_value|x,X,X,,Red
		options_have_names|handle,sku,title,option1_name,option1_value|x,X,X,Size,S~x,Y,,,
		csv_rows_fit_the_header|handle,sku,title|x,X,X,more
		csv_rows_fit_the_header|handle,sku,title|x,X
		product_has_a_title|handle,sku,price|x,X,1.00
		product_fields_agree|handle,sku,title|x,X,X~x,Y,Z
		variant_sku_is_unique|handle,sku,title|x,X,X~y,X,Y
		variant_options_are_unique|handle,sku,title|x,X,X~x,Y,X
		variant_options_are_unique|handle,sku,title|mug,MUG-2,Mug
		sku_stays_with_its_product|handle,sku,title|x,MUG,X
		warehouse_exists|handle,sku,title,warehouse,on_hand|x,X,X,NOWHERE,1
		stock_is_given_once|sku,warehouse,on_hand|MUG,AMS-1,1~MUG,AMS-1,2
		price_is_given_once|sku,price|MUG,1.00~MUG,2.00
	END
}

@test "a file that is no CSV of ours is refused as a whole" {
	while IFS='|' read -r rule bytes; do
		printf '%b' "$bytes" >"$RUN/file.csv"
		run -65 --separate-stderr import "$RUN/file.csv"
		stderr_has "$rule: "
	done <<-'END'
		csv_is_text|PK\x03\x04\x14\x00
		csv_is_text|\xff\xfeh\x00
		csv_has_no_nul|handle,title\na,\x00\n
		csv_is_utf8|handle,title\na,caf\xe9\n
		csv_quotes_close|handle,title\na,"b\n
		csv_quotes_double|handle,title\na,"b"c\n
		csv_header_is_known|colour,size\nred,2\n
		csv_header_is_known|
		csv_columns_differ|handle,title,Title\na,b,c\n
	END
	run -66 import "$RUN/missing.csv"
	run -66 import "$RUN"
	run -64 import "$CATALOG" --currency XYZ
	run -0 sql "SELECT count(*) FROM import_run"
	assert_output 0
}

@test "what is good is imported with --partial, and corrected rejects after it" {
	run -5 --separate-stderr import --partial --rejects "$RUN/rejects.csv" "$(file \
		handle,sku,title,currency,price a,A,A,EUR,1.00 b,B,B,EUR,free 'c,C,"C, D",EUR,2.00')"
	run -0 sql "SELECT string_agg(sku, ',' ORDER BY sku) FROM variant"
	assert_output A,C
	run -0 cat "$RUN/rejects.csv"
	assert_line --index 0 'handle,sku,title,currency,price,line,column,rule,problem,hint'
	assert_line --index 1 --regexp '^b,B,B,EUR,free,3,price,money_is_exact,'
	sed -i 's/free/3.00/' "$RUN/rejects.csv"
	run -0 --separate-stderr counts "$RUN/rejects.csv"
	assert_output '1,1,0,0,0'
	assert_equal "$stderr" ''
}

@test "rejects of rejects keep one set of columns" {
	run -65 import --rejects "$RUN/r1.csv" "$(file handle,title,price 'a,"x' 'y",free')"
	run -65 import --rejects "$RUN/r2.csv" "$RUN/r1.csv"
	run -0 diff <(sed 's/,[0-9]*,price,/,N,price,/' "$RUN/r1.csv") \
		<(sed 's/,[0-9]*,price,/,N,price,/' "$RUN/r2.csv")
}

@test "a refused title refuses the rows that need it" {
	run -5 --separate-stderr import --partial "$(file \
		handle,sku,title,option1_name,option1_value,price t,T-S,T,Size,S,free \
		t,T-M,,,M,1.00 u,U,U,,,1.00)"
	stderr_has 'line 3, title: product_has_a_title: the row that gives its title, line 2'
	run -0 sql "SELECT string_agg(handle, ',') FROM product"
	assert_output u
}

@test "the same file is imported once" {
	import "$CATALOG"
	dump >"$RUN/before"
	run -0 --separate-stderr import "$CATALOG"
	stderr_has 'already imported as run 1'
	run -0 diff "$RUN/before" <(dump)
	run -0 counts --allow-repeat "$CATALOG"
	assert_output '0,0,0,21,0'
	run -0 --separate-stderr import - <"$CATALOG"
	stderr_has 'already imported as run 2'
}

@test "two imports of one file at once are one import" {
	for _ in 1 2 3; do
		{ import "$CATALOG" -q || echo "status $?"; } >>"$RUN/each" 2>&1 &
	done
	wait
	run grep status "$RUN/each"
	assert_output ''
	run -0 sql "SELECT count(*), sum(created) FROM import_run"
	assert_output '1|21'
	run -0 sql "SELECT sum(delta) FROM stock_movement"
	assert_output 2701
}

@test "a dry run says what it would do and leaves every byte as it was" {
	dump >"$RUN/before"
	run -0 --separate-stderr counts --dry-run "$CATALOG"
	assert_output '12,21,0,0,0'
	stderr_has 'dry run: nothing was changed'
	run -0 diff "$RUN/before" <(dump)
	import "$CATALOG"
	dump >"$RUN/before"
	run -65 import --dry-run --rejects "$RUN/rejects.csv" "$(file sku,price MUG,free)"
	assert [ -s "$RUN/rejects.csv" ]
	run -0 diff "$RUN/before" <(dump)
}

@test "an import that is killed changes nothing in the shop, and the next one works" {
	{
		echo handle,sku,title
		seq -f 'h%.0f,,Thing' 1 3000
	} >"$RUN/big.csv"
	shop_dump >"$RUN/before"
	mkfifo "$RUN/pipe"
	for signal in KILL TERM INT; do
		"$BUILD/shopctl" product import "$RUN/pipe" >"$RUN/out" 2>&1 3>&- &
		pid=$!
		exec 9>"$RUN/pipe"
		cat "$RUN/big.csv" >&9
		kill -$signal $pid
		exec 9>&-
		wait $pid || true
		run -0 diff "$RUN/before" <(shop_dump)
	done
	# While the rows are on their way to the stage:
	sql "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN PERFORM pg_sleep(20); RETURN NULL; END';
		CREATE TRIGGER slow AFTER INSERT ON product EXECUTE FUNCTION slow()"
	"$BUILD/shopctl" product import "$RUN/big.csv" >"$RUN/out" 2>&1 3>&- &
	pid=$!
	wait_until 20 in_the_middle
	kill -KILL $pid
	wait $pid || true
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE query LIKE '%import_apply%' AND pid <> pg_backend_pid()" >"$RUN/out"
	wait_until 20 nobody_imports
	sql "DROP TRIGGER slow ON product; DROP FUNCTION slow()"
	run -0 diff "$RUN/before" <(shop_dump)
	run -0 counts "$RUN/big.csv"
	assert_output '3000,3000,0,0,0'
}

in_the_middle() {
	[ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'")" = 1 ]
}

nobody_imports() {
	[ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%import_apply%'
		AND pid <> pg_backend_pid()")" = 0 ]
}

@test "Shopify's columns are understood, in the old names and the new" {
	cat >"$RUN/old.csv" <<-'END'
		Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Fulfillment Service,Variant Price,Variant Compare At Price,Variant Requires Shipping,Variant Taxable,Variant Barcode,Image Src,Image Position,Image Alt Text,Gift Card,SEO Title,Variant fullfilment,Cost per item,Status
		tee,Tee,<p>Soft</p>,Acme,Apparel > Shirts,Shirt,"a, b",true,Size,S,,130.5,shopify,7,deny,manual,19.90,25.00,true,true,,https://x/1.jpg,1,front,false,Best tee,,5.00,active
		tee,,,,,,,,,M,TEE-M,130.4,shopify,0,deny,manual,19.90,,true,false,,https://x/2.jpg,2,,,,,
		tee,,,,,,,,,,,,,,,,,,,,,https://x/3.jpg
		mug,Mug,,Acme,,,,false,Title,Default Title,,300,,3,deny,manual,5,,false,true,,,,,,,,,
	END
	run -0 --separate-stderr counts --currency USD --warehouse BER-1 "$RUN/old.csv"
	assert_output '2,4,0,0,0'
	stderr_has 'column 27, "Variant fullfilment", is not known and ignored'
	run -0 sql "SELECT sku, options, weight_grams, tax_class, requires_shipping, sellable,
		attributes ->> 'inventory_policy' FROM variant ORDER BY id"
	assert_output 'tee-s|{S}|131|standard|t|t|deny
TEE-M|{M}|130|exempt|t|t|deny
mug|{}|300|standard|f|f|deny'
	run -0 sql "SELECT handle, option_names, tags, status, attributes ->> 'seo_title'
		FROM product ORDER BY id"
	assert_output 'tee|{Size}|{a,b}|active|Best tee
mug|{}|{}|draft|'
	run -0 sql "SELECT count(*), min(url), max(alt) FROM product_image"
	assert_output '3|https://x/1.jpg|front'
	run -0 sql "SELECT string_agg(on_hand::text, ',' ORDER BY variant_id) FROM stock"
	assert_output 7,0,3

	cat >"$RUN/new.csv" <<-'END'
		Title,URL handle,Description,Vendor,Status,SKU,Option1 name,Option1 value,Price,Compare-at price,Charge tax,Inventory quantity,Weight value (grams),Requires shipping,Product image URL
		Tee,tee,<p>Soft</p>,Acme,Active,tee-s,Size,S,19.90,25.00,TRUE,7,131,TRUE,https://x/1.jpg
	END
	run -0 --separate-stderr counts --currency USD --warehouse BER-1 "$RUN/new.csv"
	assert_output '0,0,0,1,0'
	shopctl product export --dialect shopify --currency USD --warehouse BER-1 \
		--output "$RUN/export.csv"
	nothing_changes --currency USD --warehouse BER-1 "$RUN/export.csv"
}

@test "quantities without a warehouse go to the only one there is" {
	run -65 --separate-stderr import "$(file handle,title,on_hand a,A,1)"
	stderr_has 'warehouse_is_named'
	sql "UPDATE warehouse SET open = false WHERE code = 'BER-1'"
	run -0 counts "$(file handle,title,on_hand a,A,1)"
	run -0 sql "SELECT code FROM stock JOIN warehouse w ON w.id = warehouse_id"
	assert_output AMS-1
}

@test "an operator of the catalog imports, and reads no table" {
	clerk=clerk_$$
	sql "CREATE ROLE $clerk LOGIN IN ROLE op_catalog"
	PGUSER=$clerk run -0 counts "$CATALOG"
	assert_output '12,21,0,0,0'
	PGUSER=$clerk run psql -qXAt -c 'SELECT * FROM shop.product'
	assert_output --partial 'permission denied'
	PGUSER=$clerk run -77 shopctl stock adjust MUG 1 --warehouse AMS-1 --reason found
	sql "DROP ROLE $clerk"
}

@test "a pipe is read as a file is" {
	run -0 counts - < <(cat "$CATALOG")
	assert_output '12,21,0,0,0'
	run -0 shopctl import runs --field source
	assert_output 'standard input'
}

# rss FILE: the kilobytes its import needs at most; freed memory is not kept for ASan.
rss() {
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1 /usr/bin/env time -f %M \
		"$BUILD/shopctl" product import --dry-run -q "$1" 2>&1 >"$RUN/out" | tail -n 1
}

@test "memory does not grow with the file" {
	{
		echo handle,sku,title,description
		seq -f 'h%.0f,,Thing,"a description that has some length to it"' 1 300000
	} >"$RUN/big.csv"
	big=$(rss "$RUN/big.csv") small=$(rss "$CATALOG")
	echo "$small kB for the small file, $big kB for the big one"
	assert [ $((big - small)) -lt 12000 ] # 40 bytes a row would be more
}

@test "real exports of Shopify shops are imported, and come back without a change" {
	[ -d "$DATA/products/shopify" ] || skip "no sample data"
	run -0 --separate-stderr counts --currency PLN --warehouse AMS-1 \
		"$DATA/products/shopify/mikolajroszak-products_export_1.csv"
	assert_output '35,60,0,0,0'
	run -0 sql "SELECT (SELECT count(*) FROM variant), (SELECT count(*) FROM product_image)"
	assert_output '58|39'
	run -0 --separate-stderr counts --currency USD --warehouse AMS-1 \
		"$DATA/products/shopify/packt-product-data.csv"
	assert_output '20,21,0,0,0'
	# Two products share a handle in it: the rows of the second are refused by name.
	run -5 --separate-stderr counts --partial --currency USD --warehouse AMS-1 \
		"$DATA/products/shopify/gatsby-starter-products.csv"
	assert_output '99,297,0,0,3'
	stderr_has 'line 170, brand: product_fields_agree'
	stderr_has 'line 171, handle: product_fields_agree'
	run -0 --separate-stderr counts --warehouse AMS-1 \
		"$DATA/products/shopify/spree-products_import-fixture.csv"
	assert_output '2,17,0,0,0'
	shopctl product export --output "$RUN/export.csv"
	nothing_changes "$RUN/export.csv"
	for currency in USD PLN; do
		shopctl product export --dialect shopify --currency $currency --warehouse AMS-1 \
			--output "$RUN/export.csv"
		nothing_changes --currency $currency --warehouse AMS-1 "$RUN/export.csv"
	done
	run -0 shopctl fsck
}
