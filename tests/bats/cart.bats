# Carts that we keep: changed, priced, merged, ordered once and forgotten.

load helper

setup_file() {
	shop_up
	sql "INSERT INTO warehouse (code) VALUES ('AMS-1'), ('BER-1')"
	shopctl product import "$BATS_TEST_DIRNAME/../data/catalog.csv" >/dev/null
	sql "INSERT INTO customer (email) VALUES ('ann@example.org'), ('bob@example.org')"
	shopctl api-client create shop --scope checkout --field key -q >"$RUN/key"
	shopctl api-client create other --scope checkout --field key -q >"$RUN/other"
	start_httpd
	curl -sS "http://$HTTP/openapi.json" >"$RUN/answers.openapi"
}

teardown_file() { shop_down; }

setup() {
	API_KEY=$(cat "$RUN/key")
	export API_KEY
}

header() { sed -n "s/^$1: //Ip" <<<"$headers"; }

# request, and remember the answer for the comparison with /openapi.json.
ask() {
	request "$@"
	jq -cn --arg method "$1" --arg path "${2%%\?*}" --argjson status "$status" \
		--arg type "$(header content-type)" --arg body "$body" '$ARGS.named' >>"$RUN/answers"
}

problem() { assert_equal "$status $(json .type)" "$1 urn:shop:rule:$2"; }

open_cart() { # LINES [MORE]
	ask POST /v1/carts "{\"currency\":\"EUR\",\"lines\":[$1]${2-}}"
	[ "$status" = 201 ] || fail "$body"
	cart=$(json .id)
}

# checkout KEY VERSION QTY: of the cart.
checkout() {
	ask POST /v1/checkouts "{\"customer\":{\"email\":\"ann@example.org\"},\"lines\":[{\"sku\":\"DOG-2KG\",\"qty\":$3}],
		\"currency\":\"EUR\",\"expected_total\":{\"amount\":$(($3 * 1299)),\"currency\":\"EUR\"},
		\"cart\":{\"id\":\"$cart\",\"version\":$2}}" -H "Idempotency-Key: $1"
}

@test "lines are added, set and taken out, each a version" {
	open_cart '{"sku":"DOG-2KG","qty":1}'
	assert_equal "$(header etag) $(header location) $(json .subtotal.amount)" "\"1\" /v1/carts/$cart 1299"
	ask POST "/v1/carts/$cart/lines" '{"sku":"DOG-2KG","qty":2}'
	assert_equal "$(json '.version, .lines[0].qty, .subtotal.amount' | paste -sd ' ')" "2 3 3897"
	ask PATCH "/v1/carts/$cart/lines/DOG-2KG" '{"qty":5}' -H 'If-Match: "1"'
	problem 412 cart_is_current
	ask PATCH "/v1/carts/$cart/lines/DOG-2KG" '{"qty":5}' -H 'If-Match: "2"'
	assert_equal "$status $(header etag) $(json '.lines[0].qty')" '200 "3" 5'
	ask DELETE "/v1/carts/$cart/lines/DOG-2KG"
	assert_equal "$status $(json '.lines | length')" "200 0"
	ask DELETE "/v1/carts/$cart/lines/DOG-2KG"
	problem 404 cart_line_exists
	ask POST "/v1/carts/$cart/quote" '{}'
	problem 409 order_has_lines
	ask POST "/v1/carts/$cart/lines" '{"sku":"DOG-2KG","qty":1,"colour":"red"}'
	problem 422 request_is_valid
}

@test "a quote is what the checkout of the cart costs, coupons and all" {
	open_cart '{"sku":"DOG-2KG","qty":2}'
	ask POST "/v1/carts/$cart/coupons" '{"code":"nonsense"}'
	ask POST "/v1/carts/$cart/quote" '{"country":"DE"}'
	assert_equal "$status $(json '.total.amount, .refused_coupons[0].code' | paste -sd ' ')" "200 2598 NONSENSE"
	ask DELETE "/v1/carts/$cart/coupons/nonsense"
	assert_equal "$status $(json '.coupons | length')" "200 0"
	ask DELETE "/v1/carts/$cart/coupons/nonsense"
	problem 404 cart_coupon_exists
}

@test "a quote says how the cart can be sent, and what it costs so, as its checkout does" {
	shopctl shipping zone set DE --name Germany --area DE -q
	shopctl shipping rate set DE standard 4.90 --free-above 100 --reason setup -q
	shopctl shipping rate set DE express 9.90 --reason setup -q
	open_cart '{"sku":"DOG-2KG","qty":2}'
	ask POST "/v1/carts/$cart/quote" '{"country":"FR"}'
	assert_equal "$status $(jq -c '[.shipping_methods, .shipping]' <<<"$body")" '200 [[],0]'
	ask POST "/v1/carts/$cart/quote" '{"country":"DE"}'
	assert_equal "$(jq -c '[.shipping, .total.amount] + [.shipping_methods[] | .method, .price]' <<<"$body")" \
		'[0,2598,"standard",490,"express",990]'
	ask POST "/v1/carts/$cart/quote" '{"country":"DE","shipping":{"method":"pigeon"}}'
	problem 409 shipping_method_is_offered
	ask POST "/v1/carts/$cart/quote" '{"country":"DE","shipping":{"method":"express"}}'
	assert_equal "$(jq -c '[.shipping, .total.amount]' <<<"$body")" '[990,3588]'
	ask POST /v1/checkouts "{\"customer\":{\"email\":\"ann@example.org\"},\"lines\":[{\"sku\":\"DOG-2KG\",\"qty\":2}],
		\"currency\":\"EUR\",\"expected_total\":$(json ".total | tojson"),\"shipping\":{\"method\":\"express\"},
		\"shipping_address\":{\"country\":\"DE\",\"line1\":\"Weg 1\",\"city\":\"Berlin\",\"postal_code\":\"10115\"},
		\"cart\":{\"id\":\"$cart\",\"version\":$(json .cart.version)}}" -H "Idempotency-Key: sent"
	assert_equal "$status $(json .total.amount)" '201 3588'
}

@test "a cart is ordered once, as it is now" {
	open_cart '{"sku":"DOG-2KG","qty":1}'
	checkout stale 7 1
	problem 409 cart_is_current
	checkout lines 1 2
	problem 409 cart_is_current
	checkout good 1 1
	[ "$status" = 201 ] || fail "$body"
	checkout good 1 1
	assert_equal "$status $(header idempotency-replayed)" "201 true"
	checkout again 1 1
	problem 409 cart_used_once
	checkout later 2 1
	problem 409 cart_is_open
	ask GET "/v1/carts/$cart"
	problem 409 cart_is_open
	cart=ct_000000000000000000000000 checkout none 1 1
	problem 409 cart_exists
}

@test "who signs in has one cart: lines add up, coupons are kept" {
	open_cart '{"sku":"DOG-2KG","qty":1}' ',"customer_id":"1"'
	theirs=$cart
	open_cart '{"sku":"DOG-2KG","qty":2}'
	ask POST "/v1/carts/$cart/coupons" '{"code":"spring"}'
	ask POST "/v1/carts/$cart/merge" '{"customer_id":"1"}'
	assert_equal "$status $(json '.id, .lines[0].qty, .coupons[0]' | paste -sd ' ')" "200 $theirs 3 SPRING"
	ask POST "/v1/carts/$cart/lines" '{"sku":"DOG-2KG","qty":1}'
	problem 409 cart_is_open
	ask POST "/v1/carts/$theirs/merge" '{"customer_id":"2"}'
	problem 409 cart_is_of_one_customer
	API_KEY=$(cat "$RUN/other") ask GET "/v1/carts/$theirs"
	problem 404 cart_exists
}

@test "a cart that nobody touches expires and goes" {
	open_cart '{"sku":"DOG-2KG","qty":1}'
	sql "UPDATE cart SET expires_at = now() - interval '1 s' WHERE id = '$cart'"
	ask GET "/v1/carts/$cart"
	problem 404 cart_exists
	sql "UPDATE job_schedule SET next_at = now() WHERE name = 'housekeeping.cart_purge'"
	work
	assert_equal "$(sql "SELECT count(*) FROM cart WHERE id = '$cart'")" 0
}

@test "every answer of these tests is as /openapi.json says" {
	[ "$(wc -l <"$RUN/answers")" -gt 25 ]
	/usr/bin/python3 "$BATS_TEST_DIRNAME/door.py" check "$RUN/answers"
}
