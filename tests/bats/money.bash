# What the files about money share, after `load helper`: a shop with something to
# sell, its provider, and hands on the clock.
# shellcheck disable=SC2154 # status, output and body are the helper's

# One product, ten of it, and a provider whose webhooks nobody hears: each test sends
# or withholds what it is about.
money_up() {
	shop_up
	sql "INSERT INTO product (handle, title, status) VALUES ('dog', 'Dog food', 'active');
		INSERT INTO variant (product_id, sku, title, options) VALUES (1, 'DOG-5KG', 'Dog food 5 kg', '{5 kg}'),
			(1, 'CAT-1KG', 'Cat food 1 kg', '{1 kg}');
		INSERT INTO price (variant_id, currency, amount) VALUES (1, 'EUR', 5000), (2, 'EUR', 999);
		INSERT INTO warehouse (code, country) VALUES ('BER', 'DE');
		INSERT INTO stock (variant_id, warehouse_id, on_hand) VALUES (1, 1, 1000), (2, 1, 1000);
		INSERT INTO stock_movement (variant_id, warehouse_id, delta, reason, actor)
			VALUES (1, 1, 1000, 'receive', 'test'), (2, 1, 1000, 'receive', 'test')"
	export SHOP_STRIPE_TIMEOUT_MS=1000 SHOP_STRIPE_RATE_PER_SECOND=0
	start_stripe --webhook-tries 1 "$@"
	echo "$STRIPE" >"$RUN/stripe"
}

# place [shopctl order place options]: an order of 100.00 EUR; sets order.
place() {
	[ "${1-}" = --line ] || set -- --line DOG-5KG:2 "$@"
	order=$(shopctl order place --email ada@example.com --field order "$@")
}

# Ask the provider as its dashboard, or a customer's browser, would.
stripe() { # METHOD PATH [BODY]
	curl -sS -m 10 -X "$1" -H "Authorization: Bearer $(cat "$KEY_FILE")" \
		-H 'Stripe-Version: 2023-08-16' ${3+--data-binary "$3"} "http://$STRIPE$2"
}

sim() { curl -sSf -m 10 -X POST --data-binary "${2:-{\}}" "http://$STRIPE/sim/$1" >/dev/null; }
fault() { sim faults "$1"; }
intents() { stripe GET "/v1/payment_intents?limit=100" | jq "[.data[] | select(.metadata.order_id == \"$order\")${1:+ | $1}]${2:- | length}"; }

# The customer pays in the browser.
pay() { # [METHOD [INTENT]]
	stripe POST "/v1/payment_intents/${2:-$(ref)}/confirm" "payment_method=${1:-pm_card_visa}&return_url=http://127.0.0.1/" |
		jq -r '.status // .error.code'
}

ref() { sql "SELECT provider_ref FROM payment WHERE order_id = $order ORDER BY id LIMIT 1"; }
state() { sql "SELECT o.state || ' ' || p.state FROM orders o JOIN payment p ON p.order_id = o.id
	WHERE o.id = $order ORDER BY p.id LIMIT 1"; }
refunds() { sql "SELECT string_agg(state || ' ' || amount, ', ' ORDER BY id) FROM refund WHERE order_id = $order"; }
reserved() { sql "SELECT reserved FROM stock WHERE variant_id = ${1:-1}"; }
mails_of() { sql "SELECT string_agg(event, ' ' ORDER BY id) FROM notification WHERE order_id = $order"; }
postings() { sql "SELECT string_agg(kind, ' ' ORDER BY id) FROM ledger_entry WHERE order_id = $order"; }
incidents() { sql "SELECT coalesce(string_agg(kind, ' ' ORDER BY id), '') FROM incident WHERE order_id = $order"; }

# The time of every job has come, and of asking again who did not answer.
due() {
	sql "UPDATE job_later SET run_at = now() - interval '1 s' WHERE run_at > now();
		UPDATE breaker SET probe_at = now() - interval '1 s' WHERE state <> 'closed' AND reason IS NULL"
}

# The reservation of the order has run out.
run_out() {
	sql "UPDATE orders SET expires_at = now() - interval '1 s' WHERE id = $order;
		UPDATE job_later SET run_at = now() - interval '1 s' WHERE kind = 'reservation.expire' AND subject = $order"
}

# Everything about money that is ready, and what that makes ready; without mail.
worker() {
	for _ in 1 2 3 4; do
		PGUSER=shop_worker timeout --foreground -k 5 60 "$BUILD/shop-worker" run --once \
			--queue payment --queue refund --queue reservation --queue webhook "$@" \
			2>>"$RUN/worker.log" || return
		# Only what these queues do: a turn more would do what was put off, too.
		[ "$(sql "SELECT count(*) FROM job WHERE kind ~ '^(payment|refund|reservation|webhook|dispute)[.]'")" != 0 ] || return 0
	done
}

# The provider's event about an object, as the door would have stored it.
hook() { # TYPE OBJECT [EVENT [METADATA-LESS BODY]]
	PGUSER=shop_http psql -qXAt -v ON_ERROR_STOP=1 -c "SELECT duplicate FROM api.webhook_receive(
		'stripe', '', false, '${3:-evt_$RANDOM$RANDOM}', '$1', '$2', '2023-08-16',
		convert_to('${4:-{\}}', 'UTF8'))"
}

clean() {
	run shopctl fsck
	assert_output --partial 'fsck: clean'
}
