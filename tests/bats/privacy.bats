# No personal data in any log line: an order of a marked customer goes the whole way, and
# some ways fail; then every word that the shop's programs said is searched for the marks.
load helper
load money

setup_file() {
	money_up
	start_mail
	mkdir "$RUN/sink"
	echo defer 1 >"$RUN/sink/fault"
	start sink "$ROOT/tests/sim/smtp-sink" "$RUN/sink"
	wait_until 15 test -s "$RUN/sink/port"
	start_httpd
	shopctl api-client create door --scope checkout --field key -q >"$RUN/key"
}
teardown_file() { shop_down; }

marks='zz-mark|zuleika|zobson|zinnober|zwickau|5550777'

basket() { # EMAIL
	jq -nc --arg email "$1" '{lines: [{sku: "DOG-5KG", qty: 2}], currency: "EUR",
		expected_total: {amount: 10000, currency: "EUR"},
		customer: {email: $email, name: "Zuleika Zobson", phone: "+49305550777"},
		shipping_address: {name: "Zuleika Zobson", line1: "Zinnober 77b", postal_code: "10777",
			city: "Zwickau", country: "DE", phone: "+49305550777"}}'
}

work_all() {
	PGUSER=shop_worker timeout --foreground -k 5 60 "$BUILD/shop-worker" run --once --all 2>>"$RUN/worker.log"
}
becomes() { work_all && [ "$(state)" = "$1" ]; }
refunded() { work_all && [[ $(refunds) == succeeded* ]]; }
mailed() { work_all && [ "$(grep -ls 'zz-mark@example.com' "$MAILBOX"/new/* | wc -l)" -ge 2 ]; }
put_off() { [ "$(sql "SELECT count(*) FROM job_later WHERE kind = 'notification.send' AND $1")" -gt 0 ]; }

@test "checkout, payment, mail and refund, and what fails of them, leave no personal data in a log" {
	STRIPE=$(cat "$RUN/stripe") API_KEY=$(cat "$RUN/key")
	request POST /v1/checkouts "$(basket 'zz-mark not an address')" -H 'Idempotency-Key: bad'
	[[ $status == 4* ]]
	request POST /v1/checkouts "$(basket zz-mark@example.com)" -H 'Idempotency-Key: good'
	[[ $status == 20* ]] || fail "$output"
	order=$(sql "SELECT id FROM orders WHERE key = 'good'")
	wait_until 20 becomes "pending open"
	pay
	hook payment_intent.succeeded "$(ref)"
	SHOP_MAIL_URL=smtp://127.0.0.1:1 work_all
	SHOP_MAIL_URL=smtp://127.0.0.1:1 wait_until 20 becomes "paid captured"
	SHOP_MAIL_URL=smtp://127.0.0.1:1 work_all
	put_off "rule = 'provider_answers'" # nobody is there
	due
	SHOP_MAIL_URL=smtp://127.0.0.1:$(cat "$RUN/sink/port") work_all
	put_off 'attempt > 0' # a relay that takes this one later
	shopctl refund create "$order" --reason test 2>>"$RUN/shopctl.log"
	due
	wait_until 20 refunded
	due
	wait_until 20 mailed
	stop httpd
	assert_file_not_empty "$RUN/worker.log"
	grep -q '"event":"provider_call"' "$RUN/worker.log"
	grep -q '"event":"job_failed"' "$RUN/worker.log"
	run grep -niE "$marks" "$RUN/worker.log" "$RUN/httpd.log" "$RUN/shopctl.log"
	assert_output ""
	run -1 grep -vE '^\{.*"trace_id":"[0-9a-f]{32}".*\}$' "$RUN/worker.log"
	assert_output ""
}
