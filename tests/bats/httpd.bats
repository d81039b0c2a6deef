# The door: what it lets in, what it refuses, what it answers and to whom.

load helper

setup_file() {
	shop_up
	sql "INSERT INTO product (handle, title, status) VALUES ('dog', 'Dog food', 'active');
		INSERT INTO variant (product_id, sku, title, options)
		SELECT id, s, 'Dog food', ARRAY[s] FROM product, unnest(ARRAY['DOG-5KG', 'LAST-ONE', 'SLOW']) s;
		INSERT INTO price (variant_id, currency, amount) SELECT id, 'EUR', 2999 FROM variant;
		INSERT INTO warehouse (code) VALUES ('MAIN');
		INSERT INTO stock (variant_id, warehouse_id, on_hand)
		SELECT v.id, w.id, CASE v.sku WHEN 'LAST-ONE' THEN 1 ELSE 100000 END
		FROM variant v, warehouse w"
	shopctl api-client create tests --scope checkout --scope catalog --scope inventory --field key -q >"$RUN/key"
	export SHOP_HTTP_HEADER_TIMEOUT_S=1
	start_httpd
	: >"$RUN/answers"
	curl -sS "http://$HTTP/openapi.json" >"$RUN/answers.openapi"
}

teardown_file() { shop_down; }

setup() {
	API_KEY=$(cat "$RUN/key")
	export API_KEY
	HTTP=$(cat "$RUN/http")
	basket='{"customer":{"email":"ann@example.org","name":"Ann"},"lines":[{"sku":"DOG-5KG","qty":2}],"currency":"EUR","expected_total":{"amount":5998,"currency":"EUR"}}'
}

door() { /usr/bin/python3 "$ROOT/tests/bats/door.py" "$@"; }

header() { sed -n "s/^$1: //Ip" <<<"$headers"; }

# request, and remember the answer for the comparison with /openapi.json.
ask() {
	request "$@"
	jq -cn --arg method "$1" --arg path "$2" --argjson status "$status" \
		--arg type "$(header content-type)" --arg body "$body" '$ARGS.named' >>"$RUN/answers"
}

# checkout KEY [BODY]
checkout() { ask POST /v1/checkouts "${2-$basket}" -H "Idempotency-Key: $1"; }

problem() { # STATUS RULE: of the last answer
	assert_equal "$status $(json .type)" "$1 urn:shop:rule:$2"
	assert_equal "$(header content-type)" application/problem+json
	assert_equal "$(json .status)" "$1"
}

# send TEXT (printf escapes): the answers to these bytes, and what became of the connection.
send() {
	printf "$1" >"$RUN/raw"
	run -0 door raw "$HTTP" "$RUN/raw"
}

@test "a checkout reserves stock, opens an order and says where to look" {
	checkout first
	assert_equal "$status" 201
	id=$(json .id)
	assert_equal "$(json '.state, .total.amount, .total.currency, .lines[0].sku' | paste -sd ' ')" \
		"pending 5998 EUR DOG-5KG"
	assert_equal "$(header location)" "/v1/checkouts/$id"
	assert_equal "$(header idempotency-replayed)" ""
	assert_equal "$(sql "SELECT reserved FROM stock JOIN variant v ON v.id = variant_id WHERE sku = 'DOG-5KG'")" 2
	assert_equal "$(sql "SELECT email FROM order_contact WHERE order_id = $id")" ann@example.org
	ask GET "/v1/checkouts/$id"
	assert_equal "$status $(json .id) $(json .payment.state)" "200 $id new"
}

@test "the same key and body again is the same answer" {
	checkout again
	assert_equal "$status" 201
	first=$body
	checkout '"again"'
	assert_equal "$status $body" "201 $first"
	assert_equal "$(header idempotency-replayed)" true
	assert_equal "$(sql "SELECT count(*) FROM orders WHERE key = 'again'")" 1
}

@test "case 3: the same key with another body, off by one cent, is refused" {
	checkout other
	for another in "${basket/5998/5997}" "${basket/ann@/bob@}"; do
		checkout other "$another"
		problem 422 order_key_names_one_request
	done
	assert_equal "$(sql "SELECT count(*) FROM orders WHERE key = 'other'")" 1
}

@test "case 2: twenty at once with one key: one order, and every answer carries it" {
	printf 'POST /v1/checkouts HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nIdempotency-Key: twenty\r\nContent-Length: %d\r\n\r\n%s' \
		"$API_KEY" "${#basket}" "$basket" >"$RUN/twenty"
	door same "$HTTP" 20 <"$RUN/twenty" >"$RUN/out"
	assert_equal "$(cut -d ' ' -f 1 "$RUN/out" | sort | uniq -c | xargs)" "20 201"
	assert_equal "$(cut -d ' ' -f 3- "$RUN/out" | sort -u | wc -l)" 1
	assert_equal "$(grep -c ' first ' "$RUN/out")" 1
	assert_equal "$(sql "SELECT count(*) FROM orders WHERE key = 'twenty'")" 1
}

@test "case 4: a key is needed, visible and not too long" {
	ask POST /v1/checkouts "$basket"
	problem 400 order_has_a_key
	for key in '' '""' '"a' '"a"b' '"a\b"' 'a b' "$(printf %0256d 1)"; do
		checkout "$key"
		problem 400 order_has_a_key
	done
	checkout "$(printf %0255d 1)"
	assert_equal "$status" 201
}

@test "case 5: one cart in two tabs, each with its key: one order, one 409" {
	local cart="${basket/%\}/,\"cart\":{\"id\":\"c1\",\"version\":7\}\}}" key
	for key in tab-1 tab-2; do
		curl -sS -o "$RUN/$key.body" -w '%{http_code}\n' -H "Authorization: Bearer $API_KEY" \
			-H 'Content-Type: application/json' -H "Idempotency-Key: $key" \
			--data "$cart" "http://$HTTP/v1/checkouts" >"$RUN/$key.status" &
	done
	wait
	assert_equal "$(cat "$RUN"/tab-?.status | sort | xargs)" "201 409"
	assert_equal "$(grep -l cart_used_once "$RUN"/tab-?.body | wc -l)" 1
	assert_equal "$(sql "SELECT count(*) FROM orders WHERE cart = '7/c1'")" 1
	checkout tab-3 "$cart"
	problem 409 cart_used_once
	checkout tab-3 "${cart/:7/:8}" # changed since
	assert_equal "$status" 201
	checkout tab-4 "${cart/:7/:-1}"
	problem 422 request_is_valid
	API_KEY=$(shopctl api-client create other-shop --scope checkout --field key -q)
	checkout tab-1 "$cart" # a cart is its client's own
	assert_equal "$status" 201
}

@test "case 6: a total that is off by one cent is refused and nothing is reserved" {
	before=$(sql "SELECT sum(reserved) FROM stock")
	checkout cent "${basket/5998/5997}"
	problem 409 order_total_is_agreed
	assert_equal "$(sql "SELECT sum(reserved) FROM stock")" "$before"
	checkout cent
	assert_equal "$status" 201 # a refusal does not use the key up
}

@test "case 1: fifty want the last one: one has it, the others are told the rule" {
	last=${basket/DOG-5KG/LAST-ONE}
	last=${last/5998/2999}
	last=${last/\"qty\":2/\"qty\":1}
	for i in {1..50}; do
		curl -sS -o "$RUN/last.$i" -w '%{http_code}\n' -H "Authorization: Bearer $API_KEY" \
			-H 'Content-Type: application/json' -H "Idempotency-Key: last-$i" \
			--data "$last" "http://$HTTP/v1/checkouts" >"$RUN/last.$i.status" &
	done
	wait
	assert_equal "$(cat "$RUN"/last.*.status | sort | uniq -c | xargs)" "1 201 49 409"
	assert_equal "$(grep -l stock_never_oversold "$RUN"/last.* | wc -l)" 49
	assert_equal "$(sql "SELECT on_hand, reserved FROM stock JOIN variant v ON v.id = variant_id WHERE sku = 'LAST-ONE'")" "1|1"
}

@test "everything wrong with a body is said at once, with its place" {
	checkout bad '{"customer":{"email":"x@y","fax":"1"},"lines":[{"sku":"A","qty":0},{"sku":5,"qty":1}],"currency":"EURO","expected_total":{"amount":1,"currency":"EUR"},"note":1}'
	problem 422 request_is_valid
	assert_equal "$(json '.errors[].pointer' | sort | paste -sd ' ')" \
		"/currency /customer/fax /lines/0/qty /lines/1/sku /note"
	checkout bad '{"customer":{},"lines":[],"expected_total":{"amount":1,"currency":"EUR"}}'
	assert_equal "$(json '.errors[].pointer' | sort | paste -sd ' ')" "/currency /customer/email /lines"
	checkout bad '[]'
	problem 422 request_is_valid
}

@test "JSON that two parsers could read differently is refused" {
	while IFS=$'\t' read -r rule text; do
		checkout json "$(printf '%b' "$text")"
		problem 400 "$rule"
	done <<-'END'
		json_is_well_formed	{"currency":"EUR",}
		json_is_well_formed	{'currency':'EUR'}
		json_is_well_formed	{} {}
		json_is_well_formed	\xef\xbb\xbf{}
		json_member_once	{"currency":"EUR","currency":"USD"}
		json_member_once	{"currency":"EUR","\\u0063urrency":"USD"}
		json_has_no_nul	{"currency":"E\\u0000UR"}
		json_is_utf8	{"currency":"\xff"}
		json_number_fits	{"customer_id":9007199254740993}
		json_number_fits	{"customer_id":1e999}
	END
	checkout deep "$(printf '[%.0s' {1..65})$(printf ']%.0s' {1..65})"
	problem 400 json_depth_is_bounded
}

@test "a body is JSON and says so" {
	ask POST /v1/checkouts '' --data-binary "$basket" -H 'Idempotency-Key: type' -H 'Content-Type: text/plain'
	problem 415 body_is_json
}

@test "who has no good key stays outside" {
	good=$API_KEY
	for API_KEY in '' x "${good}x" "${good%?}" "sk_live_${good#sk_test_}" "sk_test_AAAAAAAA_${good##*_}" "${good%_*}_$(printf %032d 0)"; do
		checkout stranger
		problem 401 client_is_known
		assert_equal "$(header www-authenticate)" Bearer
	done
	API_KEY=
	ask POST /v1/checkouts "$basket" -H 'Authorization: Basic YTpi' -H 'Idempotency-Key: a'
	problem 401 client_is_known
	assert_equal "$(sql "SELECT count(*) FROM orders WHERE key = 'stranger'")" 0
}

@test "a revoked or expired key, and one without the scope" {
	API_KEY=$(shopctl api-client create gone --scope checkout --field key -q)
	id=${API_KEY#sk_test_}
	shopctl api-client revoke "${id%%_*}"
	checkout revoked
	problem 401 client_is_known
	API_KEY=$(shopctl api-client create late --scope checkout --expires 2099-01-01 --field key -q)
	id=${API_KEY#sk_test_}
	sql "UPDATE api_client SET expires_at = now() - interval '1 s' WHERE key_id = '${id%%_*}'"
	checkout expired
	problem 401 client_is_known
	API_KEY=$(shopctl api-client create narrow --scope checkout --field key -q)
	id=${API_KEY#sk_test_}
	sql "UPDATE api_client SET scopes = '{else}' WHERE key_id = '${id%%_*}'"
	checkout narrow
	problem 403 client_has_scope
}

@test "the key is stored as a digest only" {
	assert_equal "$(sql "SELECT key_hash = sha256('$API_KEY') FROM api_client WHERE name = 'tests'")" t
	run -0 pg_dump -U postgres -a
	refute_output --partial "${API_KEY##*_}"
}

@test "a checkout is its client's own" {
	checkout mine
	id=$(json .id)
	API_KEY=$(shopctl api-client create other --scope checkout --field key -q)
	ask GET "/v1/checkouts/$id"
	problem 404 checkout_exists
	checkout mine # keys are the client's own too
	assert_equal "$status" 201
	for id in 7 0 -1 abc 99999999999999999; do
		ask GET "/v1/checkouts/$id"
		problem 404 checkout_exists
	done
}

@test "a storefront waits for the change it has not seen" {
	checkout etag
	id=$(json .id)
	ask GET "/v1/checkouts/$id"
	etag=$(header etag)
	ask GET "/v1/checkouts/$id" '' -H "If-None-Match: $etag"
	assert_equal "$status$body" 304
	began=$EPOCHREALTIME
	(sleep 1 && sql "UPDATE payment SET client_secret = 'pi_1_secret_2', state = 'open' WHERE order_id = $id") &
	ask GET "/v1/checkouts/$id" '' -H "If-None-Match: $etag" -H 'Prefer: wait=8'
	assert_equal "$status $(json .payment.client_secret)" "200 pi_1_secret_2"
	took=$(((${EPOCHREALTIME/./} - ${began/./}) / 1000))
	[ $took -gt 800 ] && [ $took -lt 7500 ] # at the change, not at the end of the wait
	began=$EPOCHREALTIME
	ask GET "/v1/checkouts/$id" '' -H "If-None-Match: $(header etag)" -H 'Prefer: wait=1'
	assert_equal "$status" 304
	[ $(((${EPOCHREALTIME/./} - ${began/./}) / 1000)) -gt 900 ]
	wait
}

@test "HEAD is GET without the body" {
	run -0 curl -sSI -m 5 "http://$HTTP/livez"
	assert_output --partial "200 OK"
	assert_output --partial "Content-Length: 15"
}

@test "what is not there and what is not allowed" {
	for path in / /v1 /v1/checkouts/ /metrics /livez/ '/livez%00' //livez /v1/../livez; do
		request GET "$path" '' --path-as-is
		case $path in /v1/checkouts/) problem 404 checkout_exists ;; *) problem 404 route_exists ;; esac
	done
	ask DELETE /v1/checkouts
	problem 405 method_is_allowed
	assert_equal "$(header allow)" POST
	ask PUT /livez
	assert_equal "$status $(header allow)" "405 GET, HEAD"
}

@test "requests that could be read in two ways are refused and the connection closed" {
	while IFS=$'\t' read -r wanted text; do
		send "$text"
		[ "$output" = "$wanted closed" ] || fail "wanted $wanted closed, got $output: $text"
	done <<-'END'
		400	POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n
		400	POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello
		400	POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello
		400	POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\n\r\nhello
		400	POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello
		400	POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n
		400	POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nhello
		400	POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n
		400	POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nhello
		400	POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n
		400	POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n
		400	POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n
		400	POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n
		411	POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n
		400	GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n
		400	GET /livez HTTP/1.1\r\n\r\n
		400	GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n
		400	GET /livez HTTP/1.1\r\nHost: a/b\r\n\r\n
		400	GET /livez HTTP/1.1\r\nHost: a\r\nX: 1\r\n Content-Length: 5\r\n\r\n
		400	GET /livez HTTP/1.1\r\nHost: a\r\nX: 1\r\n\tb\r\n\r\n
		400	GET /livez HTTP/1.1\r\n Host: a\r\n\r\n
		400	GET /livez HTTP/1.1\nHost: a\n\n
		400	GET /livez HTTP/1.1\r\nHost: a\nX: b\r\n\r\n
		400	GET /livez HTTP/1.1\r\nHost: a\r\nX: 1\rContent-Length: 5\r\n\r\nHELLO
		400	GET /livez HTTP/1.1\r\r\nHost: a\r\n\r\n
		400	GET /livez HTTP/1.1\r\nHost: a\r\nX: \000\r\n\r\n
		400	GET /livez HTTP/1.1\r\nHost: a\r\nX: \001\r\n\r\n
		400	GET /livez HTTP/1.1\r\nHost: a\r\nX: \177\r\n\r\n
		400	GET /livez HTTP/1.1\r\nHost: a\r\nX\r\n\r\n
		400	GET /livez HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n
		400	GET /livez HTTP/1.1\r\nHost: a\r\nX(y): b\r\n\r\n
		400	GET /livez HTTP/1.1\r\nHost: a\r\nX\303\251: b\r\n\r\n
		400	\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n
		400	 GET /livez HTTP/1.1\r\nHost: a\r\n\r\n
		400	GET  /livez HTTP/1.1\r\nHost: a\r\n\r\n
		400	GET\t/livez HTTP/1.1\r\nHost: a\r\n\r\n
		400	GET /livez HTTP/1.1 \r\nHost: a\r\n\r\n
		400	GET /livez\r\n\r\n
		400	get /livez HTTP/1.1\r\nHost: a\r\n\r\n
		400	GET livez HTTP/1.1\r\nHost: a\r\n\r\n
		400	GET http://a/livez HTTP/1.1\r\nHost: a\r\n\r\n
		400	OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n
		400	CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n
		400	GET /livez#a HTTP/1.1\r\nHost: a\r\n\r\n
		400	GET /l\303\251 HTTP/1.1\r\nHost: a\r\n\r\n
		400	GET /livez HTTP/1,1\r\nHost: a\r\n\r\n
		400	GET /livez http/1.1\r\nHost: a\r\n\r\n
		505	GET /livez HTTP/2.0\r\nHost: a\r\n\r\n
		505	GET /livez HTTP/1.2\r\nHost: a\r\n\r\n
		417	POST /livez HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\n1
		505	PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n
		400	\026\003\001\002\000\001\000\001\374\003\003
		400	GET /livez HTTP/1.1\r\nHost: a\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n
		400	GET /livez HTTP/1.1\r\nHost: a\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n
	END
}

@test "the second request of a connection is read as strictly as the first" {
	send 'GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\nX: 1\rContent-Length: 5\r\n\r\nHELLO'
	assert_output "200 400 closed"
	send 'GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nHELLOGET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'
	assert_output "200 400 closed"
	send 'PUT /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nHELLOGET /livez HTTP/1.1\r\nHost: a\r\n\r\n'
	assert_output "405 closed"
}

@test "requests of one connection are answered in their order" {
	send 'GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nhost:a\r\nX:\t b \t\r\n\r\nGET /readyz?a=b HTTP/1.1\r\nHost: a\r\n\r\n'
	assert_output "200 404 200 open"
	send 'GET /livez HTTP/1.0\r\n\r\n'
	assert_output "200 closed"
	send 'GET /livez HTTP/1.1\r\nHost: a\r\nConnection: foo, Close\r\n\r\nGET /livez HTTP/1.1\r\nHost: a\r\n\r\n'
	assert_output "200 closed"
}

@test "a corpus of malformed requests is refused, each with a closed connection" {
	corpus=${SHOP_DATA:-$ROOT/../shared/data}/torture/http/gunicorn-raw
	[ -d "$corpus" ] || skip "no corpus"
	# Limits of another server, and forms that only a proxy's protocol has.
	lenient=" 010 011 012 013 040 "
	wrong=
	for file in "$corpus"/invalid/*.bin; do
		name=$(basename "$file" .bin)
		case $lenient in *" $name "*) continue ;; esac
		WAIT=3 door raw "$HTTP" "$file" >"$RUN/out" # what is cut is not waited for forever
		read -r first rest <"$RUN/out"
		# Whatever comes first may be fine; the last answer refuses.
		case "$first $rest" in
		*4??" closed" | *505" closed") ;;
		*) wrong="$wrong $name:$(cat "$RUN/out" | tr ' ' _)" ;;
		esac
	done
	assert_equal "$wrong" ""
}

# The differences on purpose are listed once, beside the scanner's own test.
@test "every file of the JSON test suite is decided at the door as the scanner decides it" {
	corpus=${SHOP_DATA:-$ROOT/../shared/data}/torture/json
	[ -d "$corpus" ] || skip "no corpus"
	run -0 door json "$HTTP" "$API_KEY" "$ROOT/tests/unit/json_test.c" "$corpus"
	assert_output --regexp '^[23][0-9][0-9] files, 0 decided otherwise$'
}

@test "a head and a body have bounds" {
	{
		printf 'GET /livez HTTP/1.1\r\nHost: a\r\nX: '
		head -c 17000 /dev/zero | tr '\0' a
		printf '\r\n\r\n'
	} >"$RUN/long"
	run -0 door raw "$HTTP" "$RUN/long"
	assert_output "431 closed"
	{
		printf 'GET /livez HTTP/1.1\r\nHost: a\r\n'
		for i in {1..70}; do printf 'X-%d: a\r\n' "$i"; done
		printf '\r\n'
	} >"$RUN/many"
	run -0 door raw "$HTTP" "$RUN/many"
	assert_output "431 closed"
	head -c 65537 /dev/zero | tr '\0' ' ' >"$RUN/big"
	ask POST /v1/checkouts @"$RUN/big" -H 'Idempotency-Key: big' -H Expect:
	problem 413 body_is_bounded
	assert_equal "$(header connection)" close
	send 'POST /v1/checkouts HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n'
	assert_output "413 closed"
	head -c 65536 /dev/zero | tr '\0' ' ' >"$RUN/big"
	ask POST /v1/checkouts @"$RUN/big" -H 'Idempotency-Key: big'
	problem 400 json_is_well_formed
}

@test "curl's Expect: 100-continue is met" {
	{ printf '%s' "$basket" && head -c 30000 /dev/zero | tr '\0' ' '; } >"$RUN/padded"
	ask POST /v1/checkouts @"$RUN/padded" -H 'Idempotency-Key: padded' -H 'Expect: 100-continue' --expect100-timeout 20
	assert_equal "$status" 201
}

@test "who is slow is let go, and does not slow the others" {
	/usr/bin/python3 - "$HTTP" <<-'END' >"$RUN/slow" &
		import socket, sys, time
		host, port = sys.argv[1].split(":")
		slow = [socket.create_connection((host, int(port))) for _ in range(300)]
		began = time.time()
		for s in slow[:200]:
		    s.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\nX: ")
		for _ in range(4):
		    time.sleep(0.4)
		    for s in slow[:200]:
		        try:
		            s.sendall(b"a")
		        except OSError:
		            pass
		statuses = []
		for s in slow:
		    s.settimeout(5)
		    try:
		        statuses.append(s.recv(12)[9:12].decode())
		    except OSError:
		        statuses.append("reset")
		print(sum(s == "408" for s in statuses[:200]), sum(s == "" for s in statuses[200:]))
	END
	sleep 0.3
	for i in {1..20}; do
		run -0 curl -sS -o /dev/null -m 4 "http://$HTTP/livez" # the slow have 5 s
	done
	wait
	assert_equal "$(cat "$RUN/slow")" "200 100"
}

@test "the caller's trace goes on to the order" {
	ask POST /v1/checkouts "$basket" -H 'Idempotency-Key: traced' \
		-H 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
	assert_equal "$(sql "SELECT trace FROM orders WHERE key = 'traced'")" 0af7651916cd43dd8448eb211c80319c
	ask POST /v1/checkouts '{}' -H 'Idempotency-Key: traced2' \
		-H 'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
	assert_equal "$(json .trace_id)" 0af7651916cd43dd8448eb211c80319c
}

@test "metrics are the admin's alone, and a scraper can read them" {
	run -0 curl -sS --unix-socket "$RUN/admin.sock" http://admin/metrics
	assert_output --partial 'shop_http_requests_total{route="POST /v1/checkouts",status="201"}'
	assert_output --partial 'shop_checkout_batch_largest'
	run -0 curl -sS -o /dev/null -w '%{http_code}' --unix-socket "$RUN/admin.sock" http://admin/livez
	assert_output 404
	assert_equal "$(stat -c %a "$RUN/admin.sock")" 600
	command -v promtool >/dev/null || skip "no promtool"
	curl -sS --unix-socket "$RUN/admin.sock" http://admin/metrics | run -0 promtool check metrics
}

@test "short messages' webhooks that nobody signed are refused" {
	ask POST /v1/webhooks/sms/inbound 'Body=STOP' -H 'X-Twilio-Signature: x'
	problem 400 webhook_signature_is_valid
	ask POST /v1/webhooks/sms/inbound '%00'
	problem 400 webhook_form_is_readable
	ask GET /v1/webhooks/sms/inbound
	problem 405 method_is_allowed
}

@test "every example of /openapi.json is answered as it says" {
	run -0 jq -r '.paths | to_entries[] | .key as $path | .value | to_entries[] | .key as $method
		| .value.requestBody.content["application/json"].examples // {} | to_entries[]
		| [$method, $path, .key, .value["x-status"], (.value.value | tojson)] | @tsv' "$RUN/answers.openapi"
	[ "${#lines[@]}" -ge 5 ]
	examples=$output
	ask POST /v1/carts '{"lines":[{"sku":"DOG-5KG","qty":1}]}'
	cart=$(json .id)
	while IFS=$'\t' read -r method path name wanted value; do
		path=${path/\{sku\}/DOG-5KG}
		path=${path/\{id\}/$cart}
		ask "${method^^}" "$path" "${value//\\\\/\\}" -H "Idempotency-Key: example-$name"
		[ "$status" = "$wanted" ] || fail "$name: $status $body"
	done <<<"$examples"
}

@test "/openapi.json has every route, and every answer of these tests is as it says" {
	routes() { sed -n 's/^ROUTE(\([A-Z]*\), "\([^"]*\)".*/\1 \2/p' "$ROOT/cmd/shop-httpd/routes.h"; }
	documented() {
		jq -r '.paths | to_entries[] | .key as $p | .value | keys[] | "\(ascii_upcase) \($p)"' \
			"$RUN/answers.openapi" | sed 's/{[a-z]*}/*/g'
	}
	assert_equal "$(documented | sort)" "$(routes | sort)"
	for path in /livez /readyz /openapi.json; do ask GET $path; done
	[ "$(wc -l <"$RUN/answers")" -gt 60 ]
	door check "$RUN/answers"
	# An answer that the document does not have is noticed.
	jq -c 'select(.status == 201) | .status = 202' "$RUN/answers" | head -n 1 >"$RUN/wrong"
	jq -c 'select(.status == 201) | .body = "{}"' "$RUN/answers" | head -n 1 >>"$RUN/wrong"
	cp "$RUN/answers.openapi" "$RUN/wrong.openapi"
	run -1 door check "$RUN/wrong"
	assert_output --partial undocumented
	assert_output --partial "'id' is a required property"
}

@test "the door holds no more than it needs" {
	run -0 nm -u "$BUILD/shop-httpd"
	assert_output --partial PQsend
	refute_output --partial curl_
	refute_output --partial MHD_
	refute_output --partial readline
}
