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
	sim advance '{"seconds":0}' # what is due at the provider has happened
	hook payment_intent.succeeded "$(ref)" >/dev/null
	worker
}

reconcile() { sim advance '{"seconds":0}' && shopctl payment reconcile --since 40d "$@"; }
open_incidents() { sql "SELECT coalesce(string_agg(kind, ' ' ORDER BY kind), '') FROM incident
	WHERE closed_at IS NULL AND kind NOT LIKE 'dispute%'"; }
charge() { sql "SELECT charge_ref FROM payment WHERE order_id = $order"; }

@test "sales, refunds, fees and a payout agree to the cent, and twice is once" {
	sell
	sell --line CAT-1KG:3
	run -0 shopctl refund create "$order" --amount 5.00EUR --reason test
	worker
	sim payouts '{"currency":"eur","pending":true}'
	run -0 --separate-stderr reconcile
	assert_regex "$stderr" 'reconcile: stripe holds 0.00 EUR at .* transactions say 0.00 EUR, the ledger 0.00 EUR; agrees'
	assert_regex "$stderr" 'reconcile: the books agree'
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

@test "what happened there and was lost here is fetched and applied" {
	place
	worker
	pay >/dev/null
	assert_equal "$(state)" "pending open"
	run -0 reconcile
	assert_equal "$(state)" "paid captured"
	stripe POST /v1/refunds "payment_intent=$(ref)&amount=700" >/dev/null
	sim disputes "{\"charge\":\"$(charge)\"}"
	run -0 reconcile
	assert_equal "$(refunds)" "succeeded 700"
	assert_equal "$(postings | tr ' ' '\n' | sort | xargs)" "capture dispute fee refund_accepted refund_requested"
	clean
}

@test "each difference has its kind, exits 1, and is told once until a person ends it" {
	pi=$(stripe POST /v1/payment_intents 'amount=2000&currency=eur&confirm=true&payment_method=pm_card_visa&payment_method_types[]=card&capture_method=automatic' | jq -r .id)
	run -1 --separate-stderr reconcile --format json
	assert_equal "$(jq -r '.items[] | "\(.kind) \(.ours) \(.theirs.minor) \(.state)"' <<<"$output")" \
		"missing_here null 2000 open"
	run -1 --separate-stderr reconcile --format json
	assert_regex "$(jq -r '.items[0].remedy' <<<"$output")" 'shopctl payment orphans; or shopctl ledger post txn_'
	assert_equal "$(open_incidents)" missing_here
	run -0 shopctl payment orphans --format json
	assert_equal "$(jq -r '.items[] | select(.place == "provider") | "\(.object) \(.left.minor)"' <<<"$output")" "$pi 2000"
	run -0 shopctl incident list --kind missing_here --field id
	shopctl incident close "$output" --note 'the other shop of this account' >/dev/null
	run -0 --separate-stderr reconcile --format json
	assert_equal "$(jq -r '[.items[].state] | join(" ")' <<<"$output")" accepted
	assert_equal "$(open_incidents)" ""
	txn=$(jq -r '.items[0].object' <<<"$output")
	run -0 shopctl ledger post "$txn" --account suspense --reason 'the other shop'
	run -0 shopctl ledger post "$txn" --account suspense --reason 'the other shop'
	assert_output --partial 'nothing was changed'
	run -0 --separate-stderr reconcile
	assert_regex "$stderr" 'agrees'
	clean
}

@test "a balance that no list explains is told with its figures, and is found again" {
	sell
	first=$order
	run -0 reconcile
	sim advance '{"seconds":7200}' # what was before is not read again
	sell
	run -0 reconcile
	hidden=$(sql "DELETE FROM provider_txn t USING payment p WHERE p.order_id = $first AND t.payment_ref = p.provider_ref RETURNING t.net")
	run -1 --separate-stderr shopctl payment reconcile --format json
	assert_equal "$(jq -r '.items[] | select(.kind == "balance_differs") | .theirs.minor - .ours.minor' <<<"$output")" "$hidden"
	assert_regex "$stderr" 'differs'
	run -0 --separate-stderr shopctl payment balance --format json
	assert_equal "$(jq -r '.items[] | "\(.provider) \(.verdict) \(.held.minor - .mirror.minor)"' <<<"$output")" "stripe differs $hidden"
	sql "UPDATE reconcile_list SET read_to = NULL" # all of it once more
	run -0 reconcile
	assert_equal "$(open_incidents)" ""
	clean
}

@test "figures that differ are told with both, and end by themselves when they agree" {
	sell
	run -0 reconcile
	sql "UPDATE payment SET captured = captured - 1 WHERE order_id = $order"
	run -1 --separate-stderr reconcile --format json
	assert_equal "$(jq -r ".items[] | select(.order_id == \"$order\") | \"\(.kind) \(.ours.minor) \(.theirs.minor)\"" <<<"$output")" \
		"amount_differs 9999 10000"
	run -0 reconcile --tolerance 1
	sql "UPDATE payment SET captured = captured + 1 WHERE order_id = $order"
	run -0 reconcile
	assert_equal "$(sql "SELECT closed_by || ', ' || note FROM incident WHERE kind = 'amount_differs'")" \
		"reconcile, the books agree again"
}

@test "a sweep that breaks off goes on where it was, and a second one reads what is new" {
	for _ in {1..3}; do sell --line CAT-1KG:1; done
	sql 'DELETE FROM provider_txn; UPDATE payout SET members_at = NULL; UPDATE reconcile_list SET read_to = NULL'
	fault '{"kind": "500", "match": "GET /v1/balance_transactions"}'
	run -69 reconcile
	assert_output --partial provider_answers
	run -0 reconcile
	before=$(sql 'SELECT count(*) FROM provider_txn')
	assert_equal "$before" "$(stripe GET '/v1/balance_transactions?limit=100' | jq '.data | length')"
	sell --line CAT-1KG:1
	run -0 shopctl payment reconcile
	assert_equal "$(sql 'SELECT count(*) FROM provider_txn')" $((before + 1))
	sell --line CAT-1KG:1
	sql "SELECT job_put('reconcile.stripe', NULL)" >/dev/null
	worker --queue reconcile
	assert_equal "$(sql 'SELECT count(*) FROM provider_txn')" $((before + 2))
	assert_equal "$(sql 'SELECT count(*) FROM reconcile_run WHERE differences IS NULL')" 0
}

@test "two at once are one: neither fails, nothing is told twice" {
	sell --line CAT-1KG:1
	sim advance '{"seconds":0}'
	shopctl payment reconcile >"$RUN/other" 2>&1 3>&- &
	run -0 shopctl payment reconcile
	wait $!
	run -0 cat "$RUN/other"
	assert_output --partial 'the books agree'
	assert_equal "$(sql 'SELECT count(*) FROM reconcile_run WHERE ended_at IS NULL')" 0
}

@test "an answer that cannot be read kills nothing: the next try goes on where it was" {
	sell --line CAT-1KG:1
	sim advance '{"seconds":0}'
	fault '{"kind": "garbage", "match": "GET /v1/balance_transactions"}'
	sql "SELECT job_put('reconcile.stripe', NULL)" >/dev/null
	worker --queue reconcile
	run -0 grep -c provider_answers "$RUN/worker.log"
	due # unless it came by itself already
	worker --queue reconcile
	assert_equal "$(sql "SELECT (SELECT count(*) FROM job_dead) + (SELECT count(*) FROM job_later WHERE kind = 'reconcile.stripe')")" 0
	assert_equal "$(sql 'SELECT count(*) FROM provider_txn')" "$(stripe GET '/v1/balance_transactions?limit=100' | jq '.data | length')"
	clean
}

@test "an exported file says the same as the provider, and a bad one says where" {
	sql 'DELETE FROM provider_txn; UPDATE payout SET members_at = NULL'
	stripe GET '/v1/balance_transactions?limit=100&expand[]=data.source' | jq -r '
		def t: todateiso8601 | sub("T"; " ") | sub("Z"; "");
		"balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,source_id,description,payment_intent_id",
		(.data[] | [.id, (.created | gmtime | strftime("%Y-%m-%d %H:%M:%S")), .currency, (.amount / 100), (.fee / 100),
			(.net / 100), .reporting_category, .source.id, "", (.source.payment_intent // "")] | @csv)' >"$RUN/balance.csv"
	run -0 shopctl payment reconcile --file "$RUN/balance.csv"
	assert_output --partial "transactions in $RUN/balance.csv"
	sed -i '2s/^\(\([^,]*,\)\{3\}\)[^,]*/\11.01/' "$RUN/balance.csv"
	run -65 shopctl payment reconcile --file "$RUN/balance.csv"
	assert_output --partial "line 2: net is not gross less fee"
	sed -i '1s/fee/fees/' "$RUN/balance.csv"
	run -65 shopctl payment reconcile --file "$RUN/balance.csv"
	assert_output --partial "as itemised: fee is missing"
	printf 'id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Description\ntxn_x,charge,ch_x,"10.00",0.59,9.41,eur,2026-11-20 10:00,\n' >"$RUN/history.csv"
	run -1 --separate-stderr shopctl payment reconcile --file "$RUN/history.csv" --format json --dry-run
	assert_equal "$(jq -r '.items[] | select(.object == "txn_x") | "\(.kind) \(.theirs.minor)"' <<<"$output")" "missing_here 1000"
	run -66 shopctl payment reconcile --file "$RUN/none.csv"
}
