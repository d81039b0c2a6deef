# The provider's books against ours: copied once, compared three ways, told once.

load helper
load money

setup_file() { money_up --fee-seconds 0; }
teardown_file() { shop_down; }
setup() { STRIPE=$(cat "$RUN/stripe"); }

# An order that was placed and paid, all the way; its payment is $order's.
sell() {
	place "$@"
	worker
	pay >/dev/null
	hook payment_intent.succeeded "$(ref)" >/dev/null
	worker
}

reconcile() { shopctl payment reconcile --since 40d "$@"; }
kinds() { jq -r '[.items[] | .kind] | sort | join(" ")' <<<"$output"; }
open_incidents() { sql "SELECT coalesce(string_agg(kind, ' ' ORDER BY kind), '') FROM incident WHERE closed_at IS NULL"; }
charge() { sql "SELECT charge_ref FROM payment WHERE order_id = $order"; }

@test "sales, refunds, fees and a payout agree to the cent, and twice is once" {
	sell
	sell --line CAT-1KG:3
	run -0 shopctl refund create "$order" --amount 5.00EUR --reason test
	worker
	sim payouts '{"currency":"eur","pending":true}'
	run -0 --separate-stderr reconcile
	assert_equal "$stderr" "reconcile: the books agree"
	assert_equal "$(sql 'SELECT count(*) FROM provider_txn WHERE entry_id IS NOT NULL')" 4
	assert_equal "$(sql "SELECT count(*) FROM ledger_entry WHERE kind = 'fee'")" 2
	assert_equal "$(sql "SELECT count(*) FROM provider_txn WHERE payout_ref IS NOT NULL")" 4
	before=$(sql 'SELECT count(*) FROM ledger_entry')
	run -0 reconcile
	assert_equal "$(sql 'SELECT count(*) FROM ledger_entry')" "$before"
	assert_equal "$(sql "SELECT sum(amount) FROM ledger_line WHERE account = 'psp:clearing'")" 0
	clean
}

@test "a payout arrives, and one that the bank sends back comes back" {
	payout=$(sql 'SELECT provider_ref FROM payout')
	sim payouts "{\"payout\":\"$payout\",\"status\":\"paid\"}"
	run -0 reconcile
	assert_equal "$(sql 'SELECT state FROM payout')" paid
	assert_equal "$(sql "SELECT sum(amount) FROM ledger_line WHERE account = 'in_transit'")" 0
	sim payouts "{\"payout\":\"$payout\",\"status\":\"failed\"}"
	run -0 reconcile
	assert_equal "$(sql 'SELECT state FROM payout')" failed
	assert_equal "$(sql "SELECT sum(amount) FROM ledger_line WHERE account IN ('in_transit', 'bank')")" 0
	clean
}

@test "money that was captured there and lost here is applied" {
	place
	worker
	pay >/dev/null
	assert_equal "$(state)" "pending open"
	run -0 reconcile
	assert_equal "$(state)" "paid captured"
	assert_equal "$(postings)" "capture fee"
	clean
}

@test "each difference has its kind, exits 1, and is told once until a person ends it" {
	sell
	stripe POST /v1/refunds "payment_intent=$(ref)&amount=700" >/dev/null
	pi=$(stripe POST /v1/payment_intents 'amount=2000&currency=eur&confirm=true&payment_method=pm_card_visa&payment_method_types[]=card&capture_method=automatic' | jq -r .id)
	run -1 --separate-stderr reconcile --format json
	assert_equal "$(kinds)" "missing_here refund_unknown"
	assert_equal "$(jq -r '[.items[].state] | unique | join(" ")' <<<"$output")" open
	assert_equal "$(jq -r '.items[] | select(.kind == "refund_unknown") | .theirs.minor' <<<"$output")" 700
	run -1 reconcile --format json
	assert_equal "$(open_incidents)" "missing_here refund_unknown"
	run -0 shopctl payment orphans --format json
	assert_equal "$(jq -r '.items[] | select(.place == "provider") | "\(.object) \(.left.minor)"' <<<"$output")" "$pi 2000"
	run -0 shopctl incident list --kind missing_here --field id
	shopctl incident close "$output" --note 'the other shop of this account' >/dev/null
	run -1 --separate-stderr reconcile --format json
	assert_equal "$(jq -r '[.items[].state] | sort | join(" ")' <<<"$output")" "accepted open"
	assert_equal "$(open_incidents)" refund_unknown
}

@test "figures that differ are told with both, and end by themselves when they agree" {
	sell
	run -1 reconcile
	sql "UPDATE payment SET captured = captured - 1 WHERE order_id = $order"
	run -1 --separate-stderr reconcile --format json
	assert_equal "$(jq -r ".items[] | select(.order_id == \"$order\") | \"\(.kind) \(.ours.minor) \(.theirs.minor)\"" <<<"$output")" \
		"amount_differs 9999 10000"
	run -1 --separate-stderr reconcile --tolerance 1 --format json
	assert_equal "$(kinds)" "missing_here refund_unknown"
	sql "UPDATE payment SET captured = captured + 1 WHERE order_id = $order"
	run -1 reconcile
	assert_equal "$(sql "SELECT closed_by || ', ' || note FROM incident WHERE kind = 'amount_differs'")" \
		"reconcile, the books agree again"
}
