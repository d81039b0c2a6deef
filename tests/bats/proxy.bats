# The proxy of the tests: each fault does what its name says, and is counted.

load helper

setup_file() {
	shop_up
	start_stripe
	echo "$STRIPE" >"$RUN/stripe"
	echo "127.0.0.1:$(free_port)" >"$RUN/address"
	start proxy "$BUILD/proxy" --listen "$(cat "$RUN/address")" --to "$STRIPE" --control "$RUN/control"
	mkdir "$RUN/line"
	start line "$BUILD/proxy" --listen "unix:$RUN/line/.s.PGSQL.5432" --postgres \
		--to "unix:$PGHOST/.s.PGSQL.5432" --control "$RUN/line/control"
	ready proxy "'$BUILD/proxy' --ask '$RUN/control' stats"
	ready line "'$BUILD/proxy' --ask '$RUN/line/control' stats"
	sql "CREATE TABLE mark (n int)"
}

setup() {
	ADDRESS=$(cat "$RUN/address") STRIPE=$(cat "$RUN/stripe")
	proxy clear
	line clear
}

proxy() { "$BUILD/proxy" --ask "$RUN/control" "$@"; }
line() { "$BUILD/proxy" --ask "$RUN/line/control" "$@"; }
done_of() { proxy stats | jq ".\"$1\""; }

# get EXIT-STATUS-OF-CURL [OPTIONS]: what the simulator says, through the proxy.
get() {
	run -"$1" --separate-stderr curl -sS -m 5 "${@:2}" "http://$ADDRESS/sim/state"
}

# Through the line: how it ended, and whether the row is there.
mark() {
	run bash -c "PGHOST=$RUN/line PGUSER=postgres psql -qXAtc 'INSERT INTO shop.mark VALUES ($1)'"
	sql "SELECT $status || ' ' || count(*) FROM mark WHERE n = $1"
}

@test "without a rule nothing is changed" {
	get 0
	assert_equal "$(jq -c keys <<<"$output")" "$(curl -sS "http://$STRIPE/sim/state" | jq -c keys)"
	assert_equal "$(mark 1)" "0 1"
}

@test "an answer is late, slow, cut off, ended early or spoilt" {
	proxy "rule delay=700,count=1" >/dev/null
	get 28 -m 0.5
	proxy "rule throttle=200,count=1" >/dev/null
	get 28 -m 1
	proxy "rule reset=30,count=1" >/dev/null
	get 56
	proxy "rule truncate=200,count=1" >/dev/null
	get 18
	proxy "rule garble=2,count=1" >/dev/null
	get 1 # HT!P is no protocol
	proxy "rule blackhole,count=1" >/dev/null
	get 28 -m 0.3
	proxy "rule hole,count=1" >/dev/null
	get 28 -m 0.3
	proxy "rule refuse,count=1" >/dev/null
	run curl -sS -m 5 "http://$ADDRESS/sim/state"
	[ "$status" = 52 ] || [ "$status" = 56 ]
	get 0
	for fault in delay throttle reset truncate garble blackhole hole refuse; do
		assert_equal "$fault $(done_of $fault)" "$fault 1"
	done
}

@test "a request is cut before it arrives or behind what it did" {
	local side wanted
	for side in before between during after; do
		proxy "rule cut-$side,match=POST /sim/advance,count=1" >/dev/null
		get 0
		run curl -sS -m 5 -d '{"seconds": 1}' "http://$ADDRESS/sim/advance"
		[ "$status" = 52 ] || [ "$status" = 56 ]
		assert_equal "$side $(done_of "cut-$side")" "$side 1"
	done
	assert_equal "$(done_of applied)" 1
}

@test "a rule skips, counts and matches; what is none is refused" {
	proxy "rule cut-before,match=nothing like it" >/dev/null
	proxy "rule cut-before,match=GET /sim,skip=1,count=2" >/dev/null
	for wanted in 0 52 52 0; do
		run curl -sS -m 5 "http://$ADDRESS/sim/state"
		[ "$status" = "$wanted" ] || { [ "$wanted" = 52 ] && [ "$status" = 56 ]; }
	done
	for bad in "rule cut-somewhere" "rule cut,often" "rule cut,x=1" cut; do
		run -1 proxy "$bad"
	done
	run -64 "$BUILD/proxy" --listen 0.0.0.0:1 --to "$STRIPE"
	run -64 "$BUILD/proxy" --listen unix:/x
}

@test "a statement is cut off on either side of its commit" {
	line "rule cut-before,match=mark,count=1" >/dev/null
	assert_equal "$(mark 2)" "2 0"
	line "rule cut-after,match=mark,count=1" >/dev/null
	assert_equal "$(mark 3)" "2 1"
	line "rule cut-during,match=mark,count=1" >/dev/null
	mark 4 >/dev/null
	wait_until 10 eval '[ "$(sql "SELECT count(*) FROM mark WHERE n = 4")" = 1 ]'
	# Executed, and never told to commit.
	line "rule cut-between,match=job_enqueue,count=1" >/dev/null
	PGHOST=$RUN/line run -69 shopctl job enqueue noop.run --subject 77
	run -0 shopctl job list
	refute_output --partial 77
	assert_equal "$(line stats | jq -c '[.applied, ."cut-before", ."cut-between", ."cut-during", ."cut-after"]')" "[1,1,1,1,1]"
}
