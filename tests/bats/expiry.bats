#!/usr/bin/env bats
# Orders that nobody pays in time, that are canceled, and money that comes anyway.
load helper
load money

setup_file() { money_up --late-seconds 3600; }
teardown_file() { shop_down; }
setup() {
	STRIPE=$(cat "$RUN/stripe")
	curl -sS -X DELETE "http://$STRIPE/sim/faults" >/dev/null
	before=$(reserved)
}

status_of() { stripe GET "/v1/payment_intents/${1:-$(ref)}" | jq -r .status; }

@test "case 19: an unpaid order expires: the intent is canceled at the provider first, stock returns second" {
	place
	worker
	run_out
	# the provider does not hear: the stock stays held
	fault '{"kind": "timeout_before", "match": "POST /v1/payment_intents/*/cancel"}'
	worker
	assert_equal "$(state)" "expiring open"
	assert_equal "$(reserved)" $((before + 2))
	due
	worker
	assert_equal "$(status_of)" canceled
	assert_equal "$(state)" "expired canceled"
	assert_equal "$(reserved)" "$before"
	assert_equal "$(mails_of)" order_expired
	run sql "SELECT string_agg(from_state || '>' || to_state, ' ' ORDER BY id) FROM order_event WHERE machine = 'order' AND order_id = $order"
	assert_output "pending>expiring expiring>expired"
	clean
}

@test "expiring twice, and early, changes nothing" {
	place
	worker
	sql "SELECT api.order_expire_begin($order, 10)" >/dev/null
	assert_equal "$(state)" "pending open"
	run_out
	worker
	assert_equal "$(state)" "expired canceled"
	for _ in 1 2; do sql "SELECT api.order_expire_begin($order, 10)" >/dev/null; done
	assert_equal "$(state)" "expired canceled"
	assert_equal "$(reserved)" "$before"
	clean
}

@test "an order whose payment was never sent expires at once" {
	shopctl queue pause payment --reason test >/dev/null
	place
	run_out
	worker
	shopctl queue resume payment >/dev/null
	assert_equal "$(state)" "expired abandoned"
	assert_equal "$(reserved)" "$before"
	worker
	assert_equal "$(intents)" 0
	clean
}

@test "case 20: paid during the cancel: the order is paid and keeps its stock" {
	place
	worker
	run_out
	pay
	worker
	assert_equal "$(state)" "paid captured"
	assert_equal "$(reserved)" $((before + 2))
	assert_equal "$(mails_of)" order_confirmed
	clean
}

@test "the cancel is refused without telling why: the payment is looked up" {
	place
	worker
	run_out
	pay
	fault '{"kind": "500", "match": "POST /v1/payment_intents/*/cancel"}'
	worker
	due
	worker
	assert_equal "$(state)" "paid captured"
	clean
}

@test "the answer of create is lost and the order runs out: looked up, canceled, then expired" {
	fault '{"kind": "timeout_after", "match": "POST /v1/payment_intents"}'
	place
	worker
	assert_equal "$(state)" "pending new"
	run_out
	worker
	due
	worker
	assert_equal "$(state)" "expired canceled"
	assert_equal "$(intents '' ' | .[0].status')" '"canceled"'
	assert_equal "$(reserved)" "$before"
	clean
}

@test "killed when the provider had made it, and the order runs out: found, canceled, then expired" {
	place
	SHOP_FAILPOINTS=op.after_response=kill run worker
	assert_equal "$(state) $(intents)" "pending new 1"
	run_out
	worker
	due
	worker
	assert_equal "$(state)" "expired canceled"
	assert_equal "$(intents '' ' | .[0].status')" '"canceled"'
	sql "UPDATE job_lease SET expires_at = now() - interval '1 s'"
	wait_until 10 eval 'worker; [ "$(sql "SELECT count(*) FROM job_lease")" = 0 ]'
	assert_equal "$(intents)" 1
	clean
}

@test "the provider is away past the grace: the order expires, the payment is still ended later" {
	place
	worker
	run_out
	fault '{"kind": "503", "match": "* /v1/*", "count": 1000}'
	worker
	assert_equal "$(state)" "expiring open"
	sql "UPDATE order_event SET at = at - interval '11 min' WHERE order_id = $order"
	due
	worker
	assert_equal "$(state)" "expired open"
	assert_equal "$(reserved)" "$before"
	curl -sS -X DELETE "http://$STRIPE/sim/faults" >/dev/null
	due
	worker
	assert_equal "$(state)" "expired canceled"
	assert_equal "$(status_of)" canceled
	clean
}

@test "case 21: money after the grace, stock still there: reserved again, paid" {
	place
	worker
	run_out
	fault '{"kind": "503", "match": "* /v1/*", "count": 1000}'
	worker
	sql "UPDATE order_event SET at = at - interval '11 min' WHERE order_id = $order"
	due
	worker
	assert_equal "$(state)" "expired open"
	curl -sS -X DELETE "http://$STRIPE/sim/faults" >/dev/null
	pay
	hook payment_intent.succeeded "$(ref)"
	worker
	assert_equal "$(state)" "paid captured"
	assert_equal "$(reserved)" $((before + 2))
	assert_equal "$(mails_of)" "order_expired order_confirmed"
	clean
}

@test "case 22: money after the grace, one line's stock gone: all of it refunded, nothing reserved, order stays expired" {
	place --line DOG-5KG:2 --line CAT-1KG:1
	worker
	run_out
	fault '{"kind": "503", "match": "* /v1/*", "count": 1000}'
	worker
	sql "UPDATE order_event SET at = at - interval '11 min' WHERE order_id = $order"
	due
	worker
	assert_equal "$(state)" "expired open"
	curl -sS -X DELETE "http://$STRIPE/sim/faults" >/dev/null
	local cats
	cats=$(reserved 2)
	sql "UPDATE stock SET on_hand = reserved WHERE variant_id = 2"
	pay
	hook payment_intent.succeeded "$(ref)"
	worker
	sql "UPDATE stock SET on_hand = 1000 WHERE variant_id = 2"
	assert_equal "$(state)" "expired captured"
	assert_equal "$(refunds)" "succeeded 10999"
	assert_equal "$(reserved) $(reserved 2)" "$before $cats"
	assert_equal "$(mails_of)" "order_expired payment_late refund_sent"
	run sql "SELECT sum(l.amount) FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
		WHERE e.order_id = $order AND l.account = 'customer:deposits'"
	assert_output 0
	clean
}

@test "case 23: a bank debit in flight: expiring waits for it, and its outcome counts" {
	place
	worker
	assert_equal "$(pay pm_bankDebit_success)" processing
	run_out
	worker
	due
	worker
	assert_equal "$(state)" "expiring processing"
	assert_equal "$(reserved)" $((before + 2))
	sim advance '{"seconds": 3601}'
	due
	worker
	assert_equal "$(state)" "paid captured"
	clean
}

@test "canceled while unpaid: the provider first, then canceled and the stock free" {
	place
	worker
	run -0 shopctl order cancel "$order" --reason 'changed my mind' --field state
	assert_line canceling
	assert_equal "$(reserved)" $((before + 2))
	worker
	assert_equal "$(state)" "canceled canceled"
	assert_equal "$(status_of)" canceled
	assert_equal "$(reserved)" "$before"
	run -0 shopctl order cancel "$order" --reason again --field state
	assert_output canceled
	clean
}

@test "canceled while the customer pays: the provider decides, the money goes back" {
	place
	worker
	shopctl order cancel "$order" --reason 'changed my mind' >/dev/null
	pay
	worker
	assert_equal "$(state)" "canceled captured"
	assert_equal "$(refunds)" "succeeded 10000"
	assert_equal "$(reserved)" "$before"
	assert_equal "$(mails_of)" refund_sent
	clean
}

@test "canceled after it was paid: full refund and stock in one transaction" {
	place --method pm_card_visa
	worker
	shopctl refund create "$order" --amount 30EUR --reason goodwill >/dev/null
	run -0 shopctl order cancel "$order" --reason fraud --field state
	assert_output canceled
	assert_equal "$(refunds)" "requested 3000, requested 7000"
	assert_equal "$(reserved)" "$before"
	worker
	assert_equal "$(refunds)" "succeeded 3000, succeeded 7000"
	clean
}

@test "what expired cannot be canceled" {
	place
	worker
	run_out
	worker
	run -4 shopctl order cancel "$order" --reason late
	assert_output --partial order_can_be_canceled
}

@test "an object that appears after everybody gave up is canceled" {
	fault '{"kind": "timeout_before", "match": "POST /v1/payment_intents"}'
	place
	worker
	run_out
	sql "UPDATE provider_op SET last_sent_at = now() - interval '13 min' WHERE payment_id = $order"
	worker
	assert_equal "$(state)" "expired abandoned"
	local late
	late=$(stripe POST /v1/payment_intents "amount=10000&currency=eur&metadata[order_id]=$order&metadata[payment_id]=$order&metadata[op_key]=$(sql "SELECT idem_key FROM provider_op WHERE payment_id = $order")" | jq -r .id)
	hook payment_intent.created "$late"
	worker
	due
	worker
	assert_equal "$(status_of "$late")" canceled
	assert_equal "$(state)" "expired canceled"
	clean
}
