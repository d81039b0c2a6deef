#!/usr/bin/env bats
# Carriers are asked where parcels are; what they say late, twice or wrongly does no harm.
load helper

setup_file() {
	shop_up
	sql "INSERT INTO product (handle, title, status) VALUES ('dog', 'Dog food', 'active');
		INSERT INTO variant (product_id, sku, title) VALUES (1, 'DOG-5KG', 'Dog food 5 kg');
		INSERT INTO price (variant_id, currency, amount) VALUES (1, 'EUR', 5000);
		INSERT INTO warehouse (code, country) VALUES ('BER', 'DE');
		INSERT INTO stock (variant_id, warehouse_id, on_hand) VALUES (1, 1, 1000);
		INSERT INTO stock_movement (variant_id, warehouse_id, delta, reason, actor)
			VALUES (1, 1, 1000, 'receive', 'test')"
	mkdir "$RUN/carrier"
	(umask 077 && echo key >"$RUN/easypost" && echo secret >"$RUN/ups")
	start carrier "$ROOT/tests/sim/carrier-sim" "$RUN/carrier"
	wait_until 15 test -s "$RUN/carrier/port"
	SHOP_CARRIER_UPS_BASE_URL=http://127.0.0.1:$(cat "$RUN/carrier/port")
	export SHOP_CARRIER_UPS_BASE_URL SHOP_CARRIER_EASYPOST_BASE_URL=$SHOP_CARRIER_UPS_BASE_URL
	export SHOP_CARRIER_TRACKER=easypost SHOP_CARRIER_EASYPOST_KEY_FILE=$RUN/easypost
	export SHOP_CARRIER_UPS_CLIENT_ID=app SHOP_CARRIER_UPS_CLIENT_SECRET_FILE=$RUN/ups
	export SHOP_CARRIER_TIMEOUT_MS=1000 SHOP_CARRIER_RATE_PER_SECOND=0
}

setup() { rm -f "$RUN/carrier/fault"; }

# An order of which all has left with CARRIER under NUMBER; sets order and parcel.
sent() {
	order=$(shopctl order place --line DOG-5KG:1 --email ada@example.com --pay manual --field order)
	shopctl payment match "$order" --amount 50.00EUR --reference "bank-$order" --reason paid -q
	parcel=$(shopctl shipment create "$order" --carrier "$1" --tracking "$2" --field id)
	shopctl shipment ship "$parcel" -q
}

# The carrier's list of events: "TIME STATUS" each.
told() { printf '%s\n' "${@:2}" >"$RUN/carrier/parcels/$1"; }

# The time of the next question has come, and a worker asks.
ask() {
	sql "UPDATE shipment SET poll_at = now() - interval '1 s' WHERE poll_at IS NOT NULL;
		UPDATE job_later SET run_at = now() - interval '1 s' WHERE kind = 'shipment.poll';
		UPDATE breaker SET probe_at = now() - interval '1 s' WHERE state <> 'closed'"
	PGUSER=shop_worker timeout --foreground -k 5 60 "$BUILD/shop-worker" run --once \
		--queue shipment 2>>"$RUN/worker.log"
}

states() { sql "SELECT s.state || ' ' || o.state FROM shipment s JOIN orders o ON o.id = s.order_id
	WHERE s.id = $parcel"; }
jobs() { sql "SELECT (SELECT count(*) FROM job_later WHERE kind = 'shipment.poll' AND subject = $parcel)
	+ (SELECT count(*) FROM job WHERE kind = 'shipment.poll' AND subject = $parcel)"; }
heard() { sql "SELECT string_agg(status || CASE WHEN moved THEN '' ELSE '-' END, ' ' ORDER BY happened_at, id)
	FROM tracking_event WHERE shipment_id = $parcel"; }

@test "a parcel is followed through EasyPost until it is delivered, and the customer is told" {
	local at
	at=$(date -u +%Y-%m-%dT%H)
	sent dhl 00340 # nobody speaks DHL's own language
	ask
	assert_equal "$(states) $(jobs)" "handed_over shipped 1" # not known there yet
	told 00340 "$at:00:01Z pre_transit" "$at:00:02Z in_transit"
	ask
	assert_equal "$(states)" "in_transit shipped"
	told 00340 "$at:00:04Z delivered" "$at:00:02Z in_transit" "$at:00:03Z failure" "$at:00:02Z in_transit"
	ask
	assert_equal "$(states) $(jobs)" "delivered delivered 0"
	assert_equal "$(heard)" "in_transit exception delivered"
	assert_equal "$(sql "SELECT count(*) FROM notification WHERE order_id = $order AND event = 'delivered'")" 1
	assert_equal "$(sql "SELECT DISTINCT source FROM tracking_event WHERE shipment_id = $parcel")" easypost
	run -0 shopctl fsck
}

@test "UPS is asked with its token; what is told late, twice or wrongly moves nothing back" {
	local at
	at=$(date -u +%Y-%m-%dT%H)
	sent ups 1Z999AA10123456784
	told 1Z999AA10123456784 "$at:00:03Z out_for_delivery" "$at:00:01Z in_transit"
	ask
	ask
	assert_equal "$(states) $(heard)" "in_transit shipped in_transit in_transit-"
	grep -q 'GET /api/track/v1/details/1Z999AA10123456784' "$RUN/carrier/calls"
	shopctl shipment track "$parcel" returning -q
	told 1Z999AA10123456784 "$at:00:04Z failure" "2099-01-01T00:00:00Z delivered"
	ask
	assert_equal "$(states)" "returning shipped"
	assert_equal "$(jobs)" 1
	told 1Z999AA10123456784 "$at:00:05Z return_to_sender"
	ask
	assert_equal "$(states) $(jobs)" "returned shipped 0"
	assert_equal "$(sql "SELECT count(*) FROM incident WHERE order_id = $order AND kind = 'shipment_returned'")" 1
}

@test "trouble of the carrier loses nothing: asked again, through the breaker" {
	local kind
	sent ups 1Z0000000000000001
	told 1Z0000000000000001 "$(date -u +%Y-%m-%dT%H):00:01Z delivered"
	for kind in busy broken garbage huge late denied; do
		echo "$kind" >"$RUN/carrier/fault"
		ask
		assert_equal "$kind $(states) $(jobs)" "$kind handed_over shipped 1"
	done
	run -0 shopctl breaker list --format tsv --no-header
	assert_output --partial ups
	rm "$RUN/carrier/fault"
	ask
	assert_equal "$(states) $(jobs)" "delivered delivered 0"
}

@test "who has no number, or a carrier that nobody speaks to, is followed by hand" {
	SHOP_CARRIER_TRACKER='' SHOP_CARRIER_UPS_CLIENT_ID='' sent post 12345
	SHOP_CARRIER_TRACKER='' SHOP_CARRIER_UPS_CLIENT_ID='' SHOP_CARRIER_EASYPOST_KEY_FILE='' ask
	assert_equal "$(states) $(jobs)" "handed_over shipped 0"
	sent ups 'no number/../x'
	: >"$RUN/carrier/calls"
	ask
	assert_equal "$(jobs) $(wc -l <"$RUN/carrier/calls")" "0 0"
}
