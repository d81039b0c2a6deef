# What sending costs, from the operator's hand to the shopper's checkout.

load helper

setup_file() {
	shop_up
	shopctl warehouse create AMS-1 -q
	shopctl warehouse create BER-1 -q
	shopctl product import "$ROOT/tests/data/catalog.csv" -q
	shopctl shipping zone set DE --name Germany --area DE -q
	shopctl shipping zone set SYLT --area DE:25980 -q
	shopctl shipping rate set DE standard 4.90 --weight-until 20000 --free-above 100 \
		--name Parcel --reason setup -q
	shopctl shipping rate set DE express 9.90 --per-kg 1.50 --reason setup -q
	shopctl shipping rate set SYLT standard 14.90 --reason setup -q
}

@test "zones and rates are listed, changed and ended by hand" {
	run -0 shopctl shipping zone list --format tsv --no-header
	assert_output 'DE	Germany	DE	2
SYLT	SYLT	DE:25980	1'
	run -4 shopctl shipping zone set X --area DE
	assert_output --partial 'DE is in zone DE'
	run -65 shopctl shipping zone set X --area Germany
	run -4 shopctl shipping zone remove SYLT
	run -4 shopctl shipping rate set DE standard 1 --weight-from 100 --weight-until 200 --reason x
	assert_output --partial shipping_rates_never_overlap
	run -0 shopctl shipping rate set SYLT standard 15.90 --reason dearer \
		--format tsv --no-header --columns price
	assert_output '14.90	EUR
15.90	EUR'
	id=$(shopctl shipping rate list --zone SYLT --field id)
	run -0 shopctl shipping rate remove "$id" --reason gone
	run -0 shopctl shipping zone remove SYLT
	run -0 shopctl shipment quote MUG --country DE --postcode 25980 --field price
	assert_line --partial 4.90
}

@test "a quote has every method, and says when there is none" {
	run -0 shopctl shipment quote MUG:2 --country DE --format tsv --no-header \
		--columns method,name,price,zone
	assert_line 'standard	Parcel	4.90	EUR	DE'
	assert_line --regexp '^express	express	[0-9.]+	EUR	DE'
	run -4 shopctl shipment quote MUG --country FR
	assert_output --partial shipping_zone_serves
	run -4 shopctl shipment quote MUG --country DE --currency USD
}

@test "an order pays for the method that its customer chose" {
	place() {
		shopctl order place --line DOG-5KG:1 --email ann@example.org \
			--address '{"country":"DE","postal_code":"10115"}' "$@"
	}
	run -0 place --field total
	assert_output --partial 29.99
	run -0 place --shipping standard --field total
	assert_output --partial 34.89
	run -0 place --shipping express --field total
	assert_output --partial 47.39
	assert_equal "$(sql 'SELECT string_agg(shipping::text, $$ $$ ORDER BY shipping) FROM orders')" \
		'0 490 1740'
	run -4 place --shipping pigeon
	assert_output --partial 'pigeon does not send 5000 g for 29.99 EUR to DE'
	run -0 shopctl fsck
}

@test "the door takes a method, and refuses one that is not offered" {
	start_httpd
	API_KEY=$(shopctl api-client create web --scope checkout --field key 2>/dev/null)
	post() { # post KEY SHIPPING TOTAL
		curl -sS -o "$RUN/body" -w '%{http_code}' -H "Authorization: Bearer $API_KEY" \
			-H 'Content-Type: application/json' -H "Idempotency-Key: $1" -d '{"customer":
			{"email": "ann@example.org"}, "lines": [{"sku": "DOG-5KG", "qty": 1}],
			"currency": "EUR", "expected_total": {"amount": '"$3"', "currency": "EUR"},
			"shipping_address": {"line1": "Am Markt 1", "city": "Berlin", "country": "DE"},
			"shipping": '"$2"'}' "http://$HTTP/v1/checkouts"
	}
	assert_equal "$(post a '{"method": "standard"}' 3489)" 201
	assert_equal "$(post a '{"method": "standard"}' 3489)" 201 # replayed
	assert_equal "$(post a '{"method": "express"}' 3489)" 422
	assert_equal "$(post b '{"method": "standard"}' 2999)" 409
	assert_equal "$(post c '{"method": "pigeon"}' 2999)" 409
	run -0 jq -r .type "$RUN/body"
	assert_output urn:shop:rule:shipping_method_is_offered
	assert_equal "$(post d '{"way": "standard"}' 2999)" 422
	assert_equal "$(post e null 2999)" 201
	stop httpd
}
