#!/usr/bin/env bats
# Shipments: goods leave once, when they are paid for, and never after a cancel.
load helper
load money

setup_file() { money_up --late-seconds 3600; }
teardown_file() { shop_down; }
setup() { STRIPE=$(cat "$RUN/stripe"); }

paid() { # [shopctl order place options]
	place "$@" --method pm_card_visa
	worker
	[ "$(state)" = "paid captured" ]
}
pack() { shopctl shipment create "$order" --field id "$@"; }
moved() { sql "SELECT coalesce(sum(delta), 0) FROM stock_movement WHERE reason = 'ship' AND reference IN
	(SELECT 'shipment:' || id FROM shipment WHERE order_id = $order)"; }
deposits() { sql "SELECT coalesce(sum(l.amount), 0) FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
	WHERE e.order_id = $order AND l.account = 'customer:deposits'"; }

@test "an order leaves in two parcels, is followed, and arrives" {
	local first second before
	paid --line DOG-5KG:2 --line CAT-1KG:1
	before=$(sql "SELECT on_hand FROM stock WHERE variant_id = 1")
	run -0 shopctl shipment create "$order" --line DOG-5KG:1 --carrier ups --tracking 1Z9 --format json
	assert_equal "$(jq -r '.items[0] | [.state, .units, .value.minor] | join(" ")' <<<"$output")" "labeled 1 5000"
	first=$(jq -r '.items[0].id' <<<"$output")
	run -0 shopctl shipment ship "$first" --dry-run --field state
	assert_output --partial handed_over
	assert_equal "$(moved)" 0
	run -0 shopctl shipment ship "$first" --field order_state
	assert_output paid
	second=$(pack)
	run -0 shopctl shipment ship "$second" --field order_state
	assert_output shipped
	assert_equal "$(moved)" -3
	assert_equal "$(sql "SELECT on_hand FROM stock WHERE variant_id = 1")" $((before - 2))
	assert_equal "$(deposits)" 0
	shopctl shipment track "$first" in_transit >/dev/null
	shopctl shipment deliver "$first" >/dev/null
	run -0 shopctl shipment deliver "$second" --note 'left with a neighbour' --field order_state
	assert_output delivered
	assert_equal "$(mails_of)" "order_confirmed shipped shipped delivered delivered"
	run -0 shopctl notification preview shipped --order "$order"
	assert_output --partial "1 x Cat food"
	run -0 shopctl order why "$order"
	assert_output --partial "paid -> shipped"
	assert_output --partial "shipment $first"
	clean
}

@test "what is not paid, held or canceled does not leave; what left is not canceled" {
	place
	run -4 shopctl shipment create "$order"
	assert_output --partial shipment_is_paid_for
	run_out
	paid
	sql "SELECT order_move($order, 'on_hold', 'hold')" >/dev/null
	run -4 shopctl shipment create "$order"
	assert_output --partial order_is_not_on_hold
	sql "SELECT order_move($order, 'paid', 'unhold')" >/dev/null
	shopctl shipment ship "$(pack --line DOG-5KG:1)" >/dev/null
	run -4 shopctl order cancel "$order" --reason late
	assert_output --partial order_has_not_left
	run -3 shopctl shipment ship 7
	assert_output --partial shipment_exists
	run -64 shopctl shipment create "$order" --line DOG-5KG
}

# Both wait for the same order; whoever is first, the other is refused and changes nothing.
race() { # FIRST: ship or cancel
	local shipment lock first second one=0 two=0
	paid
	shipment=$(pack)
	mkfifo "$RUN/lock.$1"
	PGUSER=postgres PGOPTIONS='-c search_path=shop' psql -qXAt <"$RUN/lock.$1" 3>&- & lock=$!
	exec 8>"$RUN/lock.$1"
	echo "BEGIN; SELECT 1 FROM orders WHERE id = $order FOR UPDATE;" >&8
	first=(shipment ship "$shipment") second=(order cancel "$order" --reason changed)
	[ "$1" = ship ] || { first=(order cancel "$order" --reason changed) && second=(shipment ship "$shipment"); }
	wait_until 20 waits "state = 'idle in transaction'"
	shopctl "${first[@]}" >"$RUN/first.$1" 2>&1 3>&- 8>&- & local a=$!
	wait_until 20 blocked
	shopctl "${second[@]}" >"$RUN/second.$1" 2>&1 3>&- 8>&- & local b=$!
	wait_until 20 two_blocked
	echo "ROLLBACK;" >&8
	exec 8>&-
	wait $a || one=$?
	wait $b || two=$?
	wait $lock
	assert_equal "$one $two" "0 4"
}
two_blocked() {
	[ "$(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")" = 2 ]
}

@test "case 31: shipped while it is canceled: it is shipped, the cancel is refused" {
	race ship
	run cat "$RUN/second.ship"
	assert_output --partial order_has_not_left
	assert_equal "$(sql "SELECT state FROM orders WHERE id = $order") $(moved) $(refunds)" "shipped -2 "
	assert_equal "$(deposits)" 0
	clean
}

@test "case 31: canceled while it is shipped: the money goes back and nothing moves" {
	race cancel
	run cat "$RUN/second.cancel"
	assert_output --partial order_is_shippable
	assert_equal "$(sql "SELECT state FROM orders WHERE id = $order") $(moved) $(refunds)" "canceled 0 requested 10000"
	worker
	assert_equal "$(deposits)" 0
	clean
}

@test "six hands at one parcel: it leaves once" {
	local shipment
	paid
	shipment=$(pack)
	for _ in $(seq 6); do shopctl shipment ship "$shipment" >/dev/null 3>&- & done
	wait
	assert_equal "$(moved)" -2
	assert_equal "$(postings | tr ' ' '\n' | grep -c ship)" 1
	clean
}
