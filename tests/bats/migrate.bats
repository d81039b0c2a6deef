#!/usr/bin/env bats
# Migrations: applied once and in order, final once applied, one at a time; and
# programs refuse a schema that is not theirs.
load helper

fresh() { # NAME: an empty database, for the rest of the test
	createdb -T template0 "${PGDATABASE}_$1"
	export PGDATABASE=${PGDATABASE}_$1
}

teardown() { [ "$PGDATABASE" = "$BASE" ] || PGUSER=postgres dropdb --force "$PGDATABASE"; }
setup() { BASE=$PGDATABASE; }

@test "an empty database has all of it pending, plan applies nothing, up applies it once" {
	fresh new
	n=$(ls "$ROOT/sql/migrations" | wc -l)
	run -0 shopctl migrate status --format tsv --field state
	assert_equal "$(sort -u <<<"$output")" pending
	run -0 --separate-stderr shopctl migrate plan --field name
	assert_equal "$(wc -l <<<"$output")" "$n"
	run -0 psql -qXAtc "SELECT to_regclass('shop.orders') IS NULL"
	assert_output t
	run -0 --separate-stderr shopctl migrate up
	[[ $stderr == "$n migrations applied"* ]]
	run -0 --separate-stderr shopctl migrate up
	[[ $stderr == "0 migrations applied"* ]]
	run -0 --separate-stderr shopctl migrate plan --field name
	assert_output ""
	run -0 shopctl fsck
}

@test "a migration that was changed after it was applied is refused, and nothing is done" {
	fresh changed
	shopctl migrate up --quiet
	sql "UPDATE schema_version SET checksum = 'another' WHERE name = '0003_stock.sql';
		DROP FUNCTION api.version"
	run -4 --separate-stderr shopctl migrate up
	[[ $stderr == *"migration_is_final: 0003_stock.sql was changed"*"hint:"* ]]
	run sql "SELECT count(*) FROM pg_proc WHERE proname = 'version' AND pronamespace = 'api'::regnamespace"
	assert_output 0
	run -0 shopctl migrate status --columns name,state
	assert_output --partial "0003_stock.sql	changed"
}

@test "two at once: one after the other, both end well" {
	fresh twice
	shopctl migrate up --quiet &
	first=$!
	run -0 shopctl migrate up --quiet
	wait $first
	run sql "SELECT count(*) FROM schema_version"
	assert_output "$(ls "$ROOT/sql/migrations" | wc -l)"
}

@test "a migration killed in the middle leaves whole steps, and up goes on from there" {
	fresh killed
	for delay in 0.03 0.1 0.2; do
		timeout -s KILL $delay "$BUILD/shopctl" migrate up --quiet || true
	done
	run -0 shopctl migrate up --quiet
	run -0 shopctl fsck
}

@test "a database with another schema is refused, and the remedy is named" {
	fresh older
	run -78 --separate-stderr shopctl order list
	[[ $stderr == *"schema_is_current"*"shopctl migrate up"* ]]
	shopctl migrate up --quiet
	run -0 shopctl order list
	sql "INSERT INTO schema_version VALUES ('9999_later.sql', 'x')"
	run -78 --separate-stderr shopctl order list
	[[ $stderr == *"schema_is_current"*"install the newer programs"* ]]
	run -78 timeout 20 "$BUILD/shop-worker" run --all --once
	start_httpd # it stays, to be ready when the schema is
	request GET /readyz
	assert_equal "$status" 503
	stop httpd
}

@test "a role that cannot own the schema is told so" {
	fresh denied
	shopctl migrate up --quiet
	PGUSER=shop_http run --separate-stderr shopctl migrate up
	[ "$status" = 77 ]
	[[ $stderr == *"role_may_call"* ]]
}
