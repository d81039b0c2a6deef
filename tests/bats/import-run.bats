# The runs of imports: killed at any moment they are gone on with and come to the same;
# they are taken back whole; two at once are one after the other.

load helper

CATALOG=$ROOT/tests/data/catalog.csv

setup() {
	sql 'TRUNCATE product, variant, price, stock, stock_movement, product_image, brand,
		category, warehouse, import_run, import_rejected, import_before, audit_log, audit_seal
		RESTART IDENTITY CASCADE' 2>"$RUN/out"
	shopctl warehouse create AMS-1 --country NL --priority 10 >"$RUN/out"
	shopctl warehouse create BER-1 --country DE --priority 20 >"$RUN/out"
}

import() { shopctl product import "$@"; }

file() { # LINE...
	printf '%s\n' "$@" >"$RUN/file.csv"
	echo "$RUN/file.csv"
}

# The catalog and its stock as a person sees them, without numbers and times.
content() {
	sql "SELECT p.handle, p.title, p.description, b.name, c.path, p.type, p.tags, p.attributes,
			p.option_names, p.status FROM product p LEFT JOIN brand b ON b.id = p.brand_id
			LEFT JOIN category c ON c.id = p.category_id ORDER BY p.handle;
		SELECT p.handle, v.sku, v.title, v.barcode, v.options, v.position, v.weight_grams,
			v.tax_class, v.requires_shipping, v.sellable, v.archived, v.cost_minor,
			v.cost_currency, v.attributes FROM variant v JOIN product p ON p.id = v.product_id
			ORDER BY v.sku;
		SELECT v.sku, r.currency, r.amount, r.compare_at FROM price r
			JOIN variant v ON v.id = r.variant_id WHERE now() BETWEEN valid_from AND valid_until
			ORDER BY 1, 2;
		SELECT v.sku, w.code, t.on_hand, t.reserved FROM stock t JOIN variant v
			ON v.id = t.variant_id JOIN warehouse w ON w.id = t.warehouse_id ORDER BY 1, 2;
		SELECT p.handle, i.url, i.alt, i.position FROM product_image i
			JOIN product p ON p.id = i.product_id ORDER BY 1, 2"
}

state() { sql "SELECT import_state(r) FROM import_run r WHERE id = $1"; }
interrupted() { [ "$(state "$1")" = interrupted ]; }

@test "an import that is killed at any moment is gone on with, and comes to the same" {
	import "$CATALOG"
	content >"$RUN/clean"
	assert [ -s "$RUN/clean" ]
	for point in import.opened import.staging import.read import.staged; do
		setup
		content >"$RUN/before"
		SHOP_FAILPOINTS=$point=kill run -137 import "$CATALOG"
		wait_until 20 interrupted 1
		run -0 diff "$RUN/before" <(content)
		run -0 shopctl import runs --field state
		assert_output interrupted
		run -0 shopctl import resume 1 --format csv --no-header --columns state,products,created
		assert_output done,12,21
		run -0 diff "$RUN/clean" <(content)
		run -0 sql "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
			WHERE nspname = 'stage'"
		assert_output 0
	done
	SHOP_FAILPOINTS=import.applied=kill run -137 import --allow-repeat "$CATALOG"
	run -0 diff "$RUN/clean" <(content)
	run -4 --separate-stderr shopctl import resume 2
	assert_equal "${stderr_lines[0]}" 'shopctl: import_is_staged: import 2 is done'
}

@test "killed while the database writes, nothing is written, and it is gone on with" {
	import "$CATALOG"
	content >"$RUN/clean"
	setup
	sql "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN PERFORM pg_sleep(30); RETURN NULL; END';
		CREATE TRIGGER slow AFTER INSERT ON price EXECUTE FUNCTION slow()"
	content >"$RUN/before"
	"$BUILD/shopctl" product import "$CATALOG" >"$RUN/out" 2>&1 3>&- &
	pid=$!
	wait_until 20 asleep
	run -4 --separate-stderr shopctl import resume 1
	assert_equal "${stderr_lines[0]}" 'shopctl: import_runs_once: import 1 is running'
	kill -KILL $pid
	wait $pid || true
	wait_until 20 interrupted 1 # the server notices that nobody waits for the answer
	sql "DROP TRIGGER slow ON price; DROP FUNCTION slow()"
	run -0 diff "$RUN/before" <(content)
	shopctl import resume 1
	run -0 diff "$RUN/clean" <(content)
}

@test "what a crash of the server took is read again, and said" {
	for how in 'TRUNCATE' 'DROP TABLE'; do
		setup
		SHOP_FAILPOINTS=import.staged=kill run -137 import "$CATALOG"
		sql "$how stage.run_1"
		run -0 --separate-stderr shopctl import resume 1 --field created
		assert_output 21
		assert_equal "${stderr_lines[0]}" "the database server lost the rows of import 1 when \
it crashed; reading $CATALOG again"
	done
	SHOP_FAILPOINTS=import.staged=kill run -137 import --allow-repeat - < <(cat "$CATALOG")
	sql 'TRUNCATE stage.run_2'
	run -66 --separate-stderr shopctl import resume 2
	assert_equal "${stderr_lines[0]}" "shopctl: import_file_is_there: import 2 was read from \
standard input, and the database server lost its rows when it crashed"
	run -65 --separate-stderr shopctl import resume 2 "$(file sku,title A,A)"
	assert_equal "${stderr_lines[0]}" "shopctl: import_file_is_the_same: $RUN/file.csv is not the \
file that import 2 began with"
	run -0 shopctl import resume 2 "$CATALOG" --field unchanged
	assert_output 21
}

@test "an import that nobody comes back for is forgotten after a week" {
	SHOP_FAILPOINTS=import.staged=kill run -137 import "$CATALOG"
	wait_until 20 interrupted 1
	sql "SELECT api.import_stage_purge(7, 10)" >"$RUN/out"
	assert_equal "$(state 1)" interrupted
	sql "UPDATE import_run SET started_at = now() - interval '8 days'"
	run -0 sql "SELECT api.import_stage_purge(7, 10), to_regclass('stage.run_1') IS NULL"
	assert_output '1|t'
	run -0 sql "SELECT to_regclass('stage.run_1') IS NULL"
	assert_output t
	run -4 shopctl import resume 1
	run -0 shopctl import runs --field state
	assert_output abandoned
}

@test "an import is taken back: what it made goes, what it changed is as it was" {
	content >"$RUN/empty"
	import "$CATALOG"
	content >"$RUN/before"
	import "$(file sku,title,price,currency,warehouse,on_hand,barcode,image_url \
		TEE-M,Tee,20.00,EUR,AMS-1,45,123,https://x/new.jpg \
		TEE-L,Tee,21.00,USD,BER-1,3,,https://x/2.jpg NEW,New,5.00,EUR,AMS-1,9,,)"
	content >"$RUN/after"
	run -0 --separate-stderr shopctl import undo 2 --dry-run --field deleted
	assert_output 1
	run -0 diff "$RUN/after" <(content)
	run -0 shopctl import undo 2
	# A place that it made stays, with nothing in it.
	run diff "$RUN/before" <(content)
	assert_output --regexp '^[0-9a]+
> TEE-L\|BER-1\|0\|0$'
	run -0 sql "SELECT delta, reason, reference FROM stock_movement m JOIN variant v
		ON v.id = variant_id WHERE sku = 'TEE-M' ORDER BY m.id"
	assert_output '50|import|import:1
-5|import|import:2
5|import_undo|import:2'
	run -4 shopctl import undo 2
	run -0 shopctl import undo 1
	run -0 diff "$RUN/empty" <(content)
	run -0 shopctl fsck
	run -0 --separate-stderr import "$CATALOG" --field created
	assert_output 21
}

@test "what was changed since, sold or put in a basket is named, and nothing is undone" {
	import "$CATALOG"
	import "$(file sku,price,currency TEE-M,20.00,EUR)"
	import "$(file sku,price,currency TEE-M,22.00,EUR)"
	sql "UPDATE variant SET barcode = '1' WHERE sku = 'MUG'"
	shopctl stock adjust DOG-5KG --warehouse AMS-1 --reason damaged -- -1 >"$RUN/out"
	sql "UPDATE stock SET reserved = 1 FROM variant v WHERE v.id = variant_id AND sku = 'TEE-L'
			AND on_hand > 0"
	content >"$RUN/before"
	run -4 --separate-stderr shopctl import undo 2
	assert_equal "${stderr_lines[0]}" 'price TEE-M: the price in EUR was set since'
	run -4 --separate-stderr shopctl import undo 1
	for line in 'variant MUG: it was changed since' 'price TEE-M: EUR was set since' \
		'stock TEE-L: 1 are reserved'; do
		grep -qxF "$line" <<<"$stderr" || fail "no \"$line\" in $stderr"
	done
	grep -q '^stock DOG-5KG: -1 moved since' <<<"$stderr"
	run -0 diff "$RUN/before" <(content)
	# The last first: then each can be.
	shopctl import undo 3
	shopctl import undo 2
	run -0 sql "SELECT amount FROM price JOIN variant v ON v.id = variant_id
		WHERE sku = 'TEE-M' AND valid_until = 'infinity'"
	assert_output 1900
}

@test "two imports of the same SKUs at once are one after the other" {
	{
		echo sku,title,price,currency,warehouse,on_hand
		seq -f 'S%.0f,First,1.00,EUR,AMS-1,5' 1 2000
	} >"$RUN/one.csv"
	{
		echo sku,title,price,currency,warehouse,on_hand
		seq -f 'S%.0f,Second,2.00,EUR,AMS-1,7' 2000 -1 1
	} >"$RUN/two.csv"
	import "$RUN/one.csv" >"$RUN/out1" 2>&1 3>&- &
	one=$!
	import "$RUN/two.csv" >"$RUN/out2" 2>&1 3>&- &
	wait $!
	wait $one
	run -0 sql "SELECT count(*), min(p.title) = max(p.title), min(amount), min(on_hand),
			(min(p.title), min(amount), min(on_hand)) IN (('First', 100, 5), ('Second', 200, 7))
		FROM variant v JOIN product p ON p.id = v.product_id
			JOIN price r ON r.variant_id = v.id AND valid_until = 'infinity'
			JOIN stock t ON t.variant_id = v.id"
	assert_output --regexp '^2000\|t\|.*\|t$'
	run -0 sql "SELECT sum(created), sum(updated) FROM import_run WHERE state = 'done'"
	assert_output '2000|2000'
	run -0 shopctl fsck
}

@test "a file's own names are mapped, compressed files read, deletions asked for" {
	import "$CATALOG"
	cat >"$RUN/map.yaml" <<-'END'
		columns:
		  Artikel: sku
		  Bezeichnung: title
		  Preis: price
		  Bemerkung: "-"
	END
	gzip -c "$(file Artikel,Bezeichnung,Preis,Bemerkung MUG,Becher,"7,50",x)" >"$RUN/file.csv.gz"
	sed -i 's/7,50/"7,50"/' "$RUN/file.csv"
	run -0 --separate-stderr import --map "$RUN/map.yaml" "$RUN/file.csv" --field updated
	assert_output 1
	assert_equal "$stderr" ''
	gzip -c "$RUN/file.csv" >"$RUN/file.csv.gz"
	for how in "$RUN/file.csv.gz" -; do
		run -0 --separate-stderr import --map "$RUN/map.yaml" "$how" <"$RUN/file.csv.gz"
		assert_equal "${stderr##*: }" 'already imported as run 2'
	done
	head -c 60 "$RUN/file.csv.gz" >"$RUN/cut.csv.gz"
	run -65 --separate-stderr import "$RUN/cut.csv.gz"
	grep -q gzip_is_whole: <<<"$stderr"
	echo 'columns: {Farbe: title}' >"$RUN/bad.yaml"
	run -65 --separate-stderr import --map "$RUN/bad.yaml" "$RUN/file.csv"
	grep -q import_map_fits_the_file: <<<"$stderr"
	echo 'columns: {Artikel: skuu}' >"$RUN/bad.yaml"
	run -64 --separate-stderr import --map "$RUN/bad.yaml" "$RUN/file.csv"
	grep -q 'did you mean "sku"' <<<"$stderr"

	content >"$RUN/before"
	run -0 --separate-stderr import --allow-delete --dry-run --field archived \
		"$(file sku,title TEE-M,Tee DOG-5KG,"Dog Food")"
	assert [ "$output" -gt 9 ]
	grep -q '^archive product mug: status active -> archived$' <<<"$stderr"
	run -0 diff "$RUN/before" <(content)
	import --allow-delete "$RUN/file.csv" >"$RUN/out"
	run -0 sql "SELECT string_agg(sku, ',' ORDER BY sku) FROM variant WHERE sellable"
	assert_output DOG-5KG,TEE-M
	shopctl import undo "$(sql 'SELECT max(id) FROM import_run')"
	run -0 diff "$RUN/before" <(content)
}

@test "some refused rows are let pass, and all of them asked for later" {
	file sku,title,price A,A,free B,B,1.00 C,C,2.00,4 D,D,3.00 >"$RUN/out"
	run -65 import --max-rejects 1 "$RUN/file.csv"
	assert_equal "$(sql 'SELECT count(*) FROM variant')" 0
	run -0 --separate-stderr shopctl import rejects 1
	assert_line --index 0 sku,title,price,line,column,rule,problem,hint
	assert_line --index 1 --partial A,A,free,2,price,money_is_exact
	assert_line --index 2 --partial C,C,2.00,4,row,csv_rows_fit_the_header
	run -5 import --max-rejects 2 "$RUN/file.csv"
	assert_equal "$(sql 'SELECT count(*) FROM variant')" 2
	shopctl import rejects 2 | sed 's/free/7.00/' >"$RUN/fix.csv"
	run -0 import "$RUN/fix.csv" --field created
	assert_output 2
}

@test "check says what a file is, which columns are read, and where it is no CSV" {
	run -0 --separate-stderr shopctl import check "$(file Handle,Title,Vendor,"Body (HTML)",Farbe \
		a,A,X,text,red)" --format csv
	assert_equal "$stderr" 'product, shopify columns, 1 rows'
	assert_line '4,Body (HTML),body_html,'
	assert_line '5,Farbe,,"not known, ignored"'
	run -1 --separate-stderr shopctl import check "$(file colour,size red,2)"
	assert_equal "${stderr_lines[0]}" 'no kind of import knows this header'
	run -64 shopctl import check "$(file sku A)" --kind nothing
	run -65 --separate-stderr shopctl import check "$(file sku,title 'A,"b')"
	grep -q 'line 2, column 2' <<<"$stderr"
	shopctl import template product >"$RUN/empty.csv"
	run -0 --separate-stderr shopctl import check "$RUN/empty.csv" --field field
	refute_line ''
	assert_equal "$stderr" 'product, native columns, 0 rows'
}
