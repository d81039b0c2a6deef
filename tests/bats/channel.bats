# Messages by other ways than mail: short ones, an inbox, and programs of others.

load helper

DESCRIPTION=${SHOP_DATA:-$ROOT/../shared/data}/contracts/twilio/twilio_api_v2010.json

setup_file() {
	shop_up
	mkdir "$RUN/sms" "$RUN/hook" "$RUN/mail"
	[ -e "$DESCRIPTION" ] || DESCRIPTION=
	start sms "$ROOT/tests/sim/twilio-sim" "$RUN/sms" ${DESCRIPTION:+"$DESCRIPTION"}
	start hook "$ROOT/tests/sim/hook-sink" "$RUN/hook"
	start mail "$ROOT/tests/sim/smtp-sink" "$RUN/mail"
	wait_until 15 test -s "$RUN/sms/port"
	wait_until 15 test -s "$RUN/hook/port"
	wait_until 15 test -s "$RUN/mail/port"
	(umask 077 && echo token >"$RUN/token")
	export SHOP_SMS_BASE_URL SHOP_SMS_ACCOUNT_SID=AC00000000000000000000000000000000 \
		SHOP_SMS_AUTH_TOKEN_FILE=$RUN/token SHOP_SMS_FROM=+15005550006 \
		SHOP_WEBHOOK_OUT_ALLOW_LOOPBACK=true HOOK
	SHOP_SMS_BASE_URL=http://127.0.0.1:$(cat "$RUN/sms/port")
	HOOK=http://127.0.0.1:$(cat "$RUN/hook/port")
	sql "UPDATE job_schedule SET paused_at = now(); UPDATE quiet_hours SET begins = ends"
}

setup() {
	rm -f "$RUN"/sms/{fault,wrong} "$RUN/hook/status" "$RUN/hook/hooks"
	sql "TRUNCATE orders, order_line, order_contact, notification, suppression, preference, inbox,
		customer, sms_heard, address, webhook_endpoint, webhook_delivery, webhook_out, job_later, job_dead,
		incident, audit_log, audit_seal RESTART IDENTITY;
		DELETE FROM breaker WHERE provider LIKE 'webhook:%';
		UPDATE breaker SET state = 'closed', failures = 0, probe_at = NULL;
		INSERT INTO orders (id, client_id, key, fingerprint, state, currency, subtotal, total, expires_at)
		VALUES (1024, 0, 'k', 'f', 'shipped', 'EUR', 5998, 5998, now());
		INSERT INTO order_contact (order_id, name, email, phone) VALUES
		(1024, 'Jane', 'jane@example.com', '+49 151 $BATS_TEST_NUMBER 2345678')"
}

# Only the channel under test: the mail of the event is not wanted here.
tell() {
	sql "SELECT notify('${1:-shipped}', 1024, 1024); UPDATE notification SET state = 'suppressed'
		WHERE channel = 'email'" >/dev/null
}
allow_sms() { shopctl preference set jane@example.com --topic transactional --channel sms --to on >/dev/null; }
again() {
	sql "UPDATE job_later SET run_at = now() - interval '1 s'"
	work
}
of() { sql "SELECT $2 FROM notification WHERE channel = '$1'"; }
texts() { jq -c "select(.to == \"+49151${BATS_TEST_NUMBER}2345678\") | .body" "$RUN/sms/messages" 2>/dev/null; }
hooks() { jq -c "$1" "$RUN/hook/hooks"; }
endpoint() { shopctl webhook-endpoint create "$HOOK/in" --events shipped --field secret -q; }

@test "a short message goes to who asked for it, as the provider's description says" {
	tell
	assert_equal "$(of sms state)" ""
	allow_sms
	sql "DELETE FROM notification"
	tell
	work
	run texts
	assert_output '"Shop: order 1024 is on its way."'
	run of sms "state || ' ' || (ref LIKE 'SM%') || ' ' || version"
	assert_output 'sent true 1'
	assert_file_not_exists "$RUN/sms/wrong"
}

@test "a short message whose answer is lost is looked for and not sent twice" {
	allow_sms
	tell
	echo cut 1 >"$RUN/sms/fault"
	work
	run of sms "state || ': ' || last_error"
	assert_output --regexp '^queued: .*it may have been sent$'
	again
	assert_equal "$(of sms state)" sent
	assert_equal "$(texts | wc -l)" 1
	tell delivered
	echo broken 1 >"$RUN/sms/fault"
	work
	again
	assert_equal "$(sql "SELECT state FROM notification WHERE event = 'delivered' AND channel = 'sms'")" sent
	assert_equal "$(texts | wc -l)" 2
	assert_file_not_exists "$RUN/sms/wrong"
}

@test "who said STOP gets no more short messages, and no number is in a log" {
	allow_sms
	tell
	echo 21610 1 >"$RUN/sms/fault"
	work 2>"$RUN/log"
	assert_equal "$(of sms state)" failed
	run shopctl suppression list --field why
	assert_output stop
	tell delivered
	work 2>>"$RUN/log"
	assert_equal "$(texts | wc -l)" 0
	run grep -E '2345678|jane@' "$RUN/log"
	assert_output ""
}

@test "a customer reads in the inbox what happened" {
	sql "INSERT INTO customer (email) VALUES ('jane@example.com')"
	tell
	work
	run shopctl inbox list jane@example.com --unread --columns subject,body --format tsv --no-header
	assert_output "Shipped	Shop: order 1024 is on its way.\n"
	run -0 shopctl inbox read 1 --until 99 --field read
	assert_output 1
	run shopctl inbox list 1 --unread --field event
	assert_output ""
	run -3 shopctl inbox list nobody@example.com
}

@test "an event is signed, the same on each try, and replayed under its id" {
	secret=$(endpoint)
	echo 500 >"$RUN/hook/status"
	tell
	work
	assert_equal "$(of webhook state)" queued
	sql "UPDATE orders SET state = 'delivered'"
	echo cut >"$RUN/hook/status"
	again
	rm "$RUN/hook/status"
	again
	assert_equal "$(of webhook state)" sent
	assert_equal "$(hooks '[.id, .body]' | sort -u | wc -l)" 1
	run hooks '.body | fromjson | [.id, .type, .data.order.id, .data.order.state]'
	assert_line --index 2 '["evt_shipped_1024","shipped","1024","shipped"]'
	refute_output --partial jane
	run jq -r --slurp '.[2] | .signature, .body' "$RUN/hook/hooks"
	at=$(sed -n 's/^t=\([0-9]*\),.*/\1/p' <<<"${lines[0]}")
	assert_equal "${lines[0]}" "t=$at,v1=$(printf '%s.%s' "$at" "${lines[1]}" |
		openssl dgst -sha256 -hmac "$secret" -r | cut -d' ' -f1)"
	run shopctl webhook-endpoint deliveries --endpoint 1 --format tsv --no-header --columns status
	assert_output $'204\n\n500' # nobody answered the second
	shopctl webhook-endpoint replay 1 --all >/dev/null
	work
	assert_equal "$(hooks .id | sort | uniq -c | sed 's/^ *//')" '4 "evt_shipped_1024"'
}

@test "a redirect is no answer; who fails for days is asked no more, with an incident" {
	endpoint
	echo 302 >"$RUN/hook/status"
	tell
	work
	assert_equal "$(of webhook last_error)" 'answered with 302: redirects are not followed'
	assert_equal "$(hooks .path)" '"/in"'
	sql "UPDATE webhook_endpoint SET failing_since = now() - interval '4 d'"
	again
	assert_equal "$(of webhook state)" failed
	assert_equal "$(shopctl webhook-endpoint show 1 --field state)" disabled
	assert_equal "$(shopctl incident list --field kind)" webhook_endpoint_disabled
	run -4 shopctl webhook-endpoint replay 1
	rm "$RUN/hook/status"
	shopctl webhook-endpoint enable 1 >/dev/null
	assert_equal "$(shopctl incident list --field kind)" ""
	shopctl webhook-endpoint replay 1 >/dev/null
	work
	assert_equal "$(of webhook state)" sent
}

@test "the link of a mail asks first, and a POST is enough" {
	sql "INSERT INTO preference VALUES ('jane@example.com', 'marketing', 'email', true, now(), 'test')"
	tell cart_abandoned
	start_httpd
	link=/v1/unsubscribe/$(sql "SELECT unsubscribe_token(id) FROM notification WHERE channel = 'email'")
	request GET "$link"
	assert_equal "$status" 200
	assert_equal "$(sql 'SELECT allowed FROM preference')" t
	request POST "$link" '' -H 'Content-Type: application/x-www-form-urlencoded' --data 'List-Unsubscribe=One-Click'
	assert_equal "$status" 200
	assert_equal "$(sql "SELECT allowed FROM preference WHERE channel = 'email'")" f
	request POST "${link}0" '' --data ''
	assert_equal "$status" 404
	stop httpd
	run grep -F "${link#/v1/unsubscribe/}" "$RUN/httpd.log"
	assert_output ""
}

@test "who is away is left alone: no try is burnt, and all arrives when they are back" {
	allow_sms
	endpoint
	sql "INSERT INTO orders (id, client_id, key, fingerprint, state, currency, subtotal, total, expires_at)
		SELECT i, 0, i, 'f', 'shipped', 'EUR', 5998, 5998, now() FROM generate_series(1, 14) i;
		INSERT INTO order_contact (order_id, name, email, phone)
		SELECT i, c.name, c.email, c.phone FROM order_contact c, generate_series(1, 14) i;
		SELECT notify('shipped', id, id) FROM orders" >/dev/null
	echo broken >"$RUN/sms/fault"
	echo 503 >"$RUN/hook/status"
	export SHOP_MAIL_URL=smtp://127.0.0.1:1
	away() { sql "SELECT string_agg(provider, ' ' ORDER BY provider) FROM breaker WHERE state <> 'closed'"; }
	burnt() { sql "SELECT (SELECT coalesce(sum(attempt), 0) FROM job_any) + (SELECT count(*) FROM job_dead)"; }
	soon() {
		sql "UPDATE job_later SET run_at = now() - interval '1 s';
			UPDATE breaker SET probe_at = now() - interval '1 s' WHERE state <> 'closed'"
		work
	}
	work
	assert_equal "$(away)" 'mail sms webhook:1'
	for _ in 1 2; do soon; done
	assert_equal "$(away) $(burnt)" 'mail sms webhook:1 0'
	# Ten that failed, one under way in each other thread, two probes.
	[ "$(hooks .id | wc -l)" -le 20 ]
	run shopctl incident list --field detail
	assert_equal "${#lines[@]}" 2 # of an endpoint its owner hears
	rm "$RUN/sms/fault" "$RUN/hook/status"
	SHOP_MAIL_URL=smtp://127.0.0.1:$(cat "$RUN/mail/port")
	wait_until 30 eval 'soon; [ "$(sql "SELECT count(*) FROM notification WHERE state = \$\$sent\$\$")" = 45 ]'
	assert_equal "$(away) $(burnt)" ' 0'
	assert_equal "$(texts | wc -l)" 15
	assert_equal "$(ls "$RUN/mail/new" | wc -l)" 15
	assert_equal "$(hooks .id | sort -u | wc -l)" 15
	assert_equal "$(shopctl incident list --state open --field id)" ""
}

# inform PATH FIELD=VALUE...: a webhook of the provider, signed as it signs.
inform() {
	local path=$1 text=$SHOP_SMS_WEBHOOK_URL/$1 data=() field signature
	shift
	set -- "AccountSid=$SHOP_SMS_ACCOUNT_SID" "$@"
	while IFS= read -r field; do text+=${field%%=*}${field#*=}; done < <(printf '%s\n' "$@" | LC_ALL=C sort)
	for field in "$@"; do data+=(--data-urlencode "$field"); done
	signature=$(printf %s "$text" | openssl dgst -sha1 -hmac token -binary | base64)
	request POST "/v1/webhooks/sms/$path" '' "${data[@]}" -H "X-Twilio-Signature: $signature"
}

@test "STOP holds from its answer on, START ends it, and HELP is answered" {
	export SHOP_SMS_WEBHOOK_URL=https://shop.example.com/v1/webhooks/sms SHOP_SMS_HELP_TEXT='Dogs & Co: reply STOP'
	start_httpd
	reader=+49151${BATS_TEST_NUMBER}2345678
	answer() { inform inbound "MessageSid=SM$(printf %032d "$1")" "From=$reader" "To=+15005550006" "Body=$2" SmsStatus=received; }
	allow_sms
	answer 1 'Stop.'
	assert_equal "$status$body" '200<Response/>'
	assert_equal "$(shopctl suppression list --columns address,why --format tsv --no-header)" "$reader	stop"
	tell
	work
	assert_equal "$(of sms "state || last_error")" 'suppressedsuppressed: stop'
	answer 2 HELP
	assert_equal "$body" '<Response><Message>Dogs &#38; Co: reply STOP</Message></Response>'
	answer 3 start
	assert_equal "$(shopctl suppression list --field why)" ""
	assert_equal "$(sql "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_log WHERE object = 'suppression:sms'")" 'stop start'
	request POST /v1/webhooks/sms/inbound '' --data 'Body=STOP' -H 'X-Twilio-Signature: x'
	assert_equal "$status $(json .type)" '400 urn:shop:rule:webhook_signature_is_valid'
	SHOP_SMS_ACCOUNT_SID=AC1 answer 4 STOP
	assert_equal "$status $(json .type)" '400 urn:shop:rule:sms_account_is_ours'
	inform inbound MessageSid=SM1 "From=$reader" Body=STOP
	assert_equal "$status $(json .type)" '400 urn:shop:rule:webhook_form_is_readable'
	assert_equal "$(shopctl suppression list --field why)" ""
	stop httpd
	run grep -F "$reader" "$RUN/httpd.log"
	assert_output ""
}

@test "the carrier's word moves a message on, never back, and a dead number is suppressed" {
	export SHOP_SMS_WEBHOOK_URL=https://shop.example.com/v1/webhooks/sms
	start_httpd
	allow_sms
	tell
	work
	# where to call is what the message itself says
	run jq -rs 'last.status_callback' "$RUN/sms/messages"
	assert_output "$SHOP_SMS_WEBHOOK_URL/$(of sms id).1"
	name=${output##*/}
	ref=$(of sms ref)
	for word in delivered sent queued; do
		inform "$name" "MessageSid=$ref" "MessageStatus=$word"
		assert_equal "$status" 200
	done
	assert_equal "$(of sms state)" delivered
	run -0 shopctl notification list --state delivered --field channel
	assert_output sms
	tell delivered
	work
	name=$(sql "SELECT id || '.1' FROM notification WHERE event = 'delivered' AND channel = 'sms'")
	ref=$(sql "SELECT ref FROM notification WHERE id = ${name%.1}")
	inform "$name" "MessageSid=$ref" MessageStatus=undelivered ErrorCode=30005
	assert_equal "$(sql "SELECT state || ': ' || last_error FROM notification WHERE id = ${name%.1}")" \
		'failed: nobody knows the number (30005)'
	assert_equal "$(shopctl suppression list --field why)" bounce
	assert_file_not_exists "$RUN/sms/wrong"
	stop httpd
}

@test "what an endpoint missed while it was disabled is replayed, and it may hear other events" {
	endpoint
	shopctl webhook-endpoint disable 1 --reason test >/dev/null
	tell
	tell delivered
	shopctl webhook-endpoint enable 1 --reason test >/dev/null
	run -0 shopctl webhook-endpoint replay 1 --field event
	assert_output shipped
	run -64 shopctl webhook-endpoint hear 1 --events nothing
	run -0 shopctl webhook-endpoint hear 1 --events delivered --format json
	assert_equal "$(jq -c .events <<<"$output")" '["delivered"]'
	run -0 shopctl webhook-endpoint replay 1 --event delivered --field event
	assert_output delivered
	work
	assert_equal "$(hooks .id | sort | xargs)" 'evt_delivered_1024 evt_shipped_1024'
}
