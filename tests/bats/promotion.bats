#!/usr/bin/env bats
# Promotions and coupons from the storefront's request to the money that goes back.
load helper
load money

setup_file() {
	money_up
	shopctl api-client create tests --scope checkout --field key -q >"$RUN/key"
	start_httpd
}
teardown_file() { shop_down; }
setup() {
	STRIPE=$(cat "$RUN/stripe")
	HTTP=$(cat "$RUN/http")
	API_KEY=$(cat "$RUN/key")
	export API_KEY
}
# No automatic promotion outlives the test that made it.
teardown() { sql "UPDATE promotion SET enabled = false"; }

# promote NAME [options of promotion create]: made and enabled.
promote() {
	shopctl promotion create "$@" -q >/dev/null
	sql "UPDATE promotion SET enabled = true WHERE name = '$1'"
}

basket() { # SKU QTY EXPECTED [CODE...]: a guest's
	jq -cn --arg sku "$1" --argjson qty "$2" --argjson total "$3" '{customer: {email: "ann@example.org"},
		lines: [{$sku, $qty}], currency: "EUR", expected_total: {amount: $total, currency: "EUR"},
		coupons: $ARGS.positional}' --args "${@:4}"
}

checkout() { request POST /v1/checkouts "$2" -H "Idempotency-Key: $1"; }

refused() { # RULE: by the last request
	assert_equal "$status $(json .type)" "409 urn:shop:rule:$1"
}

coupon() { shopctl coupon show "$1" --columns used,state --no-header --format tsv | tr '\t' ' '; }

@test "a coupon with one use left is used by one of fifty who ask at once" {
	promote HALF --percent 50
	shopctl coupon create LAST --promotion HALF --max-uses 1 -q >/dev/null
	local i
	for i in $(seq 50); do
		[ "$i" = 1 ] || echo next
		printf 'url = "http://%s/v1/checkouts"\noutput = "%s"\nwrite-out = "%%{http_code}\\n"\nmax-time = 60\n' \
			"$HTTP" "$RUN/answer.$i"
		printf 'header = "%s"\n' "Authorization: Bearer $API_KEY" "Idempotency-Key: last-$i" 'Content-Type: application/json'
		printf 'data-binary = "@%s"\n' "$RUN/basket"
	done >"$RUN/fifty"
	basket DOG-5KG 1 2500 last >"$RUN/basket"
	run -0 --separate-stderr curl -sS --parallel --parallel-immediate --parallel-max 50 --config "$RUN/fifty"
	assert_equal "$(sort <<<"$output" | uniq -c | tr -s ' \n' ' ')" " 1 201 49 409 "
	assert_equal "$(jq -r .type "$RUN"/answer.* | sort | uniq -c | tr -s ' \n' ' ')" \
		" 1 null 49 urn:shop:rule:coupon_used_up "
	assert_equal "$(coupon LAST)" "1 used_up"
	# the same key asks again, and it is the same order
	checkout "$(sql "SELECT key FROM orders ORDER BY id DESC LIMIT 1")" "$(cat "$RUN/basket")"
	assert_equal "$status" 201
	clean
}

@test "every refusal of a coupon has its own rule" {
	promote FIVE --amount 5.00EUR --min-total 60.00EUR --per-customer 1
	promote GONE --percent 10 --until 2020-01-02 --from 2020-01-01
	promote SOON --percent 10 --from 2099-01-01
	promote ALONE --percent 10 --stacking exclusive --priority 1
	promote CATS --percent 10 --sku CAT-1KG
	promote VIP --percent 10 --first-order --customer "$(sql "INSERT INTO customer (email)
		VALUES ('vip@example.org') RETURNING id")"
	local name codes
	sql "INSERT INTO coupon (promotion_id, code) SELECT id, name FROM promotion WHERE name IN
		('FIVE', 'GONE', 'SOON', 'ALONE', 'CATS', 'VIP')"
	while read -r name codes; do
		# shellcheck disable=SC2086 # words
		checkout "r-$name" "$(basket DOG-5KG 1 5000 $codes)"
		refused "$name"
	done <<-END
		coupon_unknown NOPE
		coupon_not_for_this_basket five
		coupon_expired GONE
		coupon_not_yet_valid SOON
		coupon_not_combinable alone FIVE
		coupon_not_for_this_basket cats
		coupon_not_for_this_customer vip
	END
	checkout wrong "$(basket DOG-5KG 2 10000 FIVE)"
	refused order_total_is_agreed
	checkout right "$(basket DOG-5KG 2 9500 FIVE)"
	assert_equal "$status" 201
	request GET "/v1/checkouts/$(json .id)"
	assert_equal "$(json '[.subtotal, .discount, .total | .amount] | join(" ")')" "10000 500 9500"
	checkout more "$(basket DOG-5KG 2 9500 FIVE)"
	refused coupon_used_by_customer
	shopctl promotion disable FIVE --reason test -q >/dev/null
	checkout off "$(basket DOG-5KG 2 9500 FIVE)"
	refused coupon_expired
	checkout many "$(basket DOG-5KG 2 9500 a b c d e f)"
	assert_equal "$status $(json '.errors[0].pointer')" "422 /coupons"
	clean
}

@test "what is automatic is on every basket while it is live, and its budget is never passed" {
	promote ALL --percent 10 --automatic --budget 15.00EUR
	checkout a1 "$(basket DOG-5KG 2 9000)"
	assert_equal "$status" 201
	# ten more would be more than the budget: this basket has the whole price
	checkout a2 "$(basket DOG-5KG 2 9000)"
	refused order_total_is_agreed
	checkout a3 "$(basket DOG-5KG 2 10000)"
	assert_equal "$status" 201
	checkout a4 "$(basket DOG-5KG 1 4500)"
	assert_equal "$status" 201
	assert_equal "$(shopctl promotion show ALL --field state)" used_up
	run -0 shopctl promotion usage ALL --columns orders,discount --no-header --format tsv
	assert_output "$(printf '2\t15.00\tEUR')"
	clean
}

@test "an order that nobody pays gives its coupon back, and late money takes it again or goes back" {
	promote ONCE --percent 20
	shopctl coupon create ONCE --promotion ONCE --max-uses 1 -q >/dev/null
	place --line DOG-5KG:1 --coupon once
	local first=$order intent
	worker
	intent=$(ref)
	assert_equal "$(coupon ONCE)" "1 used_up"
	run -4 shopctl order place --email ada@example.com --line DOG-5KG:1 --coupon ONCE
	assert_output --partial coupon_used_up
	run_out
	worker
	assert_equal "$(state)" "expired canceled"
	assert_equal "$(coupon ONCE)" "0 live"
	# canceled before a cent was taken: given back, too
	place --line DOG-5KG:1 --coupon ONCE
	worker
	shopctl order cancel "$order" --reason test -q >/dev/null
	worker
	assert_equal "$(state)" "canceled canceled"
	assert_equal "$(coupon ONCE)" "0 live"
	# somebody else has it; what the first one's bank sends late goes back
	place --line DOG-5KG:1 --coupon ONCE
	worker
	assert_equal "$(pay)" succeeded
	hook payment_intent.succeeded "$(ref)" >/dev/null
	worker
	assert_equal "$(state)" "paid captured"
	sql "SELECT redemptions_left($first)" >"$RUN/left"
	assert_equal "$(cat "$RUN/left")" f
	# and paid, then canceled, it stays used
	shopctl order cancel "$order" --reason test -q >/dev/null
	worker
	assert_equal "$(coupon ONCE)" "1 used_up"
	clean
}

@test "a discounted order refunded line by line gives back what was paid, to the cent" {
	promote THIRD --percent 33.33
	sql "INSERT INTO coupon (promotion_id, code) SELECT id, name FROM promotion WHERE name = 'THIRD'"
	place --line DOG-5KG:2 --line CAT-1KG:3 --coupon THIRD
	worker
	assert_equal "$(pay)" succeeded
	hook payment_intent.succeeded "$(ref)" >/dev/null
	worker
	assert_equal "$(state)" "paid captured"
	local sku total
	total=$(sql "SELECT total FROM orders WHERE id = $order")
	assert_equal "$total" $((12997 - 4332))
	for sku in DOG-5KG CAT-1KG CAT-1KG DOG-5KG CAT-1KG; do
		shopctl refund create "$order" --line "$sku:1" --reason test -q >/dev/null
	done
	worker
	assert_equal "$(sql "SELECT sum(amount) FROM refund WHERE order_id = $order AND state <> 'rejected'")" "$total"
	run shopctl order show "$order" --format json
	assert_equal "$(jq -r .discount.minor <<<"$output")" 4332
	sql "SELECT api.rollup_fold(1000)" >/dev/null
	for by in promotion coupon; do
		run -0 shopctl report sales --by $by --since 1d --columns item,title,orders,units,returned,gross,net \
			--format json
		assert_equal "$(jq -c '.items[] | select(.item == "THIRD") | [.title, .orders, .units, .returned, .gross.minor, .net.minor]' <<<"$output")" \
			"[\"THIRD\",1,5,5,$total,0]"
	done
	run -0 shopctl report rollup verify
	clean
}

@test "what a promotion would have cost over past orders is what it takes off the same baskets" {
	shopctl promotion create NEXT --percent 15 --sku CAT-1KG --min-qty 2 --automatic -q >/dev/null
	local since
	since=$(sql "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
	for i in 1 2 3; do place --line "CAT-1KG:$i" --line DOG-5KG:1; done
	run -0 shopctl promotion simulate NEXT --orders-since "$since" --columns orders,given,discount --no-header --format tsv
	assert_output "$(printf '3\t2\t7.50\tEUR')"
	shopctl promotion enable NEXT --reason test -q >/dev/null
	since=$(sql "SELECT max(id) FROM orders")
	for i in 1 2 3; do place --line "CAT-1KG:$i" --line DOG-5KG:1; done
	assert_equal "$(sql "SELECT sum(discount) FROM orders WHERE id > $since")" 750
	clean
}
