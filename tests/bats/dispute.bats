#!/usr/bin/env bats
# Disputes: the bank takes money back, tells us in any order, and we answer in time.
load helper
load money

setup_file() { money_up; }
teardown_file() { shop_down; }
setup() { STRIPE=$(cat "$RUN/stripe"); curl -sS -X DELETE "http://$STRIPE/sim/faults" >/dev/null; }

# A paid order of 100.00 EUR whose books know the fee.
paid() {
	place
	worker
	pay
	hook payment_intent.succeeded "$(ref)" >/dev/null
	worker
}

charge() { sql "SELECT charge_ref FROM payment WHERE order_id = $order"; }
disputed() { sim disputes "{\"charge\": \"$(charge)\"${1:+, $1}}"; dp=$(stripe GET "/v1/disputes?charge=$(charge)" | jq -r '.data[0].id'); }
outcome() { sim disputes "{\"dispute\": \"$dp\", \"outcome\": \"$1\"}"; }
tell() { for type; do hook "charge.dispute.$type" "$dp" >/dev/null; done; worker --queue dispute; }
number() { sql "SELECT id FROM dispute WHERE provider_ref = '$dp'"; }
standing() { sql "SELECT o.state || ' ' || d.state FROM dispute d JOIN orders o ON o.id = d.order_id WHERE d.provider_ref = '$dp'"; }
balance() { sql "SELECT coalesce(sum(l.amount), 0) FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
	WHERE l.account = '$1' AND e.order_id = $order"; }
# What the provider's balance says of the order's charge, its refunds and its disputes.
theirs() {
	stripe GET '/v1/balance_transactions?limit=100' | jq --arg c "$(charge)" --arg d "$dp" \
		'[.data[] | select(.source == $c or .source == $d) | .net] | add'
}

@test "case 29: an open dispute holds the order, refuses a refund, and asks a person for evidence" {
	paid
	disputed
	tell created funds_withdrawn
	assert_equal "$(standing)" "on_hold needs_response"
	run -4 shopctl refund create "$order" --amount 10.00EUR --reason goodwill
	assert_output --partial refund_not_while_disputed
	assert_equal "$(incidents)" dispute_opened
	assert_equal "$(sql "SELECT detail ? 'evidence_due_by' FROM incident WHERE order_id = $order")" t
	assert_equal "$(balance dispute:receivable) $(balance fees:dispute)" "10000 1500"
	run -0 shopctl dispute list --open --order "$order" --format csv --columns id,state,amount
	assert_line --partial "needs_response,100.00"
	clean
}

@test "case 30: won or lost, told in any order: nothing is owed and our balance is the provider's" {
	local -a told=("won created funds_withdrawn funds_reinstated closed" "won closed funds_reinstated funds_withdrawn created"
		"won funds_reinstated created" "lost created funds_withdrawn closed" "lost closed created") orders=()
	local i t
	for i in "${!told[@]}"; do
		place
		orders+=("$order")
	done
	worker
	for order in "${orders[@]}"; do
		pay
		hook payment_intent.succeeded "$(ref)" >/dev/null
	done
	worker
	for i in "${!told[@]}"; do
		order=${orders[$i]}
		disputed
		outcome "${told[$i]%% *}"
		for t in ${told[$i]#* }; do hook "charge.dispute.$t" "$dp" >/dev/null; done
	done
	worker --queue dispute
	for i in "${!told[@]}"; do
		order=${orders[$i]}
		dp=$(sql "SELECT provider_ref FROM dispute WHERE order_id = $order")
		case ${told[$i]} in
		won*) t="paid won 0 0 0 dispute_opened" ;;
		*) t="on_hold lost 0 1500 10000 dispute_opened dispute_lost" ;;
		esac
		assert_equal "$(standing) $(balance dispute:receivable) $(balance fees:dispute) $(balance loss:dispute) $(incidents)" "$t"
		assert_equal "$(balance psp:clearing)" "$(theirs)"
	done
	run -4 shopctl refund create "$order" --amount 10.00EUR --reason goodwill
	assert_output --partial refund_within_captured
	clean
}

@test "evidence goes to the provider and, once submitted, to the bank" {
	paid
	disputed
	tell created
	printf 'It was delivered.\n' >"$RUN/note"
	run -0 shopctl dispute evidence "$(number)" --field customer_name='Ada & Co' --dry-run
	run -0 shopctl dispute evidence "$(number)" --field customer_name='Ada & Co' --file uncategorized_text="$RUN/note"
	worker --queue dispute
	assert_equal "$(stripe GET "/v1/disputes/$dp" | jq -c '[.status, .evidence, .evidence_details.submission_count]')" \
		'["needs_response",{"customer_name":"Ada & Co","uncategorized_text":"It was delivered.\n"},0]'
	fault '{"kind": "timeout_after", "match": "POST /v1/disputes/'"$dp"'"}'
	run -0 shopctl dispute evidence "$(number)" --field product_description=dog --submit
	worker --queue dispute
	due
	worker --queue dispute
	assert_equal "$(standing)" "on_hold under_review"
	assert_equal "$(stripe GET "/v1/disputes/$dp" | jq .evidence_details.submission_count)" 1
	assert_equal "$(sql "SELECT string_agg(kind || ' ' || state || ' ' || attempts, ', ' ORDER BY id) FROM provider_op WHERE dispute_id = $(number)")" \
		"dispute.update done 1, dispute.update done 2"
	run -4 shopctl dispute evidence "$(number)" --field customer_name=Eve
	assert_output --partial dispute_awaits_an_answer
	clean
}

@test "giving in needs a reason, closes it at the provider and writes the money off" {
	paid
	disputed
	tell created
	run -64 shopctl dispute accept "$(number)" --yes
	run -0 shopctl dispute accept "$(number)" --reason 'never shipped' --yes
	worker --queue dispute
	assert_equal "$(standing)" "on_hold lost"
	assert_equal "$(balance loss:dispute)" 10000
	run -4 shopctl dispute accept "$(number)" --reason again --yes
	assert_equal "$(sql "SELECT action FROM audit_log WHERE object = 'dispute:$(number)'")" dispute.accept
	clean
}

@test "an inquiry takes no money, a refund settles it, and one that nobody told us of is found by asking" {
	paid
	disputed '"inquiry": true'
	tell created
	assert_equal "$(standing) $(balance dispute:receivable)" "on_hold warning_needs_response 0"
	run -0 shopctl refund create "$order" --amount 10.00EUR --reason goodwill
	worker
	outcome warning_closed
	due # the daily look; no webhook came
	worker --queue dispute
	assert_equal "$(standing)" "paid warning_closed"
	clean
}
