# Mail, from the order to the mailbox: what arrives, how often, and what becomes of
# it when the relay says no, not now, or nothing.

load helper

setup_file() {
	shop_up
	mkdir "$RUN/sink"
	start sink "$ROOT/tests/sim/smtp-sink" "$RUN/sink"
	wait_until 15 test -s "$RUN/sink/port"
	# shellcheck disable=SC2155
	export SHOP_MAIL_URL=smtp://127.0.0.1:$(cat "$RUN/sink/port")
	export SHOP_MAIL_FROM='Tiergarten Süd <shop@example.com>' SHOP_SHOP_NAME='Tiergarten Süd'
	sql "UPDATE job_schedule SET paused_at = now()"
}

setup() {
	rm -f "$RUN/sink/fault" "$RUN"/sink/new/*
	sql 'TRUNCATE orders, order_line, order_contact, payment, refund, refund_line, notification,
		suppression, job_later, job_dead, audit_log, audit_seal RESTART IDENTITY'
	sql "DELETE FROM template WHERE version > 1"
}

# order ID [NAME [EMAIL [LOCALE]]]: a paid order and its customer.
order() {
	sql "INSERT INTO orders (id, client_id, key, fingerprint, state, currency, subtotal, total,
			created_at, expires_at)
		VALUES ($1, 0, '$1', 'f', 'paid', 'EUR', 5998, 5998, '2026-03-01Z', now());
		INSERT INTO order_line (order_id, n, variant_id, warehouse_id, qty, unit_price, sku, title)
		VALUES ($1, 1, 1, 1, 2, 2999, 'DOG-5KG', 'Futter für Große & <Kleine>');
		INSERT INTO payment (id, order_id, state, live, applied, currency, amount, captured)
		VALUES ($1, $1, 'captured', false, true, 'EUR', 5998, 5998);
		INSERT INTO order_contact (order_id, name, email, locale)
		VALUES ($1, \$\$${2:-Jane}\$\$, '${3:-jane@example.com}', '${4:-en}')"
}

tell() { sql "SELECT notify('${2:-order_confirmed}', $1, ${3:-$1})" >/dev/null; }

# What waits for another try is tried now.
try_again() {
	sql "UPDATE job_later SET run_at = now() - interval '1 s'"
	work
}

kept() { find "$RUN/sink/new" -name '*.eml' | sort -V; }
count() { kept | wc -l; }
state() { sql "SELECT state FROM notification WHERE id = ${1:-1}"; }

# A mail as its reader's program sees it: header NAME, text or html, of file $1.
part() {
	/usr/bin/python3 - "$@" <<-'END'
		import email, email.policy, sys
		with open(sys.argv[1], "rb") as file:
		    mail = email.message_from_binary_file(file, policy=email.policy.default)
		if mail.defects:
		    sys.exit(f"defects: {mail.defects}")
		what = sys.argv[2]
		if what in ("plain", "html"):
		    print(mail.get_body((what,)).get_content(), end="")
		elif what == "types":
		    print(*[p.get_content_type() for p in mail.walk()])
		else:
		    print("\n".join(mail.get_all(what, [])))
	END
}

@test "a confirmed order arrives as text and as HTML, in the customer's words" {
	order 1024 'Jané "J" Dœ'
	tell 1024
	work
	assert_equal "$(count)" 1
	mail=$(kept)
	assert_equal "$(part "$mail" types)" 'multipart/alternative text/plain text/html'
	assert_equal "$(part "$mail" Subject)" 'Your order 1024 at Tiergarten Süd'
	assert_equal "$(part "$mail" From)" 'Tiergarten Süd <shop@example.com>'
	assert_equal "$(part "$mail" To)" '"Jané \"J\" Dœ" <jane@example.com>'
	assert_equal "$(part "$mail" X-RcptTo)" jane@example.com
	assert_equal "$(part "$mail" Message-ID)" '<1.order_confirmed.1024@localhost>'
	run part "$mail" plain
	assert_line 'Hello Jané "J" Dœ,'
	assert_line '2 x Futter für Große & <Kleine> (DOG-5KG): 59.98 EUR'
	assert_line 'Total: 59.98 EUR'
	run part "$mail" html
	assert_line '<p>Hello Jané &quot;J&quot; Dœ,</p>'
	assert_output --partial 'Futter für Große &amp; &lt;Kleine&gt;'
	assert_equal "$(state)" sent
}

@test "a German customer reads German, with a decimal comma" {
	order 1024 Jörg joerg@example.com de-AT
	tell 1024
	work
	assert_equal "$(part "$(kept)" Subject)" 'Ihre Bestellung 1024 bei Tiergarten Süd'
	run part "$(kept)" plain
	assert_line 'Gesamtsumme: 59,98 EUR'
}

@test "every event has its mail" {
	order 1024
	sql "INSERT INTO refund (id, order_id, payment_id, key, currency, amount, reason)
		OVERRIDING SYSTEM VALUE VALUES (2048, 1024, 1024, 'r', 'EUR', 1050, 'damaged');
		UPDATE payment SET last_error = 'Your card was declined.'"
	tell 1024 payment_failed
	tell 1024 refund_sent 2048
	work
	run sort <(for mail in $(kept); do part "$mail" Subject; done)
	assert_line --index 0 'The payment for your order 1024 did not go through'
	assert_line --index 1 'Your refund of 10.50 EUR for order 1024'
	run cat <(for mail in $(kept); do part "$mail" plain; done)
	assert_line 'The reason we were given: Your card was declined.'
	refute_output --partial damaged
}

@test "a name cannot add a header or a recipient" {
	order 1024 $'Jane\r\nBcc: all@example.com\r\n\r\nspam'
	tell 1024
	work
	assert_equal "$(part "$(kept)" Bcc)" ''
	assert_equal "$(part "$(kept)" X-RcptTo)" jane@example.com
	assert_equal "$(part "$(kept)" types)" 'multipart/alternative text/plain text/html'
}

@test "one mail a subject, however often it is asked for and its job is run" {
	order 1024
	tell 1024
	tell 1024
	sql "SELECT job_put('notification.send', 1), job_put('notification.send', 1)" >/dev/null
	work
	tell 1024
	sql "SELECT job_put('notification.send', 1)" >/dev/null
	work
	assert_equal "$(count)" 1
}

@test "a mailbox that does not exist is not tried again" {
	order 1024
	tell 1024
	echo refuse >"$RUN/sink/fault"
	work
	assert_equal "$(state)" failed
	assert_equal "$(sql 'SELECT count(*) FROM job_later')" 0
	run -0 shopctl notification list --state failed --format json
	assert_equal "$(jq -r '.items[0].last_error' <<<"$output")" '550 5.1.1 <the recipient> no such mailbox'
	rm "$RUN/sink/fault"
	try_again
	assert_equal "$(count)" 0
}

@test "a mail that is put off waits, and arrives with the Message-ID it had" {
	order 1024
	tell 1024
	echo defer 2 >"$RUN/sink/fault"
	work
	assert_equal "$(state)" queued
	assert_equal "$(sql 'SELECT last_error FROM notification')" '451 4.7.1 greylisted'
	try_again
	assert_equal "$(count)" 0
	try_again
	assert_equal "$(count)" 1
	assert_equal "$(part "$(kept)" Message-ID)" '<1.order_confirmed.1024@localhost>'
	assert_equal "$(sql 'SELECT state, attempts FROM notification')" 'sent|3'
}

@test "a relay that is away costs nobody a mail" {
	order 1024
	tell 1024
	SHOP_MAIL_URL=smtp://127.0.0.1:1 work
	assert_equal "$(state)" queued
	try_again
	assert_equal "$(count)" 1
}

@test "when the connection drops after the text, the mail sent again is the same mail" {
	order 1024
	tell 1024
	echo drop 1 >"$RUN/sink/fault"
	work
	assert_equal "$(state)" queued
	run sql 'SELECT last_error FROM notification'
	assert_output --partial 'it may have been sent'
	try_again
	assert_equal "$(state)" sent
	assert_equal "$(count)" 2
	run sort -u <(for mail in $(kept); do part "$mail" Message-ID; done)
	assert_equal "${#lines[@]}" 1
	run sort -u <(for mail in $(kept); do part "$mail" Date; done)
	assert_equal "${#lines[@]}" 1
}

@test "a worker killed between sending and recording sends the same mail again" {
	order 1024
	tell 1024
	SHOP_FAILPOINTS=notification.sent=kill@1 SHOP_WORKER_LEASE_S=1 run work
	[ "$status" != 0 ]
	assert_equal "$(count)" 1
	assert_equal "$(state)" queued
	sql "UPDATE job_lease SET expires_at = now()"
	wait_until 20 eval 'work; [ "$(state)" = sent ]'
	assert_equal "$(count)" 2
	run sort -u <(for mail in $(kept); do part "$mail" Message-ID; done)
	assert_equal "${#lines[@]}" 1
}

@test "an erased customer gets no mail" {
	order 1024
	tell 1024
	sql 'DELETE FROM order_contact'
	work
	assert_equal "$(state)" suppressed
	assert_equal "$(count)" 0
}

@test "a template that asks for what nobody knows sends nothing and says so" {
	order 1024
	sql "INSERT INTO template (event, locale, version, subject, body_text, body_html)
		VALUES ('order_confirmed', 'en', 2, 'x', 'Hello', '<p>{{order.nmae}}</p>')"
	run -1 shopctl template check --format json
	assert_output --partial 'there is no {{order.nmae}} in this event'
	tell 1024
	work
	assert_equal "$(count)" 0
	assert_equal "$(sql 'SELECT rule FROM job_dead')" template_variable_is_known
	run sql 'SELECT last_error FROM notification'
	assert_output --partial '{{order.nmae}}'
	sql "DELETE FROM template WHERE version = 2"
	run -0 shopctl template check
	run -0 shopctl notification resend 1
	work
	assert_equal "$(count)" 1
}

@test "an operator's own words are used from the next mail on" {
	order 1024
	shopctl template show order_confirmed --field body_text >"$RUN/text"
	sed -i '1s/.*/Ahoy {{customer.name}},/' "$RUN/text"
	run -0 shopctl template set order_confirmed --text "$RUN/text" --dry-run
	run -0 shopctl template set order_confirmed --text - --subject 'Ahoy {{order.id}}' <"$RUN/text"
	run -65 shopctl template set order_confirmed --subject '{{refund.amount}}'
	assert_output --partial 'template_variable_is_known'
	run -66 shopctl template set order_confirmed --text "$RUN/none"
	run -64 shopctl template set order_confirmed
	run -3 shopctl template show order_confirmed --locale fr
	tell 1024
	work
	assert_equal "$(part "$(kept)" Subject)" 'Ahoy 1024'
	run part "$(kept)" plain
	assert_line --index 0 'Ahoy Jane,'
}

@test "sending again by hand is a message of its own, with a reason" {
	order 1024
	tell 1024
	run -4 shopctl notification resend 1
	assert_output --partial notification_is_queued
	work
	run -0 shopctl notification resend 1 --dry-run
	assert_equal "$(state)" sent
	run -0 shopctl notification resend 1 --reason 'the customer lost it'
	work
	run sort <(for mail in $(kept); do part "$mail" Message-ID; done)
	assert_line --index 0 '<1.order_confirmed.1024@localhost>'
	assert_line --index 1 '<2.order_confirmed.1024@localhost>'
	assert_equal "$(sql "SELECT reason FROM audit_log WHERE object = 'notification:1'")" \
		'the customer lost it'
	run -3 shopctl notification resend 99
}

@test "a preview reads as the mail does, and sends nothing" {
	order 1024
	run -0 shopctl notification preview order_confirmed --order 1024 --html "$RUN/out.html" --format table
	assert_line 'Subject: Your order 1024 at Tiergarten Süd'
	tell 1024
	work
	assert_equal "$(cat "$RUN/out.html")" "$(part "$(kept)" html)"
	assert_equal "$(count)" 1
	run -0 shopctl notification preview order_confirmed --order 1024 --locale de --field subject
	assert_output 'Ihre Bestellung 1024 bei Tiergarten Süd'
	run -3 shopctl notification preview order_confirmed --order 9
	run -3 shopctl notification preview refund_sent --order 1024
	run -73 shopctl notification preview order_confirmed --order 1024 --html /nowhere/x
}

@test "what is told by hand does not wait as the event would" {
	order 1024
	run -0 shopctl notification send payment_action_needed --order 1024 --field state
	work
	assert_equal "$(state)" suppressed # for this one was paid meanwhile
}

@test "list and show tell what became of each" {
	order 1024
	order 2048
	tell 1024
	tell 2048
	work
	run -0 shopctl notification list --order 2048 --format ndjson
	assert_equal "${#lines[@]}" 1
	assert_equal "$(jq -c '[.order_id, .state, .event]' <<<"$output")" '["2048","sent","order_confirmed"]'
	run -0 shopctl notification show 1 --field message_id
	assert_output '<1.order_confirmed.1024@localhost>'
	run -3 shopctl notification show 9
}
