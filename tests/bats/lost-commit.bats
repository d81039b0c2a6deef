# The line to the database dies around a commit: nobody can know whether it counted,
# and still there is one of everything that was asked for.

load helper
load money

setup_file() {
	money_up
	sql "UPDATE stock SET on_hand = 100000; UPDATE stock_movement SET delta = 100000"
	shopctl api-client create lost --scope checkout --field key -q >"$RUN/key"
}

teardown() {
	local p
	for p in httpd proxy; do [ ! -e "$RUN/$p.pid" ] || stop $p; done
}

setup() { STRIPE=$(cat "$RUN/stripe"); }

# A line to the database whose rules come from the control socket.
start_proxy() {
	mkdir -p "$RUN/line"
	start proxy "$BUILD/proxy" --listen "unix:$RUN/line/.s.PGSQL.5432" --postgres \
		--to "unix:$PGHOST/.s.PGSQL.5432" --control "$RUN/line/control" "$@"
	ready proxy "'$BUILD/proxy' --ask '$RUN/line/control' stats"
}

proxy() { "$BUILD/proxy" --ask "$RUN/line/control" "$1"; }
cuts() { proxy stats | jq "$1"; }

# Of the 300 that were cut, both sides are well represented, and the applied ones were
# found again and not done again.
assert_cut_on_both_sides() { # FILE
	local applied not
	applied=$(cuts .applied) not=$(cuts '."cut-before" + ."cut-between"')
	echo "# $(wc -l <"$1") asked for, 300 cut: $applied applied, $not not applied, $(cuts '."cut-during"') unknown;" \
		"$(grep -c 'replayed$' "$1") were there when asked for again" >&3
	assert_equal "$(cuts '."cut-before" + ."cut-between" + ."cut-during" + ."cut-after"')" 300
	[ "$applied" -gt 60 ]
	[ "$not" -gt 60 ]
	[ "$(grep -c 'replayed$' "$1")" -gt 40 ]
	run ! grep -vE ' (first|replayed)$' "$1"
}

@test "case 33: 300 lines cut at random around a checkout's commit: each order exists once" {
	start_proxy --rule cut,match=order_place,rate=0.5,count=300 --seed 7
	PGHOST=$RUN/line SHOP_HTTP_BATCH_MAX=1 SHOP_HTTP_BATCHERS=3 SHOP_HTTP_RATE_PER_CLIENT=0 start_httpd
	run -0 --separate-stderr /usr/bin/python3 "$ROOT/tests/bats/lost_commit.py" checkouts "$HTTP" "$(cat "$RUN/key")" lost 330
	cut -d' ' -f1,2 <<<"$output" | tr ' ' '|' | sort >"$RUN/told"
	echo "$output" >"$RUN/answers"
	assert_cut_on_both_sides "$RUN/answers"
	sql "SELECT key, id FROM orders" | sort >"$RUN/stored"
	diff "$RUN/told" "$RUN/stored"
	assert_equal "$(reserved)" 330
	assert_equal "$(sql "SELECT count(*) FROM payment")" 330
	stop httpd
	stop proxy
	clean
}

@test "case 33: 300 lines cut at random around a refund's commit: each refund exists once" {
	place --line DOG-5KG:2 --method pm_card_visa
	worker
	assert_equal "$(state)" "paid captured"
	start_proxy --rule cut,match=refund_create,rate=0.7,count=300 --seed 11
	ASAN_OPTIONS=detect_leaks=0 PGHOST=$RUN/line run -0 --separate-stderr /usr/bin/python3 "$ROOT/tests/bats/lost_commit.py" refunds "$order" 150 || fail "$stderr"
	cut -d' ' -f2 <<<"$output" | sort >"$RUN/told"
	echo "$output" >"$RUN/answers"
	assert_cut_on_both_sides "$RUN/answers"
	sql "SELECT id FROM refund" | sort >"$RUN/stored"
	diff "$RUN/told" "$RUN/stored"
	assert_equal "$(sql "SELECT count(*), sum(amount) FROM refund")" "150|150"
	stop proxy
	SHOP_STRIPE_TIMEOUT_MS=5000 worker
	wait_until 20 eval 'worker; [ "$(sql "SELECT count(*) FROM refund WHERE state = '\''succeeded'\''")" = 150 ]'
	assert_equal "$(stripe GET "/v1/payment_intents/$(ref)?expand[]=latest_charge" | jq .latest_charge.amount_refunded)" 150
	clean
}
