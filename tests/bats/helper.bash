# What every .bats file loads: a database of its own, the programs under test,
# and servers that are up when a test begins and gone when the file ends.
#
#	load helper
#
#	@test "an order says why" {
#		start_httpd
#		request POST /v1/checkouts "$basket" -H "Idempotency-Key: k1"
#		assert_equal "$status" 201
#		run -0 shopctl order why 1
#	}
#
# scripts/test sets BUILD and the PG* variables; run a file by
# `scripts/test bats FILE`.  A file with a setup_file of its own calls shop_up
# there, and shop_down in its teardown_file.
# shellcheck disable=SC2034 # the tests read status, output, body and headers
bats_require_minimum_version 1.7.0
load /usr/lib/bats/bats-support/load
load /usr/lib/bats/bats-assert/load
load /usr/lib/bats/bats-file/load

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BUILD=${BUILD:-$ROOT/build/san}
RUN=$BATS_FILE_TMPDIR
KEY_FILE=$BATS_FILE_TMPDIR/stripe.key
WEBHOOK_FILE=$BATS_FILE_TMPDIR/webhook.secret
MAILBOX=$BATS_FILE_TMPDIR/mailbox
export ROOT BUILD RUN

setup_file() { shop_up; }
teardown_file() { shop_down; }

# A database of this file's own, as migrated, and nobody's configuration.
shop_up() {
	[ -n "${PGHOST:-}" ] || {
		echo "no database to test with: run scripts/test bats ${BATS_TEST_FILENAME##*/}" >&2
		return 1
	}
	local name data=${SHOP_DATA-}
	name=t_$(basename "$BATS_TEST_FILENAME" .bats | tr -c 'a-z0-9\n' _)_$$
	createdb -T template_shop "$name"
	export PGDATABASE=$name
	unset "${!SHOP_@}" XDG_CONFIG_HOME
	export SHOP_DATA=$data
	export HOME=$RUN
	printf 'sk_test_%024d' 1 >"$KEY_FILE"
	printf 'whsec_%032d' 1 >"$WEBHOOK_FILE"
	chmod 600 "$KEY_FILE" "$WEBHOOK_FILE"
	export SHOP_STRIPE_KEY_FILE=$KEY_FILE SHOP_STRIPE_WEBHOOK_SECRET_FILE=$WEBHOOK_FILE
}

# Stop what the file started and drop its database.
shop_down() {
	local pid failed=0
	for pid in "$RUN"/*.pid; do
		[ -e "$pid" ] || continue
		stop "$(basename "$pid" .pid)" || failed=1
	done
	if [ -d "$RUN/pg" ]; then
		"$ROOT/scripts/cluster" stop "$RUN/pg"
		rm -rf "$(realpath "$RUN/pg")"
	else
		dropdb --if-exists --force "$PGDATABASE"
	fi
	return $failed
}

# A cluster of this file's own, for tests that stop the database or its roles.
# Instead of shop_up in setup_file.
own_cluster() {
	ln -s "$(mktemp -d "${TMPDIR:-/tmp}/pg.XXXXXX")" "$RUN/pg"
	eval "$("$ROOT/scripts/cluster" start --fast "$RUN/pg")"
	shopctl migrate up >/dev/null
	psql -qXc 'CREATE DATABASE template_shop TEMPLATE shop' postgres
	shop_up
}

# The operator's program.  A hang is a failure and not the end of the run.
shopctl() {
	timeout --foreground -k 5 "${SHOPCTL_TIMEOUT:-60}" "$BUILD/shopctl" "$@"
}

# Ask or change the database as its owner does; the tables are the schema shop's.
sql() {
	PGUSER=postgres PGOPTIONS='-c search_path=shop,pg_temp' psql -qXAt -v ON_ERROR_STOP=1 -c "$1"
}

# Time passes: age '6 hours' moves what is stored into the past (tests/sim/age.sql).  The
# provider's time is its own: POST /sim/advance.
age() {
	PGUSER=postgres psql -qXAt -v ON_ERROR_STOP=1 -v span="$1" -f "$ROOT/tests/sim/age.sql" \
		-f - <<<"SELECT shop.sim_age(:'span')" >/dev/null
}

# Run COMMAND until it succeeds, for at most SECONDS of a machine that does nothing else;
# a busy one has five times as long.
wait_until() {
	local end=$((${EPOCHREALTIME/./} + $1 * 5000000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "${EPOCHREALTIME/./}" -lt "$end" ] || {
			echo "still not true: $*" >&2
			return 1
		}
		sleep 0.05
	done
}

# A statement of this database is in its pg_sleep(): what it did before that, it holds.
asleep() { waits "wait_event = 'PgSleep'"; }

# A statement of this database waits for a lock.
blocked() { waits "wait_event_type = 'Lock'"; }

waits() {
	[ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND $1")" -gt 0 ]
}

# A TCP port of 127.0.0.1 that nobody listens on; from below those that the kernel
# gives to outgoing connections, so that none takes it before its server does.
free_port() {
	/usr/bin/python3 -c '
import random, socket
while True:
    with socket.socket() as s:
        port = random.randint(10000, 32000)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(port)
        break'
}

# start NAME COMMAND...: run it until stop NAME; its words are in $RUN/NAME.log.
start() {
	local name=$1
	shift
	"$@" >>"$RUN/$name.log" 2>&1 3>&- </dev/null &
	echo $! >"$RUN/$name.pid"
}

pid_of() { cat "$RUN/$1.pid"; }

# A process that died but was not reaped yet is not alive.
alive() {
	local state
	state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$(pid_of "$1")/status" 2>/dev/null) ||
		return 1
	[ -n "$state" ] && [ "$state" != Z ]
}

gone() { ! alive "$1"; }

# stop NAME [SIGNAL]: fails when the program does not end within 15 seconds.
stop() {
	local name=$1 pid
	pid=$(pid_of "$name") || return 0
	kill "-${2:-TERM}" "$pid" 2>/dev/null || true
	wait_until 15 gone "$name" || {
		kill -KILL "$pid" 2>/dev/null
		rm -f "$RUN/$name.pid"
		echo "$name did not stop on ${2:-TERM}" >&2
		cat "$RUN/$name.log" >&2
		return 1
	}
	rm -f "$RUN/$name.pid"
}

# Wait for COMMAND to succeed while NAME lives; show what it said when it died.
ready() {
	local name=$1
	shift
	if ! wait_until 15 eval "! alive $name || $*" || ! alive "$name"; then
		cat "$RUN/$name.log" >&2
		return 1
	fi
}

# Where shop-httpd is or will be, for all tests of the file.
http_address() {
	[ -e "$RUN/http" ] || echo "127.0.0.1:$(free_port)" >"$RUN/http"
	HTTP=$(cat "$RUN/http")
}

# The payment provider on $STRIPE, sending its webhooks to shop-httpd.  Start it
# first; curl -d ... http://$STRIPE/sim/faults asks for trouble.
start_stripe() {
	http_address
	STRIPE=127.0.0.1:$(free_port)
	export STRIPE SHOP_STRIPE_BASE_URL=http://$STRIPE
	start stripe "$BUILD/stripe-sim" --listen "$STRIPE" --secret-key-file "$KEY_FILE" \
		--webhook-secret-file "$WEBHOOK_FILE" \
		--webhook-url "http://$HTTP/v1/webhooks/stripe" "$@"
	ready stripe "curl -s -o /dev/null http://$STRIPE/sim/state"
}

# shop-httpd on $HTTP, as the role that it has in production.
start_httpd() {
	http_address
	PGUSER=shop_http SHOP_HTTP_LISTEN=$HTTP SHOP_HTTP_ADMIN_LISTEN=unix:$RUN/admin.sock \
		start httpd "$BUILD/shop-httpd" "$@"
	ready httpd "curl -sf -o /dev/null http://$HTTP/livez"
}

# shop-worker over all queues, or with the arguments of a `run`.
start_worker() {
	PGUSER=shop_worker start worker "$BUILD/shop-worker" run "${@:---all}"
}

# One pass of the worker over everything that is due.
work() {
	PGUSER=shop_worker timeout --foreground -k 5 60 "$BUILD/shop-worker" run --all --once "$@"
}

# A mail server that keeps what it is given in the maildir $MAILBOX.
start_mail() {
	local port
	port=$(free_port)
	start mail /usr/bin/python3 -m aiosmtpd -n -l "127.0.0.1:$port" -c aiosmtpd.handlers.Mailbox "$MAILBOX"
	export SHOP_MAIL_URL=smtp://127.0.0.1:$port SHOP_MAIL_REQUIRE_TLS=false
	ready mail "curl -s -o /dev/null telnet://127.0.0.1:$port </dev/null -m 1 || [ \$? = 28 ]"
}

mails() { find "$MAILBOX/new" -type f 2>/dev/null; }

# request METHOD PATH [BODY] [curl options]: sets status, body and headers.
# With API_KEY set it is the client's.
request() {
	local method=$1 path=$2 data=${3-}
	shift $(($# < 3 ? $# : 3))
	http_address
	: >"$RUN/body" # which curl leaves alone when the answer has none
	status=$(curl -sS -m 30 -o "$RUN/body" -D "$RUN/headers" -w '%{http_code}' -X "$method" \
		${API_KEY:+-H "Authorization: Bearer $API_KEY"} \
		${data:+-H 'Content-Type: application/json' --data-binary "$data"} \
		"$@" "http://$HTTP$path") || status=000
	body=$(cat "$RUN/body" 2>/dev/null)
	headers=$(tr -d '\r' <"$RUN/headers" 2>/dev/null)
	output=$headers$'\n\n'$body
}

# One value of the last answer's JSON: json .error.rule
json() { jq -r "$1" <<<"${2-$body}"; }
