#!/usr/bin/env bats
# Refunds: never more than came in, never twice, and true only when the provider says so.
load helper
load money

setup_file() { money_up --late-seconds 3600; }
teardown_file() { shop_down; }
setup() { STRIPE=$(cat "$RUN/stripe"); curl -sS -X DELETE "http://$STRIPE/sim/faults" >/dev/null; }

paid() { # [METHOD]: an order of 100.00 EUR that is paid
	place --method "${1:-pm_card_visa}"
	worker
	[ "$(state)" = "paid captured" ]
}
refund() { shopctl refund create "$order" --reason test "$@"; }
at_stripe() { stripe GET "/v1/refunds?payment_intent=$(ref)&limit=100" | jq "${1:-.data | length}"; }
payable() { sql "SELECT coalesce(sum(l.amount), 0) FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
	WHERE e.order_id = $order AND l.account = '$1'"; }

@test "a part goes back: asked, accepted, posted, told" {
	paid
	run -0 refund --amount 30EUR --field state
	assert_output requested
	assert_equal "$(payable refund:payable)" -3000
	worker
	assert_equal "$(refunds)" "succeeded 3000"
	assert_equal "$(payable refund:payable)" 0
	assert_equal "$(postings)" "capture fee refund_requested refund_accepted"
	assert_equal "$(mails_of)" "order_confirmed refund_sent"
	assert_equal "$(at_stripe '.data[0].metadata.refund_id')" "\"$(sql "SELECT id FROM refund WHERE order_id = $order")\""
	run -0 shopctl order show "$order" --field refund_state
	assert_line partial
	clean
}

@test "case 26: 100.00 and 7.00 of 100.00 at once: one wins, the other hears how much is left" {
	paid
	refund --amount 100EUR >"$RUN/a" 2>&1 3>&- & local a=$!
	refund --amount 7EUR >"$RUN/b" 2>&1 3>&- & local b=$!
	local first=0 second=0
	wait $a || first=$?
	wait $b || second=$?
	assert_equal $((first + second)) 4
	run cat "$RUN/a" "$RUN/b"
	assert_output --partial refund_within_captured
	assert_output --regexp 'only (0|93).00 EUR of 100.00 EUR can still be refunded'
	worker
	run sql "SELECT sum(amount) <= 10000, count(*) FROM refund WHERE order_id = $order"
	assert_output 't|1'
	assert_equal "$(sql "SELECT sum(l.amount) FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id WHERE e.order_id = $order")" 0
	clean
}

@test "twenty refunds of 10.00 at once: ten win" {
	paid
	local i
	for i in $(seq 20); do refund --amount 10EUR >/dev/null 2>&1 3>&- & done
	wait
	assert_equal "$(sql "SELECT count(*), sum(amount) FROM refund WHERE order_id = $order")" "10|10000"
	worker
	assert_equal "$(at_stripe)" 10
	clean
}

@test "the same key refunds once; with another amount it is refused" {
	paid
	refund --amount 30EUR --idempotency-key k1 >/dev/null
	run -0 refund --amount 30EUR --idempotency-key k1 --field replayed
	assert_line true
	run -4 refund --amount 31EUR --idempotency-key k1
	assert_output --partial refund_key_used_once
	assert_equal "$(refunds)" "requested 3000"
	worker
}

@test "units of a line at their stored share: the last one takes the remainder" {
	place --line DOG-5KG:3 --method pm_card_visa
	sql "UPDATE order_line SET tax = 100 WHERE order_id = $order;
		UPDATE orders SET tax = 100, total = total + 100 WHERE id = $order;
		UPDATE payment SET amount = amount + 100 WHERE id = $order"
	worker
	assert_equal "$(state)" "paid captured"
	refund --line DOG-5KG:1 >/dev/null
	refund --line DOG-5KG:1 >/dev/null
	refund --line DOG-5KG:1 >/dev/null
	assert_equal "$(refunds)" "requested 5033, requested 5033, requested 5034"
	run -4 refund --line DOG-5KG:1
	assert_output --partial 'only 0 of DOG-5KG'
	worker
	clean
}

@test "what is wrong with a request is said" {
	paid
	run -64 refund --line DOG-5KG
	assert_output --partial line_is_sku_and_quantity
	run -64 refund --line DOG-5KG:1 --amount 1EUR
	assert_output --partial refund_is_of_lines_or_an_amount
	run -4 refund --line DOG-5KG:3
	assert_output --partial refund_within_line
	run -4 refund --line NO-SUCH:1
	assert_output --partial refund_within_line
	run -4 refund --amount 1USD
	assert_output --partial refund_in_the_currency_paid
	run -3 shopctl refund create 999 --amount 1EUR --reason x
	assert_output --partial order_exists
	place
	run -4 refund --amount 1EUR
	assert_output --partial refund_needs_a_capture
	run -64 shopctl refund create "$order" --amount 1EUR
	assert_output --partial reason
}

@test "a dry run refunds nothing" {
	paid
	refund --amount 30EUR --dry-run >/dev/null
	assert_equal "$(refunds)" ""
}

@test "pending at the provider is booked when accepted, and succeeds later" {
	paid pm_card_pendingRefund
	refund >/dev/null
	worker
	assert_equal "$(refunds)" "pending 10000"
	assert_equal "$(payable refund:payable)" 0
	sim advance '{"seconds": 3601}'
	hook refund.updated "$(sql "SELECT provider_ref FROM refund WHERE order_id = $order")"
	worker
	assert_equal "$(refunds)" "succeeded 10000"
	assert_equal "$(mails_of)" "order_confirmed refund_sent"
	clean
}

@test "pending, and every webhook lost: asked for until it is settled" {
	paid pm_card_pendingRefund
	refund >/dev/null
	worker
	due
	worker
	assert_equal "$(refunds)" "pending 10000"
	sim advance '{"seconds": 3601}'
	due
	worker
	assert_equal "$(refunds)" "succeeded 10000"
	clean
}

@test "a refund that the provider refuses is taken back in the ledger" {
	paid
	stripe POST /v1/refunds "payment_intent=$(ref)" >/dev/null
	refund --amount 30EUR >/dev/null
	worker
	assert_equal "$(refunds)" "rejected 3000"
	assert_equal "$(postings)" "capture fee refund_requested refund_refused"
	assert_equal "$(payable refund:payable)" 0
	assert_equal "$(incidents)" refund_rejected
	clean
}

@test "case 28: refused, and killed before it was written down: never sent again, also six days later" {
	paid
	stripe POST /v1/refunds "payment_intent=$(ref)&amount=9000" >/dev/null
	refund --amount 30EUR >/dev/null
	SHOP_FAILPOINTS=op.after_response=kill run worker
	assert_equal "$(refunds)" "requested 3000"
	# six days later the key is forgotten and the refund would be possible
	sim advance '{"seconds": 518400}'
	sim refunds/fail "{\"refund\": $(at_stripe '.data[0].id')}"
	sql "UPDATE provider_op SET first_sent_at = first_sent_at - interval '6 d',
		last_sent_at = last_sent_at - interval '6 d' WHERE order_id = $order;
		UPDATE job_lease SET expires_at = now() - interval '1 s'"
	wait_until 10 eval 'worker; [ "$(refunds)" = "rejected 3000" ]'
	assert_equal "$(at_stripe '[.data[] | select(.metadata.refund_id)] | length')" 0
	assert_equal "$(incidents)" refund_rejected
	clean
}

@test "case 10: the answer is lost but the refund was made: adopted, also 26 hours later" {
	local age
	for age in 0 26; do
		paid
		fault '{"kind": "timeout_after", "match": "POST /v1/refunds"}'
		refund --amount 30EUR >/dev/null
		worker
		assert_equal "$(refunds)" "requested 3000"
		sim advance "{\"seconds\": $((age * 3600))}"
		age "$age hours"
		due
		worker
		assert_equal "$age $(refunds)" "$age succeeded 3000"
		assert_equal "$(at_stripe)" 1
	done
	start_mail # whose jobs waited for a day, too
	work
	clean
}

@test "a cached 500 that made the refund: looked up, not repeated" {
	paid
	fault '{"kind": "500_after", "match": "POST /v1/refunds"}'
	refund --amount 30EUR >/dev/null
	worker
	due
	worker
	assert_equal "$(refunds)" "succeeded 3000"
	assert_equal "$(at_stripe)" 1
	assert_equal "$(sql "SELECT attempts FROM provider_op WHERE order_id = $order AND refund_id IS NOT NULL")" 1
	clean
}

@test "the webhook of a refund comes before the answer: one refund, one posting" {
	paid
	fault '{"kind": "timeout_after", "match": "POST /v1/refunds"}'
	refund --amount 30EUR >/dev/null
	worker
	hook refund.created "$(at_stripe '.data[0].id' | tr -d '"')"
	worker
	assert_equal "$(refunds)" "succeeded 3000"
	due
	worker
	assert_equal "$(postings)" "capture fee refund_requested refund_accepted"
	clean
}

@test "above the limit another operator approves it; who asked cannot" {
	paid
	sql "UPDATE refund_limit SET major = 20"
	psql -qXc 'CREATE ROLE refund_ana LOGIN IN ROLE op_support' -c 'CREATE ROLE refund_ben LOGIN IN ROLE op_finance'
	PGUSER=refund_ana refund --amount 15EUR >/dev/null
	PGUSER=refund_ana run -0 refund --amount 40EUR
	assert_output --partial 'another operator has to approve it'
	assert_equal "$(refunds)" "requested 1500, proposed 4000"
	assert_equal "$(incidents)" refund_awaits_approval
	local id
	id=$(sql "SELECT id FROM refund WHERE order_id = $order AND state = 'proposed'")
	PGUSER=refund_ana run -4 shopctl refund approve "$id"
	assert_output --partial refund_is_approved_by_another
	PGUSER=refund_ben shopctl refund approve "$id" >/dev/null
	run -4 shopctl refund decline "$id" --reason late
	worker
	assert_equal "$(refunds)" "succeeded 1500, succeeded 4000"
	assert_equal "$(sql "SELECT asked_by, approved_by FROM refund WHERE id = $id")" "refund_ana|refund_ben"
	PGUSER=refund_ana run -77 shopctl refund retry "$id" --reason again
	PGUSER=refund_ana run -77 shopctl refund limit set op_support 1000 --reason me
	sql "UPDATE refund_limit SET major = 1000"
	psql -qXc 'DROP ROLE refund_ana' -c 'DROP ROLE refund_ben'
	clean
}

@test "a preview shows the split and the postings, and changes nothing" {
	paid
	run -0 --separate-stderr refund --line DOG-5KG:1 --shipping 0 --dry-run --format json
	assert_equal "$(jq -r '.lines[0] | "\(.sku) \(.qty) \(.amount.minor)"' <<<"$output")" "DOG-5KG 1 5000"
	assert_equal "$(jq -r '[.postings[] | "\(.account) \(.amount.minor)"] | join(", ")' <<<"$output")" \
		"customer:deposits 5000, refund:payable -5000"
	assert_equal "$(refunds)" ""
}

@test "what left comes back: received, looked at, on the shelf, and its money on its way" {
	paid
	shopctl shipment ship "$(shopctl shipment create "$order" --format json | jq -r '.items[0].id')" >/dev/null
	local before id
	before=$(sql "SELECT on_hand FROM stock WHERE variant_id = 1")
	run -4 shopctl return create "$order" --line DOG-5KG:3 --reason broken
	assert_output --partial return_within_shipped
	id=$(shopctl return create "$order" --line DOG-5KG:2 --reason broken --field id)
	shopctl return approve "$id" >/dev/null
	shopctl return receive "$id" --to BER >/dev/null
	shopctl return inspect "$id" --line DOG-5KG:1:restock --line DOG-5KG:1:scrap --reason seen >/dev/null
	shopctl return close "$id" --refund --reason broken >/dev/null
	worker
	assert_equal "$(refunds)" "succeeded 10000"
	assert_equal "$(sql "SELECT on_hand - $before FROM stock WHERE variant_id = 1")" 1
	run -0 shopctl return list --order "$order" --field state
	assert_output closed
	run -0 shopctl return show "$id" --field accepted
	assert_output 2
	clean
}

@test "list and show" {
	paid
	refund --line DOG-5KG:1 >/dev/null
	run -0 shopctl refund list --order "$order" --columns +lines --format json
	assert_equal "$(jq -r '.items[0].lines[0] | "\(.sku) \(.qty) \(.amount.minor)"' <<<"$output")" "DOG-5KG 1 5000"
	run -0 shopctl refund show "$(sql "SELECT id FROM refund WHERE order_id = $order")" --field reason
	assert_output test
	run -3 shopctl refund show 5
	worker
}

# The last of the file: time passes for the whole shop.
@test "case 27: a refund that fails 20 days later is reversed, told to a person once, and can be asked for again" {
	paid
	refund >/dev/null
	worker
	assert_equal "$(refunds)" "succeeded 10000"
	local re
	re=$(sql "SELECT provider_ref FROM refund WHERE order_id = $order")
	sim advance '{"seconds": 1728000}'
	age '20 days'
	sim refunds/fail "{\"refund\": \"$re\"}"
	for _ in 1 2 3; do hook refund.failed "$re"; done
	worker
	assert_equal "$(refunds)" "failed 10000"
	assert_equal "$(incidents)" refund_failed
	assert_equal "$(payable psp:clearing)" "$(sql "SELECT 10000 - sum(amount) FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id WHERE e.order_id = $order AND l.account = 'fees:psp'")"
	assert_equal "$(payable customer:deposits)" -10000
	hook refund.updated "$re"
	worker
	assert_equal "$(refunds)" "failed 10000"
	refund --amount 60EUR >/dev/null
	worker
	assert_equal "$(refunds)" "failed 10000, succeeded 6000"
	# the other queues, which nobody works here, have waited for 20 days
	run shopctl fsck --only money --only orders --only stock
	assert_output --partial 'fsck: clean'
}
