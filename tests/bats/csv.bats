# The CSV reader and another one say the same of files that were collected for being odd.

load helper

setup_file() { :; }
teardown_file() { :; }

DATA=${SHOP_DATA:-$ROOT/../shared/data}

@test "collections of odd files are read as their suites and another reader say, or refused" {
	[ -d "$DATA/torture/csv" ] || skip "no sample data"
	run -0 /usr/bin/python3 "$ROOT/tests/bats/odd_files.py" "$BUILD/csv-rows" "$DATA/torture/csv"
	assert_output --regexp '^[0-9]+ files, [0-9]+ refused, 0 wrong$'
}

@test "the other reader finds mistakes" {
	mkdir "$RUN/odd"
	printf 'a,b\n1,"2\n' >"$RUN/odd/open.csv"
	printf '#!/bin/sh\nprintf %%s\\\\n "{\\"file\\":\\"$1\\",\\"rows\\":[],\\"rule\\":null,\\"text\\":null}"\n' \
		>"$RUN/liar"
	chmod +x "$RUN/liar"
	run -1 /usr/bin/python3 "$ROOT/tests/bats/odd_files.py" "$RUN/liar" "$RUN/odd"
	assert_line --index 0 'open.csv is read, and should be refused by csv_quotes_close'
	run -0 /usr/bin/python3 "$ROOT/tests/bats/odd_files.py" "$BUILD/csv-rows" "$RUN/odd"
}
