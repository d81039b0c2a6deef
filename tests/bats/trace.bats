# One trace from the request of a shopper to the call of the provider, in the logs and in
# what is exported; an exporter that is away costs nobody anything.

load helper
load money

setup_file() {
	money_up
	export SHOP_TRACE_SOCKET=$RUN/spans.sock
	shopctl api-client create tests --scope checkout --field key -q >"$RUN/key"
	start_httpd
}

setup() {
	API_KEY=$(cat "$RUN/key") HTTP=$(cat "$RUN/http") STRIPE=$(cat "$RUN/stripe")
	export API_KEY
}

teardown() {
	stop exporter || true
	stop collector || true
}

collect() { # STATUS...
	PORT=$(free_port)
	rm -f "$RUN/collected"
	: >"$RUN/collected"
	start collector /usr/bin/python3 "$ROOT/tests/bats/collector.py" "$PORT" "$RUN/collected" "$@"
	wait_until 10 bash -c ": </dev/tcp/127.0.0.1/$PORT"
	export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:$PORT/ OTEL_BSP_SCHEDULE_DELAY=100
}

export_them() {
	start exporter env "$@" "$BUILD/shop-worker" export-spans --metrics-file "$RUN/spans.prom"
	ready exporter "[ -S $RUN/spans.sock ]"
}

spans() { jq -s "[.[].spans[]] | $1" "$RUN/collected"; }
spans_are() { [ "$(spans "$1")" = "$2" ]; }

basket='{"customer":{"email":"ann@example.org","name":"Ann"},"lines":[{"sku":"DOG-5KG","qty":2}],"currency":"EUR","expected_total":{"amount":10000,"currency":"EUR"},"payment":{"method":"pm_card_visa"}}'

@test "a request, its jobs and the provider's calls are spans of the caller's trace, decoded strictly" {
	collect 200
	export_them OTEL_RESOURCE_ATTRIBUTES="deployment.environment=test%20bed" \
		OTEL_EXPORTER_OTLP_HEADERS="x-token=a%20b"
	trace=4bf92f3577b34da6a3ce929d0e0e4736
	request POST /v1/checkouts "$basket" -H 'Idempotency-Key: t1' \
		-H "traceparent: 00-$trace-00f067aa0ba902b7-01"
	assert_equal "$status" 201
	order=$(jq -r .id <<<"$body")
	work 2>"$RUN/worker.json"
	wait_until 15 spans_are '[.[] | select(.name == "stripe payment.create")] | length' 1
	wait_until 15 spans_are '[.[] | select(.name == "payment.submit")] | length' 1
	assert_equal "$(spans "[.[] | select(.name == \"POST /v1/checkouts\" and .traceId == \"$trace\") |
		[.kind, .parentSpanId, .resource[\"service.name\"], .attributes[\"http.response.status_code\"],
		.attributes[\"shop.order_id\"]]] | tojson")" \
		"\"[[2,\\\"00f067aa0ba902b7\\\",\\\"shop-httpd\\\",\\\"201\\\",\\\"$order\\\"]]\""
	assert_equal "$(spans "[.[] | select(.name == \"payment.submit\")][0] as \$job |
		[.[] | select(.name == \"stripe payment.create\")][0] |
		.parentSpanId == \$job.spanId and .kind == 3 and \$job.kind == 5 and
		.traceId == \"$trace\" and \$job.traceId == \"$trace\" and
		.attributes[\"shop.order_id\"] == \"$order\" and \$job.attributes[\"shop.job_id\"] != null")" true
	assert_equal "$(jq -s '[.[].faults[]] | length' "$RUN/collected")" 0
	assert_equal "$(jq -sr '.[0] | [.path, .headers["x-token"], .headers["content-type"],
		.spans[0].resource["deployment.environment"]] | join("|")' "$RUN/collected")" \
		"/v1/traces|a b|application/json|test bed"
	assert_equal "$(jq -r 'select(.event == "provider_call") | .order_id + " " + .trace_id' "$RUN/worker.json")" \
		"$order $trace"
	assert_equal "$(jq -r 'select(.event == "provider_call") | has("job_id") and has("span_id")' "$RUN/worker.json")" true
}

@test "what began with us is the parent of its jobs" {
	collect 200
	export_them
	place
	work 2>"$RUN/worker.json"
	wait_until 15 spans_are '[.[] | select(.name == "payment.submit")] | length' 1
	wait_until 15 spans_are '[.[] | select(.name == "shopctl order place")] | length' 1
	assert_equal "$(spans '[.[] | select(.name == "shopctl order place")][0] as $first |
		[.[] | select(.name == "payment.submit")][0] |
		.parentSpanId == $first.spanId and .traceId == $first.traceId and
		$first.parentSpanId == null and $first.kind == 1')" true
}

@test "an overloaded collector is asked again with the same spans; what it refuses is lost and counted" {
	collect 503 200 400
	export_them
	shopctl product list >/dev/null
	wait_until 20 spans_are '[.[] | select(.name == "shopctl product list")] | length' 2
	assert_equal "$(jq -sc 'map(.status)' "$RUN/collected")" "[503,200]"
	assert_equal "$(spans 'map(.spanId) | unique | length')" 1
	shopctl product list >/dev/null
	wait_until 20 grep -qsF 'shop_spans_exported_total{result="not_taken"} 1' "$RUN/spans.prom"
	assert_file_contains "$RUN/spans.prom" 'shop_spans_exported_total{result="taken"} 1'
	assert_file_contains "$RUN/exporter.log" '"spans_lost"'
}

@test "with no exporter, work goes on and the drops are counted" {
	rm -f "$RUN/spans.sock"
	run -0 shopctl product list
	request GET /livez
	assert_equal "$status" 200
	curl -sS --unix-socket "$RUN/admin.sock" http://admin/metrics |
		grep -F 'shop_spans_total{result="dropped"}'
}

@test "what is left is sent before the exporter ends, and garbage is not" {
	collect 200
	export_them OTEL_BSP_SCHEDULE_DELAY=60000
	printf 'shopctl\n{"traceId":' >"$RUN/garbage"
	/usr/bin/python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.sendto(open(sys.argv[2], "rb").read(), sys.argv[1])
s.sendto(b"x" * 5000, sys.argv[1])' "$RUN/spans.sock" "$RUN/garbage"
	shopctl warehouse list >/dev/null
	stop exporter
	assert_equal "$(spans 'map(.name) | tojson')" '"[\"shopctl warehouse list\"]"'
	assert_not_exists "$RUN/spans.sock"
}

@test "a share of the traces, always whole" {
	SHOP_TRACE_RATIO=0.5
	export SHOP_TRACE_RATIO
	collect 200
	export_them
	shopctl product list --trace-id 4bf92f3577b34da6a3ce929d0e7fffff >/dev/null
	shopctl product list --trace-id 4bf92f3577b34da6a370000000000000 >/dev/null
	shopctl product list --trace-id 4bf92f3577b34da6a380000000000000 >/dev/null
	wait_until 15 spans_are 'length' 1
	stop exporter
	assert_equal "$(spans 'map(.traceId) | tojson')" '"[\"4bf92f3577b34da6a370000000000000\"]"'
}

@test "what cannot be followed is said by name" {
	run -78 env OTEL_EXPORTER_OTLP_PROTOCOL=grpc "$BUILD/shop-worker" export-spans
	assert_output --partial 'OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"'
	run -78 env OTEL_BSP_MAX_QUEUE_SIZE=0 "$BUILD/shop-worker" export-spans
	assert_output --partial OTEL_BSP_MAX_QUEUE_SIZE
	run -78 env SHOP_TRACE_SOCKET= "$BUILD/shop-worker" export-spans
	assert_output --partial 'trace.socket is empty'
	collect 200
	export_them
	run -4 "$BUILD/shop-worker" export-spans
	assert_output --partial 'another process exports the spans'
}
