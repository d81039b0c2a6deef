#!/usr/bin/env bats
# The books: what the accountant reads, what is closed for good, and what nobody changes.
load helper

setup_file() {
	shop_up
	shopctl migrate up >/dev/null
	post a "2026-09-30T23:59:59Z" 1000
	post b "2026-10-01T00:00:00Z" 2999
	post '=1+1' "2026-10-31T12:00:00Z" 1
}

post() { # KEY TIME MINOR [CURRENCY]
	sql "SELECT post('$1', 'test', 1024, NULL, NULL, '${4:-EUR}', '{bank,sales}', ARRAY[$3, -($3)], NULL, '$2')" >/dev/null
}
# A session of the owner that reads what is written to its pipe.
session() {
	mkfifo "$RUN/$1.sql"
	PGUSER=postgres PGOPTIONS='-c search_path=shop' psql -qXAt -v ON_ERROR_STOP=1 <"$RUN/$1.sql" >"$RUN/$1.out" 2>&1 3>&- &
	echo $! >"$RUN/$1.psql"
}

@test "a month as CSV, a row a line; nothing in it is computed by a spreadsheet" {
	run -0 shopctl ledger export --since 2026-10-01 --until 2026-11-01 --format csv
	assert_line --index 0 date,entry,key,kind,order,account,debit,credit,currency
	assert_line --index 1 --regexp '^2026-10-01T00:00:00Z,[0-9]+,b,test,1024,bank,29.99,,EUR$'
	assert_line --index 2 --regexp ',sales,,29.99,EUR$'
	assert_line --index 3 --partial "\"'=1+1\""
	[ "${#lines[@]}" = 5 ]
	post c 2026-08-01T00:00:00Z -5 JPY
	run -0 shopctl ledger export --until 2026-09-01 --format json
	assert_equal "$(jq -c '[.items[] | [.account, .debit.minor, .credit.minor, .currency]]' <<<"$output")" \
		'[["bank",null,5,"JPY"],["sales",5,null,"JPY"]]'
	run -65 shopctl ledger export --since 2026-11-01 --until 2026-10-01
	assert_output --partial time_range_is_not_empty
}

@test "the same as a workbook: typed cells, text that is no formula" {
	run -64 shopctl ledger export --format xlsx
	assert_output --partial xlsx_has_a_file
	run -0 shopctl ledger export --since 2026-10-01 --until 2026-11-01 --format xlsx --output "$RUN/oct.xlsx"
	run -0 /usr/bin/python3 - "$RUN/oct.xlsx" <<-'END'
		import re, sys, zipfile
		sheet = zipfile.ZipFile(sys.argv[1]).read('xl/worksheets/sheet1.xml').decode()
		rows = re.findall('<row .*?</row>', sheet)
		print(len(rows), len(re.findall('<f>', sheet)))
		print(re.sub('<[^>]*>', ' ', rows[0]).split())
		print(re.findall('<v>([^<]*)</v>', rows[1])[-1])
		print(re.findall('<t>([^<]*)</t>', rows[3])[1])
	END
	assert_line --index 0 "5 0"
	assert_line --index 1 "['date', 'entry', 'key', 'kind', 'order', 'account', 'debit', 'credit', 'currency']"
	assert_line --index 2 29.99
	assert_line --index 3 =1+1
	run -0 shopctl warehouse list --format xlsx --output "$RUN/w.xlsx"
	run -74 shopctl ledger export --format xlsx --output /dev/full
	run -73 shopctl ledger export --format xlsx --output "$RUN/no/dir.xlsx"
	run -64 shopctl config defaults --format xlsx --output "$RUN/x.xlsx"
}

@test "a close waits for who is posting; what comes after it is of the next period" {
	local begun=0
	session early
	exec 8>"$RUN/early.sql"
	echo "BEGIN; SELECT post('early', 'test', NULL, NULL, NULL, 'EUR', '{bank,sales}', '{5,-5}', NULL, '2026-10-31T23:59:59Z');" >&8
	wait_until 20 waits "state = 'idle in transaction'"
	shopctl ledger close --until 2026-11-01 --yes --field entries >"$RUN/close" 3>&- 8>&- & local closing=$!
	wait_until 20 blocked
	session late
	exec 9>"$RUN/late.sql"
	echo "SELECT post('late', 'test', NULL, NULL, NULL, 'EUR', '{bank,sales}', '{5,-5}', NULL, '2026-10-31T23:59:59Z');" >&9
	wait_until 20 two_blocked
	echo "COMMIT;" >&8
	exec 8>&- 9>&-
	wait $closing
	wait "$(cat "$RUN/late.psql")" || begun=$?
	[ "$begun" != 0 ]
	run cat "$RUN/late.out"
	assert_output --partial "the books are closed until"
	assert_equal "$(cat "$RUN/close")" "$(sql "SELECT count(*) FROM ledger_entry WHERE effective_at < '2026-11-01'")"
	assert_equal "$(sql "SELECT count(*) FROM ledger_entry WHERE key IN ('early', 'late')")" 1
	run -0 shopctl ledger periods --field until
	assert_output 2026-11-01T00:00:00Z
	run shopctl fsck --only L14
	assert_output --partial "fsck: clean"
}
two_blocked() {
	[ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")" = 2 ]
}

@test "closing asks first, tries without trace, and is finance's alone" {
	run -6 shopctl ledger close --until 2026-11-02 --no-input
	run -0 shopctl ledger close --until 2026-11-02 --dry-run
	assert_equal "$(sql "SELECT count(*) FROM period_close WHERE before = '2026-11-02'")" 0
	psql -qXc 'CREATE ROLE auditor_of_books LOGIN IN ROLE op_auditor' -c 'CREATE ROLE finance_of_books LOGIN IN ROLE op_finance'
	PGUSER=auditor_of_books run -77 shopctl ledger close --until 2026-11-02 --yes
	PGUSER=auditor_of_books run -0 shopctl ledger balance
	PGUSER=finance_of_books run -0 shopctl ledger close --until 2026-11-02 --yes
	psql -qXc 'DROP ROLE auditor_of_books' -c 'DROP ROLE finance_of_books'
}
