# The primary dies and its standby takes over: the door and the worker find it by
# themselves, and what was acknowledged is there.

load helper
load money

setup_file() {
	local main standby
	ln -s "$(mktemp -d "${TMPDIR:-/tmp}/pg.XXXXXX")" "$RUN/pg"
	ln -s "$(mktemp -d "${TMPDIR:-/tmp}/pg.XXXXXX")" "$RUN/standby"
	main=$(realpath "$RUN/pg") standby=$(realpath "$RUN/standby")
	"$ROOT/scripts/cluster" start --fast "$main" >/dev/null
	"$ROOT/scripts/cluster" stop "$main"
	echo "synchronous_commit = on" >>"$main/data/postgresql.conf"
	eval "$("$ROOT/scripts/cluster" start "$main")"
	shopctl migrate up >/dev/null
	psql -qXc 'CREATE DATABASE template_shop TEMPLATE shop' postgres
	money_up
	shopctl api-client create tests --scope checkout --field key -q >"$RUN/key"
	[ "$(id -u)" != 0 ] || chown postgres "$standby"
	as_server pg_basebackup -h "$main" -U postgres -D "$standby/data" -R -X stream -c fast
	echo "unix_socket_directories = '$standby'" >>"$standby/data/postgresql.conf"
	as_server pg_ctl -D "$standby/data" -l "$standby/log" -s -w start >/dev/null 3>&-
	# A commit is on both before anybody hears of it.
	psql -qXc "ALTER SYSTEM SET synchronous_standby_names = '*'" -c 'SELECT pg_reload_conf()' postgres >/dev/null
	export PGHOST=$main,$standby PGTARGETSESSIONATTRS=read-write PGCONNECT_TIMEOUT=3
	start_httpd
}

teardown_file() {
	as_server pg_ctl -D "$(realpath "$RUN/standby")/data" -s -w -m immediate stop 3>&- || true
	rm -rf "$(realpath "$RUN/standby")"
	shop_down
}

as_server() (
	[ "$(id -u)" != 0 ] || set -- runuser -u postgres -- "$@"
	cd / && PATH=$PATH:$(pg_config --bindir) "$@"
)

check_out() { # KEY
	API_KEY=$(cat "$RUN/key") request POST /v1/checkouts "$basket" -H "Idempotency-Key: $1"
	[ "$status" = 201 ]
}

basket='{"customer":{"email":"ann@example.org","name":"Ann"},"lines":[{"sku":"DOG-5KG","qty":1}],"currency":"EUR","expected_total":{"amount":5000,"currency":"EUR"},"payment":{"method":"pm_card_visa"}}'

paid() { [ "$(sql "SELECT count(*) FROM orders WHERE state = 'paid'")" = "$1" ]; }

@test "door and worker follow the failover without a restart, and nothing acknowledged is lost" {
	start_worker --queue payment:2 --queue webhook --queue reservation --lease 15
	for i in 1 2 3 4 5; do check_out "before$i"; done
	wait_until 20 paid 5
	check_out at-the-last-moment
	as_server pg_ctl -D "$(realpath "$RUN/pg")/data" -s -w -m immediate stop 3>&-
	run check_out nobody-is-there
	assert_failure
	as_server pg_ctl -D "$(realpath "$RUN/standby")/data" -s -w promote 3>&-
	wait_until 20 check_out nobody-is-there
	for i in 1 2 3; do wait_until 20 check_out "after$i"; done
	wait_until 40 paid 10
	alive httpd
	alive worker
	assert_equal "$(sql "SELECT string_agg(key, ' ' ORDER BY key) FROM orders")" \
		"after1 after2 after3 at-the-last-moment before1 before2 before3 before4 before5 nobody-is-there"
	assert_equal "$(curl -sS "http://$(cat "$RUN/stripe")/sim/state" |
		jq '[.objects.payment_intents[].metadata.payment_id] | length - (unique | length)')" 0
	stop worker
	run -0 shopctl fsck
}
