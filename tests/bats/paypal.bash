# What the files about PayPal share, after `load helper` and `load money`: its simulator,
# an authority of our own that vouches for its certificate, and hands of its buyers.
# shellcheck disable=SC2154,SC2034,SC2120 # what the helper and the files set, read and pass

PAYPAL_SECRET=$BATS_FILE_TMPDIR/paypal.secret
PAYPAL_PKI=$BATS_FILE_TMPDIR/pki
WEBHOOK_ID=1JE4291016473214C

setup_file() {
	money_up
	paypal_up
	start_mail
}
teardown_file() { shop_down; }
setup() {
	STRIPE=$(cat "$RUN/stripe")
	PAYPAL=$(cat "$RUN/paypal")
	curl -sS -X DELETE "http://$PAYPAL/sim/faults" >/dev/null
}

# A key NAME.key and a certificate NAME.pem, made out to CN by the authority AUTHORITY.
certificate() { # NAME CN [AUTHORITY]
	openssl req -new -newkey rsa:2048 -nodes -keyout "$PAYPAL_PKI/$1.key" -subj "/CN=$2" \
		-out "$PAYPAL_PKI/$1.csr" 2>/dev/null
	openssl x509 -req -in "$PAYPAL_PKI/$1.csr" -days 2 -CA "$PAYPAL_PKI/${3:-ca}.pem" \
		-CAkey "$PAYPAL_PKI/${3:-ca}.key" -CAcreateserial -out "$PAYPAL_PKI/$1.pem" 2>/dev/null
}

authority() { # NAME
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$PAYPAL_PKI/$1.key" -days 2 \
		-subj "/CN=Authority $1" -out "$PAYPAL_PKI/$1.pem" 2>/dev/null
}

# PayPal on $PAYPAL, with the configuration that leads there.
paypal_up() {
	mkdir -p "$PAYPAL_PKI"
	authority ca
	certificate paypal messageverificationcerts.paypal.com
	printf 'EKx_%032d' 1 >"$PAYPAL_SECRET"
	chmod 600 "$PAYPAL_SECRET"
	http_address
	PAYPAL=127.0.0.1:$(free_port)
	echo "$PAYPAL" >"$RUN/paypal"
	export SHOP_PAYPAL_BASE_URL=http://$PAYPAL SHOP_PAYPAL_CERT_BASE_URL=http://$PAYPAL \
		SHOP_PAYPAL_CLIENT_ID=AaBb SHOP_PAYPAL_CLIENT_SECRET_FILE=$PAYPAL_SECRET \
		SHOP_PAYPAL_CERT_CA_FILE=$PAYPAL_PKI/ca.pem SHOP_PAYPAL_WEBHOOK_ID=$WEBHOOK_ID \
		SHOP_PAYPAL_TIMEOUT_MS=1000 SHOP_PAYPAL_RATE_PER_SECOND=0 SHOP_PAYPAL_BRAND_NAME=Dogs \
		SHOP_PAYPAL_RETURN_URL=https://shop.example/thanks SHOP_PAYPAL_CANCEL_URL=https://shop.example/cart
	start paypal "$BUILD/paypal-sim" --listen "$PAYPAL" --client AaBb --secret-file "$PAYPAL_SECRET" \
		--certificate "$PAYPAL_PKI/paypal.pem" --sign-key "$PAYPAL_PKI/paypal.key" \
		--webhook-id "$WEBHOOK_ID" --webhook-retry-ms 100 "$@"
	ready paypal "curl -s -o /dev/null http://$PAYPAL/sim/state"
}

psim() { curl -sSf -m 10 -X POST --data-binary "${2:-{\}}" "http://$PAYPAL/sim/$1" >/dev/null; }
pfault() { psim faults "$1"; }

# Ask PayPal as its dashboard would.
paypal() { # PATH
	local token
	token=$(curl -sS -m 10 -u "AaBb:$(cat "$PAYPAL_SECRET")" -d grant_type=client_credentials \
		"http://$PAYPAL/v1/oauth2/token" | jq -r .access_token)
	curl -sS -m 10 -H "Authorization: Bearer $token" "http://$PAYPAL$1"
}

# The buyer agrees on PayPal's own page.
approve() { psim approve "{\"order\": \"$(ref)\", \"funding\": \"${1:-good}\"}"; }

# What PayPal knows of kind: orders, captures, authorizations, refunds.
objects() { curl -sS -m 10 "http://$PAYPAL/sim/state" | jq "[.objects.$1[]${2:+ | select($2)}]${3:- | length}"; }

# Those of this order, by the invoice that it is.
of_order() { objects "$1" ".invoice_id == \"$order\" or .purchase_units[0].invoice_id == \"$order\"" "${2-}"; }

# PayPal's event about an object, as the door would have stored it.
phook() { # TYPE OBJECT [EVENT]
	PGUSER=shop_http psql -qXAt -v ON_ERROR_STOP=1 -c "SELECT duplicate FROM api.webhook_receive(
		'paypal', '', false, '${3:-WH-$RANDOM$RANDOM}', '$1', '$2', '2.0', convert_to('{}', 'UTF8'))"
}

# Sign BODY as PayPal does and bring it to the door: the answer is in status and body.
present() { # BODY [KEY [WEBHOOK [CERT_URL [TIME [SENT_BODY]]]]]
	local id time sum signature
	id=$(printf '69cd13f0-d67a-11e5-baa3-%012d' "$RANDOM")
	time=${5:-$(date -u +%FT%TZ)}
	sum=$(printf '%s' "$1" | /usr/bin/python3 -c 'import sys, zlib; print(zlib.crc32(sys.stdin.buffer.read()))')
	signature=$(printf '%s|%s|%s|%s' "$id" "$time" "${3:-$WEBHOOK_ID}" "$sum" |
		openssl dgst -sha256 -sign "${2:-$PAYPAL_PKI/paypal.key}" | base64 -w 0)
	request POST /v1/webhooks/paypal "${6:-$1}" -H "Paypal-Transmission-Id: $id" \
		-H "Paypal-Transmission-Time: $time" -H "Paypal-Transmission-Sig: $signature" \
		-H 'Paypal-Auth-Algo: SHA256withRSA' \
		-H "Paypal-Cert-Url: ${4:-http://$PAYPAL/v1/notifications/certs/CERT-sim}"
}

# What was asked of the simulator in this file, and what it answers, is as PayPal publishes
# it; kept in seen.json.
described() {
	contracts=${SHOP_DATA:-$ROOT/../shared/data}/contracts/paypal
	[ -d "$contracts" ] || skip "no contracts at $contracts"
	/usr/bin/python3 -c 'import jsonschema' || skip "python3-jsonschema is missing"
	get() { # KIND PATH
		curl -sS "http://$PAYPAL/sim/state" | jq -r ".objects.$1[].id" | while read -r id; do
			paypal "$2/$id"
		done | jq -s .
	}
	{
		curl -sS "http://$PAYPAL/sim/requests" | jq '{requests: .}'
		get orders /v2/checkout/orders | jq '{objects: {order: .}}'
		get captures /v2/payments/captures | jq '{objects: {capture: .}}'
		get authorizations /v2/payments/authorizations | jq '{objects: {authorization: .}}'
		get refunds /v2/payments/refunds | jq '{objects: {refund: .}}'
		get disputes /v1/customer/disputes | jq '{objects: {dispute: .}}'
		curl -sS "http://$PAYPAL/sim/state" | jq '{objects: {event: .objects.events}}'
	} | jq -s 'reduce .[] as $x ({}; . * $x)' >"$RUN/seen.json"
	run -0 /usr/bin/python3 "$ROOT/tests/sim/paypal-sim/contract.py" "$contracts" <"$RUN/seen.json"
}
