# What a person must look at: who may, whose it is, how it ends, and where it is seen.

load helper

setup_file() {
	shop_up
	shopctl migrate up >/dev/null # a copied database has no grants of its own
	psql -qXc 'CREATE ROLE support_of_test LOGIN IN ROLE op_support'
	psql -qXc 'CREATE ROLE auditor_of_incidents LOGIN IN ROLE op_auditor'
	sql "SELECT incident_open('refund_failed', 1024, 1024, '{\"refund\": 7}'),
		incident_open('webhook_dead', NULL, NULL, '{\"webhook\": 9}')" >/dev/null
}

teardown_file() {
	psql -qXc 'DROP ROLE support_of_test' -c 'DROP ROLE auditor_of_incidents'
	shop_down
}

one() { sql "SELECT id FROM incident WHERE kind = '$1'"; }

@test "an incident has an owner and an end, and the audit log knows who and why" {
	export PGUSER=support_of_test
	run -0 --separate-stderr shopctl incident list --format json
	assert_equal "$(jq -r '[.items[].kind] | sort | join(" ")' <<<"$output")" "refund_failed webhook_dead"
	assert_equal "$(jq -r '.items[] | select(.kind == "webhook_dead").remedy' <<<"$output")" "shopctl webhook show 9"
	run -0 shopctl incident own "$(one refund_failed)" --to ana --field owner
	assert_output ana
	run -0 shopctl incident list --owner ana --field kind
	assert_output refund_failed
	run -64 shopctl incident close "$(one refund_failed)"
	run -0 shopctl incident close "$(one refund_failed)" --note 'sent by bank transfer' --dry-run
	run -0 shopctl incident close "$(one refund_failed)" --note 'sent by bank transfer' --field state
	assert_output closed
	run -4 shopctl incident own "$(one refund_failed)"
	assert_output --partial state_follows_its_graph
	run -0 shopctl incident show "$(one refund_failed)" --format json
	assert_equal "$(jq -r '[.history[].action] | join(" ")' <<<"$output")" "own close"
	run -0 shopctl incident list --state closed --columns kind,note --format csv
	assert_line "refund_failed,sent by bank transfer"
}

@test "an auditor sees incidents and ends none" {
	PGUSER=auditor_of_incidents run -0 shopctl incident list --field kind
	assert_output webhook_dead
	PGUSER=auditor_of_incidents run -77 shopctl incident close "$(one webhook_dead)" --note no
}

@test "status is one screen: what is quiet has no line, what is wrong has a command" {
	run -0 shopctl fsck
	run -0 --separate-stderr shopctl status --format json
	says() { jq -r ".items[] | select(.section == \"$1\") | \"\(.item) \(.count) \(.note)\"" <<<"$output"; }
	assert_equal "$(says incidents)" "webhook_dead 1 nobody's; oldest: shopctl incident show $(one webhook_dead)"
	assert_equal "$(says workers)" "seen 0 none: systemctl start shop-worker"
	assert_equal "$(says fsck)" "all 0 null"
	assert_equal "$(says calls)$(says webhooks)$(says queue)$(says orders)" ""
	sql "INSERT INTO webhook_event (provider, livemode, event_id, type, body, state)
		VALUES ('stripe', false, 'evt_p', 'x', '', 'parked');
		INSERT INTO provider_op (provider, kind, order_id, payment_id, idem_key, body, state, last_sent_at)
		VALUES ('stripe', 'payment.create', 1, 1, 'k', '', 'unknown', now());
		SELECT api.queue_pause('payment', 'bank holiday')"
	run -0 shopctl status --format json
	assert_equal "$(says calls)" "undecided 1 null"
	assert_equal "$(says webhooks)" "parked 1 shopctl webhook list --state parked"
	assert_equal "$(says queue)" "payment 0 paused: bank holiday"
}
