# Webhooks at the door: who sent it, is it stored, and only then 200.

load helper

setup_file() {
	own_cluster
	printf 'whsec_old\n\n  whsec_new  \n' >"$WEBHOOK_FILE"
	sql "INSERT INTO product (handle, title, status) VALUES ('dog', 'Dog food', 'active');
		INSERT INTO variant (product_id, sku, title) SELECT id, 'DOG-5KG', 'Dog food' FROM product;
		INSERT INTO price (variant_id, currency, amount) SELECT id, 'EUR', 2999 FROM variant;
		INSERT INTO warehouse (code) VALUES ('MAIN');
		INSERT INTO stock (variant_id, warehouse_id, on_hand) SELECT v.id, w.id, 100000 FROM variant v, warehouse w"
	shopctl api-client create tests --scope checkout --field key -q >"$RUN/key"
	start_httpd
}

teardown_file() { shop_down; }

setup() {
	http_address
	API_KEY=
	event='{"id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "livemode": false, "api_version": "2023-08-16", "data": {"object": {"id": "pi_1", "object": "payment_intent"}}}'
}

door() { /usr/bin/python3 "$ROOT/tests/bats/door.py" "$@"; }
now() { date +%s; }
sign() { printf '%s' "$1" | door sign "${2:-whsec_new}" "${3:-$(now)}"; }
rows() { sql "SELECT count(*) FROM webhook_event"; }

# deliver BODY [SIGNATURE]
deliver() {
	request POST /v1/webhooks/stripe "$1" -H "Stripe-Signature: ${2-$(sign "$1")}"
}

@test "an event is kept byte for byte, with its job, and then acknowledged" {
	deliver "$event"
	assert_equal "$status$body" "200{}"
	assert_equal "$(sql "SELECT provider, livemode, event_id, type, object_id, api_version, state, deliveries FROM webhook_event")" \
		"stripe|f|evt_1|payment_intent.succeeded|pi_1|2023-08-16|received|1"
	assert_equal "$(sql "SELECT convert_from(body, 'UTF8') FROM webhook_event")" "$event"
	assert_equal "$(sql "SELECT headers->>'stripe-signature' ~ '^t=[0-9]+,v1=[0-9a-f]{64}$', headers->>'user-agent' ~ '^curl/', pulled FROM webhook_event")" "t|t|f"
	assert_equal "$(sql "SELECT count(*) FROM job WHERE kind = 'webhook.stripe'")" 1
}

@test "case 12: a hundred deliveries of one event at the door, twenty at once: one row, one job, all counted" {
	event=${event/evt_1/evt_100}
	signature=$(sign "$event")
	{
		printf 'POST /v1/webhooks/stripe HTTP/1.1\r\nHost: t\r\nStripe-Signature: %s\r\nContent-Length: %d\r\n\r\n%s' \
			"$signature" "${#event}" "$event"
	} >"$RUN/hook"
	for i in {1..5}; do
		door same "$HTTP" 20 <"$RUN/hook" >"$RUN/out"
		assert_equal "$(cut -d ' ' -f 1,3 "$RUN/out" | sort | uniq -c | xargs)" "20 200 {}"
	done
	assert_equal "$(sql "SELECT deliveries FROM webhook_event WHERE event_id = 'evt_100'")" 100
	assert_equal "$(sql "SELECT count(*) FROM job j JOIN webhook_event w ON w.id = j.subject
		WHERE kind = 'webhook.stripe' AND event_id = 'evt_100'")" 1
}

@test "case 16: a signature that is not Stripe's, or not of now, stores nothing" {
	before=$(rows)
	event=${event/evt_1/evt_bad}
	good=$(sign "$event")
	v1=${good##*v1=}
	t=${good%%,*}
	for signature in '' 'x' "$t" "v1=$v1" "$t,v0=$v1" "$t,v1=${v1^^}" "$t,v1=${v1%?}" "$t,v1=${v1}0" \
		"t=1e9,v1=$v1" "t=,v1=$v1" "t=-1,v1=$v1" "$t,$t,v1=$v1" "$t;v1=$v1" \
		"$(sign "$event" whsec_other)" "$(sign "$event" whsec_new $(($(now) - 301)))" \
		"$(sign "$event" whsec_new $(($(now) + 330)))" "$(sign "$event ")" \
		"$t$(printf ',v1=%064d%.0s' {1..200})"; do
		deliver "$event" "$signature"
		[ "$status $(json .type)" = "400 urn:shop:rule:webhook_signature_is_valid" ] ||
			fail "$signature: $status $body"
	done
	request POST /v1/webhooks/stripe "$event"
	assert_equal "$status" 400
	assert_equal "$(rows)" "$before"
}

@test "case 17: while a secret is rotated both are good, and each of several signatures is tried" {
	event=${event/evt_1/evt_rotate}
	deliver "$event" "$(sign "$event" whsec_old)"
	assert_equal "$status" 200
	t=$(now)
	right=$(sign "$event" whsec_new "$t")
	deliver "$event" "t=$t,v0=abc,v1=$(printf %064d 0),${right#*,}"
	assert_equal "$status" 200
	deliver "$event" "$(sign "$event" whsec_new $((t - 290)))"
	assert_equal "$status" 200
	assert_equal "$(sql "SELECT deliveries FROM webhook_event WHERE event_id = 'evt_rotate'")" 3
}

@test "what is signed but no event is kept, answered, and left to a person" {
	n=0
	while IFS= read -r text; do
		n=$((n + 1))
		printf '%b' "$text" >"$RUN/odd"
		request POST /v1/webhooks/stripe @"$RUN/odd" \
			-H "Stripe-Signature: $(door sign whsec_new "$(now)" <"$RUN/odd")"
		[ "$status$body" = "200{}" ] || fail "$text: $status $body"
	done <<-'END'
		{"id":"evt_cut"
		{"id":"evt_dup","id":"evt_dup2","type":"a","livemode":false}
		{"id":"evt_nul","type":"a\\u0000b","livemode":false}
		{"id":"evt_huge","type":"a","livemode":false,"n":1e400}
		{"id":"evt_utf8","type":"\xff","livemode":false}
		{"id":5,"type":"a","livemode":false}
		{"type":"a","livemode":false}
		{"id":"evt_mode","type":"a"}
		[]
	END
	{ head -c 100000 /dev/zero | tr '\0' '['; } >"$RUN/odd"
	request POST /v1/webhooks/stripe @"$RUN/odd" -H "Stripe-Signature: $(door sign whsec_new "$(now)" <"$RUN/odd")"
	assert_equal "$status" 200
	assert_equal "$(sql "SELECT count(*), count(*) FILTER (WHERE state = 'dead' AND note <> '' AND event_id LIKE 'sha256:%')
		FROM webhook_event WHERE type = 'unreadable'")" "$((n + 1))|$((n + 1))"
	assert_equal "$(sql "SELECT count(*) FROM job j JOIN webhook_event w ON w.id = j.subject WHERE type = 'unreadable'")" 0
}

@test "an event of the other mode is refused" {
	before=$(rows)
	deliver "${event/\"livemode\": false/\"livemode\": true}"
	assert_equal "$status $(json .type)" "400 urn:shop:rule:webhook_mode_is_ours"
	assert_equal "$(rows)" "$before"
}

@test "an event may be large, but not larger than a megabyte" {
	{ printf '%s' "${event/evt_1/evt_large}" && head -c 900000 /dev/zero | tr '\0' ' '; } >"$RUN/large"
	request POST /v1/webhooks/stripe @"$RUN/large" -H "Stripe-Signature: $(door sign whsec_new "$(now)" <"$RUN/large")"
	assert_equal "$status" 200
	assert_equal "$(sql "SELECT length(body) FROM webhook_event WHERE event_id = 'evt_large'")" "$(stat -c %s "$RUN/large")"
	head -c 200000 /dev/zero | tr '\0' ' ' >>"$RUN/large"
	request POST /v1/webhooks/stripe @"$RUN/large" -H "Stripe-Signature: $(door sign whsec_new "$(now)" <"$RUN/large")"
	assert_equal "$status $(json .type)" "413 urn:shop:rule:body_is_bounded"
	request GET /v1/webhooks/stripe
	assert_equal "$status" 405
}

@test "case 18: without the database: 503 and never 200, and what is sent again is taken" {
	event=${event/evt_1/evt_down}
	API_KEY=$(cat "$RUN/key")
	basket='{"customer":{"email":"ann@example.org"},"lines":[{"sku":"DOG-5KG","qty":1}],"currency":"EUR","expected_total":{"amount":2999,"currency":"EUR"}}'
	request POST /v1/checkouts "$basket" -H 'Idempotency-Key: up'
	assert_equal "$status" 201
	"$ROOT/scripts/cluster" stop "$RUN/pg"
	for i in 1 2 3; do
		deliver "$event"
		assert_equal "$status" 503
		assert_equal "$(sed -n 's/^retry-after: //Ip' <<<"$headers")" 1
	done
	request POST /v1/checkouts "$basket" -H 'Idempotency-Key: down'
	assert_equal "$status $(json .type)" "503 urn:shop:rule:database_is_up"
	request GET /readyz
	assert_equal "$status" 503
	request GET /livez
	assert_equal "$status" 200
	"$ROOT/scripts/cluster" start --fast "$RUN/pg" >/dev/null
	API_KEY='' deliver "$event"
	assert_equal "$status$body" "200{}"
	assert_equal "$(sql "SELECT deliveries FROM webhook_event WHERE event_id = 'evt_down'")" 1
	request POST /v1/checkouts "$basket" -H 'Idempotency-Key: down'
	assert_equal "$status" 201
	request GET /readyz
	assert_equal "$status" 200
}

@test "a database that does not answer is not waited for by everybody" {
	# One row is locked: its checkout waits, all else goes on.
	API_KEY=$(cat "$RUN/key")
	deliver "$event"
	psql -U postgres -qXc "BEGIN; SELECT FROM shop.webhook_event WHERE event_id = 'evt_1' FOR UPDATE; SELECT pg_sleep(4); COMMIT" >/dev/null &
	wait_until 10 asleep
	deliver "$event" &
	first=$!
	wait_until 5 blocked
	deliver "${event/evt_1/evt_meanwhile}"
	assert_equal "$status" 200
	request GET /livez
	assert_equal "$status" 200
	kill -0 $first # it still waits
	wait
}
