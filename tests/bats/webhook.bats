#!/usr/bin/env bats
# Webhooks are hints: stored once, in any order, however often; the provider is asked.
load helper
load money

setup_file() { money_up; }
teardown_file() { shop_down; }
setup() { STRIPE=$(cat "$RUN/stripe"); curl -sS -X DELETE "http://$STRIPE/sim/faults" >/dev/null; }

twice() { [ "$(sql "SELECT count(*) FROM webhook_event WHERE object_id = '$(ref)' AND deliveries > 1")" = 2 ]; }
event_state() { sql "SELECT state FROM webhook_event WHERE event_id = '$1'"; }

@test "case 11: the webhook comes before the answer of create: paid once, the answer changes nothing" {
	fault '{"kind": "timeout_after", "match": "POST /v1/payment_intents"}'
	place
	worker
	assert_equal "$(state)" "pending new"
	local pi
	pi=$(intents '' ' | .[0].id' | tr -d '"')
	pay pm_card_visa "$pi"
	hook payment_intent.succeeded "$pi"
	worker --queue webhook
	assert_equal "$(ref)" "$pi"
	assert_equal "$(state)" "paid captured"
	due
	worker
	assert_equal "$(state)" "paid captured"
	assert_equal "$(intents)" 1
	assert_equal "$(postings)" "capture fee"
	clean
}

@test "case 12: a hundred deliveries of one event, twenty at a time, and a twin with another id: one effect" {
	place
	worker
	pay
	local i
	export -f hook
	seq 100 | STRIPE= xargs -P 20 -I{} bash -c "hook payment_intent.succeeded $(ref) evt_same_$order" >/dev/null
	hook payment_intent.succeeded "$(ref)" "evt_twin_$order"
	worker
	assert_equal "$(sql "SELECT deliveries, state FROM webhook_event WHERE event_id = 'evt_same_$order'")" "100|processed"
	assert_equal "$(event_state "evt_twin_$order")" processed
	assert_equal "$(postings)" "capture fee"
	assert_equal "$(mails_of)" order_confirmed
	clean
}

@test "case 15: an order we do not know: parked, seen again, a person told after a day" {
	local pi
	pi=$(stripe POST /v1/payment_intents 'amount=5000&currency=eur&confirm=true&payment_method=pm_card_visa' | jq -r .id)
	hook payment_intent.succeeded "$pi" evt_unknown
	worker
	assert_equal "$(event_state evt_unknown)" parked
	run -0 shopctl webhook list --parked --format ndjson
	assert_output --partial evt_unknown
	due
	worker
	assert_equal "$(event_state evt_unknown)" parked
	clean
	sql "UPDATE webhook_event SET received_at = received_at - interval '25 h' WHERE event_id = 'evt_unknown'"
	due
	worker
	assert_equal "$(event_state evt_unknown)" dead
	assert_equal "$(sql "SELECT kind, detail->>'amount', detail->>'currency', detail->>'command' FROM incident
		WHERE detail->>'ref' = '$pi'")" 'orphan_payment|5000|EUR|shopctl payment orphans'
}

@test "another shop's object with our numbers is not ours" {
	place
	worker
	local pi
	pi=$(stripe POST /v1/payment_intents "amount=10000&currency=eur&confirm=true&payment_method=pm_card_visa&metadata[payment_id]=$order&metadata[op_key]=payment.create-$order-0-1" | jq -r .id)
	hook payment_intent.succeeded "$pi" "evt_other_$order"
	worker
	assert_equal "$(event_state "evt_other_$order")" parked
	assert_equal "$(state)" "pending open"
}

@test "types that are none of ours are ignored; what names nothing is dead, without a loop" {
	hook customer.created cus_1 evt_customer
	hook charge.succeeded ch_1 evt_charge '{"data":{"object":{"payment_intent":null}}}'
	hook payment_intent.succeeded '../../v1/charges' evt_path
	hook charge.succeeded ch_1 evt_garbage '{"data":'
	worker
	assert_equal "$(event_state evt_customer) $(event_state evt_charge)" "ignored ignored"
	assert_equal "$(event_state evt_path) $(event_state evt_garbage)" "dead dead"
	assert_equal "$(sql "SELECT count(*) FROM job_later WHERE kind = 'webhook.stripe' AND subject IN (SELECT id FROM webhook_event WHERE state = 'dead')")" 0
}

@test "an event of the other mode is ignored" {
	PGUSER=shop_http psql -qXAtc "SELECT id FROM api.webhook_receive('stripe', '', true, 'evt_live', 'payment_intent.succeeded', 'pi_1', NULL, '{}')" >/dev/null
	worker
	assert_equal "$(event_state evt_live)" ignored
}

@test "bytes that are no event are kept and dead" {
	PGUSER=shop_http psql -qXAtc "SELECT id FROM api.webhook_receive('stripe', '', NULL, NULL, NULL, NULL, NULL, '\\x00ff')" >/dev/null
	run sql "SELECT state, note FROM webhook_event WHERE event_id LIKE 'sha256:%'"
	assert_output "dead|not readable as an event"
}

@test "the provider does not answer: asked again later, nothing lost" {
	place
	worker
	pay
	fault "{\"kind\": \"503\", \"match\": \"GET /v1/payment_intents/$(ref)\", \"count\": 2}"
	hook payment_intent.succeeded "$(ref)" "evt_again_$order"
	worker
	assert_equal "$(event_state "evt_again_$order")" received
	for _ in 1 2; do due; worker; done
	assert_equal "$(event_state "evt_again_$order")" processed
	assert_equal "$(state)" "paid captured"
	run -0 shopctl webhook show "$(sql "SELECT id FROM webhook_event WHERE event_id = 'evt_again_$order'")" --field attempts
	assert_output 3
	clean
}

@test "case 14: an old api version in the event does not matter: the object is asked for in ours" {
	place
	worker
	pay
	PGUSER=shop_http psql -qXAtc "SELECT id FROM api.webhook_receive('stripe', '', false, 'evt_old_$order', 'payment_intent.succeeded', '$(ref)', '2015-01-01', '{\"object\":\"strange\"}')" >/dev/null
	worker
	assert_equal "$(state)" "paid captured"
	assert_equal "$(sql "SELECT api_version, convert_from(body, 'UTF8') FROM webhook_event WHERE event_id = 'evt_old_$order'")" '2015-01-01|{"object":"strange"}'
}

@test "from the provider through the door to the order, with every event twice" {
	curl -sS -d '[{"kind": "duplicate", "match": "webhook*", "rate": 1}]' "http://$STRIPE/sim/faults" >/dev/null
	start_httpd
	place
	worker
	pay
	wait_until 10 twice
	worker
	assert_equal "$(state)" "paid captured"
	assert_equal "$(postings)" "capture fee"
	stop httpd
	clean
}

@test "replay: a dry run shows what would change and changes nothing; then it is done, once" {
	place
	worker
	hook payment_intent.succeeded "$(ref)" "evt_replay_$order" >/dev/null
	worker
	assert_equal "$(state) $(event_state "evt_replay_$order")" "pending open processed"
	pay
	run -0 --separate-stderr shopctl webhook replay "evt_replay_$order" --reason test --dry-run --format csv
	assert_line --regexp "^evt_replay_$order,$order,order $order,pending,paid$"
	assert_line --partial ",capture"
	assert_equal "$(state)" "pending open"
	run -0 shopctl webhook replay "evt_replay_$order" --reason test
	worker
	assert_equal "$(state) $(event_state "evt_replay_$order")" "paid captured processed"
	run -0 shopctl webhook replay --since 1h --reason outage
	worker
	assert_equal "$(postings) $(mails_of)" "capture fee order_confirmed"
	run -0 shopctl webhook replay "evt_replay_$order" --reason test --dry-run --format csv
	assert_output --partial "would change nothing"
	assert_equal "$(sql "SELECT replays FROM webhook_event WHERE event_id = 'evt_replay_$order'")" 2
	run -64 shopctl webhook replay --reason both
	clean
}

@test "gaps: what the provider has and we never got is listed, fetched, and found every hour" {
	place
	worker
	pay
	run -1 shopctl webhook gaps --since 1h --format ndjson
	assert_output --partial "$(ref)"
	assert_equal "$(state)" "pending open"
	run -1 shopctl webhook gaps --undelivered --since 1h
	run -0 shopctl webhook gaps --since 1h --fetch --quiet
	run -0 shopctl webhook gaps --since 1h
	worker
	assert_equal "$(state)" "paid captured"
	assert_equal "$(sql "SELECT count(*) FILTER (WHERE pulled AND deliveries = 0) > 0 FROM webhook_event WHERE object_id = '$(ref)'")" t
	place
	worker
	pay
	sql "UPDATE job_schedule SET next_at = now(), payload = '{\"provider\": \"stripe\", \"hours\": 1, \"settle_s\": 0, \"undelivered_hours\": 1}'
		WHERE name = 'webhook.gaps'; SELECT api.job_schedule()"
	worker
	assert_equal "$(state)" "paid captured"
	clean
}

@test "a refund made in the provider's own pages becomes one of ours; more than there is, an incident" {
	place
	worker
	pay
	local re
	re=$(stripe POST /v1/refunds "payment_intent=$(ref)&amount=3000" | jq -r .id)
	hook refund.created "$re" "evt_early_$order" >/dev/null
	worker # it came before we knew of the money
	due
	worker
	assert_equal "$(state) $(event_state "evt_early_$order")" "paid captured processed"
	hook refund.updated "$re" >/dev/null
	worker
	assert_equal "$(refunds) $(postings)" "succeeded 3000 capture fee refund_requested refund_accepted"
	assert_equal "$(sql "SELECT reason, key FROM refund WHERE order_id = $order")" "made at the provider|provider:$re"
	clean
	run -0 shopctl refund create "$order" --amount 60.00EUR --reason test
	re=$(stripe POST /v1/refunds "payment_intent=$(ref)&amount=2000" | jq -r .id)
	hook refund.created "$re" >/dev/null
	# not the queue of refunds: ours would be refused, and theirs fit
	PGUSER=shop_worker run -0 timeout --foreground -k 5 60 "$BUILD/shop-worker" run --once --queue webhook
	assert_equal "$(incidents)" refund_unknown
}

@test "case 17: a signature is checked offline, and after its end the old secret signs nothing" {
	printf '{"id": "evt_1"}' >"$RUN/payload"
	printf 'whsec_old until 2026-01-02\nwhsec_new\n' >"$RUN/secrets"
	chmod 600 "$RUN/secrets"
	local old new
	old=$(/usr/bin/python3 "$ROOT/tests/bats/door.py" sign whsec_old 1767225600 <"$RUN/payload")
	new=$(/usr/bin/python3 "$ROOT/tests/bats/door.py" sign whsec_new 1767312060 <"$RUN/payload")
	for h in "$old" "$new"; do
		at=$(date -u -d "@$((${h:2:10} + 10))" +%FT%TZ)
		[ "$h" = "$new" ] || run -0 shopctl webhook verify --payload "$RUN/payload" --header "$h" --secret-file "$RUN/secrets" --at "$at"
		run -1 shopctl webhook verify --payload "$RUN/secrets" --header "$h" --secret-file "$RUN/secrets" --at "$at"
	done
	run -0 shopctl webhook verify --payload - --header "$new" --secret-file "$RUN/secrets" --at 2026-01-02T00:01:10Z <"$RUN/payload"
	old=$(/usr/bin/python3 "$ROOT/tests/bats/door.py" sign whsec_old 1767312060 <"$RUN/payload")
	run -1 shopctl webhook verify --payload "$RUN/payload" --header "$old" --secret-file "$RUN/secrets" --at 2026-01-02T00:01:10Z
	run -1 shopctl webhook verify --payload "$RUN/payload" --header "$new" --secret-file "$RUN/secrets"
	assert_output --partial 'not signed by the provider, or not now'
}

@test "every event of the provider's own samples ends processed, parked or ignored by name" {
	local samples=${SHOP_DATA:-}/contracts/stripe n=0 file
	[ -d "$samples/webhook_events" ] || skip "no sample data"
	start_httpd
	for file in "$samples"/webhook_events/*.json "$samples"/triggers/*.json; do
		jq -e '.object == "event"' "$file" >/dev/null || continue
		n=$((n + 1))
		sed "s/\"id\": \"evt_0*\"/\"id\": \"evt_sample_$n\"/" "$file" >"$RUN/sample"
		request POST /v1/webhooks/stripe @"$RUN/sample" -H "Stripe-Signature: $(/usr/bin/python3 \
			"$ROOT/tests/bats/door.py" sign "$(cat "$WEBHOOK_FILE")" "$(date +%s)" <"$RUN/sample")"
		[ "$status$body" = "200{}" ] || fail "$file: $status $body"
	done
	stop httpd
	worker
	[ "$n" -gt 15 ]
	assert_equal "$(sql "SELECT count(*) FROM webhook_event WHERE event_id LIKE 'evt_sample_%'")" "$n"
	sql "SELECT '# ' || type || ' ' || state || coalesce(': ' || note, '') FROM webhook_event
		WHERE event_id LIKE 'evt_sample_%' ORDER BY 1" >&3
	assert_equal "$(sql "SELECT count(*) FROM webhook_event WHERE event_id LIKE 'evt_sample_%'
		AND (state NOT IN ('processed', 'parked', 'ignored') OR coalesce(note, '') = '')")" 0
	assert_equal "$(sql "SELECT count(*) FROM job_dead")" 0
}

@test "an operator reads the bytes as they came" {
	hook customer.created cus_1 evt_bytes '{"a": "\u0000 \u00fc"}' >/dev/null
	shopctl webhook show evt_bytes --body >"$RUN/bytes"
	assert_equal "$(cat "$RUN/bytes")" '{"a": "\u0000 \u00fc"}'
	run -3 shopctl webhook show evt_none
}

@test "the door may store an event, and nothing else" {
	for f in "api.payment_load(1024, false, 10)" "api.webhook_record(1, 'done', NULL, NULL, NULL)" "api.op_sent(1024, '')"; do
		run -1 env PGUSER=shop_http psql -qXAtc "SELECT $f"
		assert_output --partial 'permission denied'
	done
}
