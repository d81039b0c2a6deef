#!/usr/bin/env bats
# Every way that libpq knows to name a database works, and what is wrong is said.
load helper

# Without the variables of the tests; SOCKET and DB say where it is.
bare() {
	SOCKET=$PGHOST DB=$PGDATABASE
	unset PGHOST PGPORT PGUSER PGDATABASE PGPASSWORD
}

@test "a URI, a conninfo string, the configuration and a service file name the same database" {
	expected=$(shopctl queue list --field name)
	bare
	run -69 shopctl queue list
	uri="postgresql:///$DB?host=$SOCKET&user=postgres"
	assert_equal "$(shopctl -d "$uri" queue list --field name)" "$expected"
	assert_equal "$(shopctl queue list --dsn "host=$SOCKET dbname=$DB user=postgres" --field name)" "$expected"
	printf '[shop]\nhost=%s\ndbname=%s\nuser=postgres\n' "$SOCKET" "$DB" >"$RUN/service.conf"
	assert_equal "$(PGSERVICEFILE=$RUN/service.conf PGSERVICE=shop shopctl queue list --field name)" "$expected"
	assert_equal "$(PGSERVICEFILE=$RUN/service.conf shopctl -d service=shop queue list --field name)" "$expected"
	printf 'database:\n  conninfo: "%s"\n' "$uri" >"$RUN/shop.yaml"
	assert_equal "$(shopctl --config "$RUN/shop.yaml" queue list --field name)" "$expected"
	assert_equal "$(SHOP_CONFIG=$RUN/shop.yaml shopctl queue list --field name)" "$expected"
	assert_equal "$(SHOP_DATABASE_CONNINFO=$uri shopctl queue list --field name)" "$expected"
}

@test "a password comes from the password file, and from no option" {
	own=$RUN/own
	mkdir "$own"
	eval "$(
		exec 3>&-
		"$ROOT/scripts/cluster" start --fast "$(realpath "$(mktemp -d "${TMPDIR:-/tmp}/pg.XXXXXX")")" | tee "$own/env"
	)"
	psql -qXc "CREATE ROLE ana LOGIN SUPERUSER PASSWORD 'secret'" postgres
	shopctl migrate up --quiet
	sed -i 's/trust/scram-sha-256/' "$PGHOST/data/pg_hba.conf"
	kill -HUP "$(head -1 "$PGHOST/data/postmaster.pid")"
	export PGUSER=ana
	wait_until 5 eval '! psql -wqXc "SELECT 1" </dev/null'
	run -69 --separate-stderr shopctl queue list
	[[ $stderr == *"password"* ]]
	printf '*:*:*:ana:secret\n' >"$RUN/pgpass"
	chmod 600 "$RUN/pgpass"
	PGPASSFILE=$RUN/pgpass run -0 shopctl queue list
	run -0 shopctl queue list --help
	refute_output --partial "password"
	"$ROOT/scripts/cluster" stop "$PGHOST"
	rm -rf "$PGHOST"
}

@test "no database is exit 69, with where it was looked for" {
	PGHOST=$RUN/nowhere run -69 --separate-stderr shopctl order list
	assert_equal "$output" ""
	[[ $stderr == *"database_is_up"*"$RUN/nowhere"*"hint:"* ]]
	PGDATABASE=nosuch run -69 --separate-stderr shopctl order list
	[[ $stderr == *nosuch* ]]
}

@test "a statement that takes too long is given up, and nothing is changed" {
	psql -qXc "BEGIN; LOCK TABLE shop.warehouse; SELECT pg_sleep(30)" >/dev/null 2>&1 &
	holder=$!
	wait_until 5 eval '[ "$(sql "SELECT count(*) FROM pg_locks WHERE relation = '"'warehouse'"'::regclass AND granted AND mode = '"'AccessExclusiveLock'"'")" = 1 ]'
	run -75 --separate-stderr shopctl warehouse create LATE --timeout 1
	[[ $stderr == *"statement_in_time"* ]]
	kill $holder
	psql -qXAtc "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)%' AND pid <> pg_backend_pid()" >/dev/null
	run sql "SELECT count(*) FROM warehouse WHERE code = 'LATE'"
	assert_output 0
}

# F15.  A sequence counts the tries: it is not taken back with them.
@test "a call that collides with another is tried three times, and one inside a transaction once" {
	sql "CREATE SEQUENCE tries;
		ALTER FUNCTION api.warehouse_list() RENAME TO warehouses;
		CREATE FUNCTION api.warehouse_list() RETURNS SETOF warehouse_view
		LANGUAGE plpgsql AS \$\$ BEGIN
			IF nextval('shop.tries') < current_setting('shop.lucky')::bigint THEN
				RAISE EXCEPTION 'in the way' USING ERRCODE = current_setting('shop.how');
			END IF;
			RETURN QUERY SELECT * FROM api.warehouses();
		END \$\$;
		ALTER FUNCTION api.warehouse_create RENAME TO warehouse_made;
		CREATE FUNCTION api.warehouse_create(p_code text, p_name text, p_country text, p_priority bigint)
		RETURNS SETOF warehouse LANGUAGE plpgsql AS \$\$ BEGIN
			PERFORM nextval('shop.tries');
			RAISE EXCEPTION 'in the way' USING ERRCODE = '40001';
		END \$\$"
	tries() { sql "SELECT last_value FROM tries; SELECT setval('tries', 1, false)" | head -1; }
	local how
	for how in 40001 40P01; do
		PGOPTIONS="-c shop.how=$how -c shop.lucky=3" run -0 shopctl warehouse list
		assert_equal "$(tries)" 3
		PGOPTIONS="-c shop.how=$how -c shop.lucky=9" run -75 shopctl warehouse list
		assert_equal "$(tries)" 3
	done
	PGOPTIONS="-c shop.how=55P03 -c shop.lucky=9" run -75 shopctl warehouse list
	assert_equal "$(tries)" 1
	run -75 shopctl warehouse create BER --dry-run
	assert_equal "$(tries)" 1
	sql "DROP FUNCTION api.warehouse_list, api.warehouse_create;
		ALTER FUNCTION api.warehouses RENAME TO warehouse_list;
		ALTER FUNCTION api.warehouse_made RENAME TO warehouse_create"
}

@test "the database knows which command asks" {
	psql -qXc "BEGIN; LOCK TABLE shop.warehouse; SELECT pg_sleep(20)" >/dev/null 2>&1 &
	wait_until 5 eval '[ "$(sql "SELECT count(*) FROM pg_locks WHERE relation = '"'warehouse'"'::regclass AND granted AND mode = '"'AccessExclusiveLock'"'")" = 1 ]'
	shopctl warehouse list --timeout 5 >/dev/null 2>&1 &
	wait_until 5 eval '[ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = '"'shop shopctl warehouse list'"'")" = 1 ]'
	psql -qXAtc "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(20)%' AND pid <> pg_backend_pid()" >/dev/null
	wait
}
