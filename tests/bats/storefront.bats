# What a storefront reads, and what systems beside it say of the shelves.

load helper

setup_file() {
	shop_up
	sql "INSERT INTO warehouse (code) VALUES ('AMS-1'), ('BER-1')"
	shopctl product import "$BATS_TEST_DIRNAME/../data/catalog.csv" >/dev/null
	shopctl search reindex >/dev/null
	shopctl api-client create reader --scope catalog --field key -q >"$RUN/key"
	shopctl api-client create counter --scope inventory --field key -q >"$RUN/counter"
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

@test "products are listed page by page, each once" {
	local all=() next=
	for _ in {1..20}; do
		ask GET "/v1/products?sort=name&limit=3${next:+&cursor=$next}"
		[ "$status" = 200 ] || fail "$body"
		mapfile -t -O ${#all[@]} all < <(json '.items[].handle')
		next=$(json '.next // empty')
		[ -n "$next" ] || break
	done
	assert_equal "$(printf '%s\n' "${all[@]}" | sort | paste -sd ' ')" \
		"$(sql "SELECT string_agg(handle, ' ' ORDER BY handle COLLATE \"C\") FROM product WHERE status = 'active'")"
}

@test "filters, counts and words come in the query string" {
	ask GET '/v1/products/search?q=d%6Fg+food&facet=brand&brand=BestPet&in_stock=true&limit=5'
	assert_equal "$status $(json '.items[0].handle, .facets.brand[0].value' | paste -sd ' ')" "200 dog-food bestpet"
	ask GET '/v1/products?category=pets&sort=price&price_max=1299'
	assert_equal "$(json '[.items[].price.amount <= 1299] | all')" true
	ask GET '/v1/products/search?q=xyzzyx'
	assert_equal "$status $(json '.total')" "200 0"
}

@test "a query string that nobody can have meant is refused with 400" {
	for case in 'colour=red parameter_is_known' 'limit=0 page_is_bounded' 'limit=x value_is_valid' \
		'sort=up value_is_known' 'q=a&q=b parameter_is_given_once' 'q=%ff parameter_is_readable' \
		'q=%0 parameter_is_readable' 'cursor=hostile cursor_is_of_this_query' \
		'attribute=red attribute_filter_is_a_pair' "cursor=sold~1e99~1~'%3B-- cursor_is_of_this_query"; do
		ask GET "/v1/products?${case% *}"
		[ "$status" = 400 ] || fail "$case: $status $body"
		case ${case#* } in value_*) ;; *) problem 400 "${case#* }" ;; esac
	done
	ask GET /v1/products/search
	problem 400 parameter_is_given
	ask GET '/v1/products?category=nowhere'
	problem 404 category_exists
}

@test "one product is found by SKU and by handle, and kept by its ETag" {
	ask GET /v1/products/DOG-2KG
	assert_equal "$status $(json '.handle, .variants[0].price.amount' | paste -sd ' ')" "200 dog-food 1299"
	assert_equal "$(header cache-control)" "private, max-age=5"
	etag=$(header etag)
	ask GET /v1/products/dog-food
	assert_equal "$(header etag)" "$etag"
	ask GET /v1/products/DOG-2KG '' -H "If-None-Match: $etag"
	assert_equal "$status $body" "304 "
	ask GET /v1/products/NO-SUCH
	problem 404 product_exists
	ask GET /v1/products/DOG-2KG/recommendations
	assert_equal "$status $(json '.items | length')" "200 0"
	ask GET /v1/products/a/b/c
	problem 404 route_exists
	ask POST /v1/products/DOG-2KG
	problem 405 method_is_allowed
}

@test "a key without the scope may not" {
	API_KEY=$(cat "$RUN/counter") ask GET /v1/products
	problem 403 client_has_scope
	ask PUT /v1/inventory/DOG-2KG '{"warehouse":"AMS-1","on_hand":5,"expected":120}' -H 'Idempotency-Key: x'
	problem 403 client_has_scope
}

@test "a shelf is counted once for a key, by who knows what lay there" {
	API_KEY=$(cat "$RUN/counter")
	put() { ask PUT /v1/inventory/DOG-2KG "$@"; }
	put '{"warehouse":"AMS-1","on_hand":7,"expected":120,"reason":"count"}' -H 'Idempotency-Key: a'
	assert_equal "$status $(json .on_hand) $(header etag)" '200 7 "7"'
	put '{"warehouse":"AMS-1","on_hand":7,"expected":120,"reason":"count"}' -H 'Idempotency-Key: a'
	assert_equal "$status $(json .on_hand) $(header idempotency-replayed)" "200 7 true"
	put '{"warehouse":"AMS-1","on_hand":8}' -H 'Idempotency-Key: a' -H 'If-Match: "7"'
	problem 422 order_key_names_one_request
	put '{"warehouse":"AMS-1","on_hand":8}' -H 'Idempotency-Key: b' -H 'If-Match: "120"'
	problem 412 stock_is_as_expected
	put '{"warehouse":"AMS-1","on_hand":8,"expected":120}' -H 'Idempotency-Key: b'
	problem 409 stock_is_as_expected
	put '{"warehouse":"AMS-1","on_hand":8}' -H 'Idempotency-Key: b'
	problem 428 stock_is_as_expected
	put '{"warehouse":"AMS-1","on_hand":8}' -H 'Idempotency-Key: b' -H 'If-Match: "7"'
	assert_equal "$status $(json .on_hand)" "200 8"
	assert_equal "$(sql "SELECT string_agg(delta::text, ' ' ORDER BY id) FROM stock_movement WHERE actor LIKE 'api_client:%'")" "-113 1"
	assert_equal "$(sql "SELECT count(*) FROM audit_log WHERE action = 'stock.set' AND reason IN ('count', 'inventory')")" 2
	put '{"warehouse":"AMS-1","on_hand":8}' -H 'If-Match: *'
	problem 400 order_has_a_key
}

@test "every answer of these tests is as /openapi.json says" {
	[ "$(wc -l <"$RUN/answers")" -gt 25 ]
	/usr/bin/python3 "$BATS_TEST_DIRNAME/door.py" check "$RUN/answers"
}
