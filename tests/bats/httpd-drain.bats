# The door under load, at its limits, and when it is told to end.

load helper

setup_file() {
	shop_up
	sql "INSERT INTO product (handle, title, status) VALUES ('dog', 'Dog food', 'active');
		INSERT INTO variant (product_id, sku, title) SELECT id, 'DOG-5KG', 'Dog food' FROM product;
		INSERT INTO price (variant_id, currency, amount) SELECT id, 'EUR', 2999 FROM variant;
		INSERT INTO warehouse (code) VALUES ('MAIN');
		INSERT INTO stock (variant_id, warehouse_id, on_hand) SELECT v.id, w.id, 1000000 FROM variant v, warehouse w"
	shopctl api-client create tests --scope checkout --field key -q >"$RUN/key"
}

teardown_file() { shop_down; }

setup() {
	API_KEY=$(cat "$RUN/key")
	export API_KEY
	basket='{"customer":{"email":"ann@example.org"},"lines":[{"sku":"DOG-5KG","qty":1}],"currency":"EUR","expected_total":{"amount":2999,"currency":"EUR"}}'
}

teardown() { [ ! -e "$RUN/httpd.pid" ] || stop httpd; }

door() { /usr/bin/python3 "$ROOT/tests/bats/door.py" "$@"; }
header() { sed -n "s/^$1: //Ip" <<<"$headers"; }

# ended NAME: its exit status
ended() {
	local status=0
	wait "$(pid_of "$1")" || status=$?
	rm "$RUN/$1.pid"
	return $status
}

@test "told to end under load it answers what it took, loses nothing, and exits 0" {
	SHOP_HTTP_THREADS=2 start_httpd
	door load "$HTTP" 20 4 >"$RUN/load" &
	load=$!
	sleep 2
	kill -TERM "$(pid_of httpd)"
	ended httpd
	wait $load
	cut -d ' ' -f 2 "$RUN/load" | sort | uniq -c >&2
	assert [ "$(grep -c ' 201$' "$RUN/load")" -gt 100 ]
	assert [ "$(grep -c ' refused$' "$RUN/load")" -gt 10 ]
	run -1 grep -E ' (5..|4..)$' "$RUN/load"
	# A connection may be the kernel's already and not yet the door's when that ends.
	assert [ "$(grep -c ' cut$' "$RUN/load")" -le 2 ]
	# Every 201 is an order, and no order was placed for whom got none.
	sql "SELECT key FROM orders WHERE key LIKE 'load-%'" | sort >"$RUN/placed"
	sed -n 's/ 201$//p' "$RUN/load" | sort >"$RUN/acknowledged"
	run -0 diff "$RUN/placed" "$RUN/acknowledged"
	run -0 grep -c draining "$RUN/httpd.log"
}

@test "an idle door ends at once, and so does one whose client waits" {
	start_httpd
	request POST /v1/checkouts "$basket" -H 'Idempotency-Key: idle'
	curl -sS -o "$RUN/waited" -w '%{http_code}' -m 20 -H "Authorization: Bearer $API_KEY" \
		-H 'Prefer: wait=10' "http://$HTTP/v1/checkouts/$(json .id)" >"$RUN/status" &
	waiter=$!
	sleep 0.5
	began=${EPOCHREALTIME/./}
	kill -TERM "$(pid_of httpd)"
	ended httpd
	[ $((${EPOCHREALTIME/./} - began)) -lt 9000000 ] # its client would wait 10 s
	wait $waiter
	assert_equal "$(cat "$RUN/status")" 200
}

@test "who asks too often is told when to come back" {
	SHOP_HTTP_RATE_PER_CLIENT=1 SHOP_HTTP_RATE_BURST=5 start_httpd
	for i in 1 2 3 4 5; do
		request GET /v1/checkouts/1
		assert_equal "$status" 404
	done
	assert_equal "$(header ratelimit-policy)" '"client";q=5;w=5'
	[[ $(header ratelimit) = '"client";r='[0-3]';t='[1-5] ]]
	for i in {1..200}; do # a slow machine earns some back meanwhile
		request GET /v1/checkouts/1
		[ "$status" = 404 ] || break
	done
	assert_equal "$status $(json .type)" "429 urn:shop:rule:rate_is_kept"
	assert_equal "$(header retry-after)" 1
	API_KEY=$(shopctl api-client create other --scope checkout --field key -q)
	request GET /v1/checkouts/1
	assert_equal "$status" 404
	# Guessers share what their address has, and leave the clients alone.
	good=$API_KEY API_KEY=sk_test_AAAAAAAA_$(printf %032d 0)
	statuses=
	for i in {1..20}; do
		request GET /v1/checkouts/1
		statuses="$statuses $status"
	done
	[[ $statuses == *" 429 "*" 429"* ]]
	[[ $statuses != *" 404"* && $statuses != *" 200"* ]]
	API_KEY=$good
	request GET /v1/checkouts/1
	assert_equal "$status" 404
	request GET /livez
	assert_equal "$status" 200
}

@test "when too many wait the others are sent away at once" {
	SHOP_HTTP_QUEUE_MAX=2 SHOP_HTTP_BATCHERS=1 SHOP_HTTP_BATCH_MAX=1 start_httpd
	request POST /v1/checkouts "$basket" -H 'Idempotency-Key: before'
	assert_equal "$status" 201
	psql -U postgres -qXc "BEGIN; SELECT FROM shop.stock FOR UPDATE; SELECT pg_sleep(4); COMMIT" >/dev/null &
	local pids=$!
	wait_until 10 asleep
	for i in {1..12}; do
		curl -sS -D "$RUN/over.$i" -o /dev/null -w '%{http_code}\n' -H "Authorization: Bearer $API_KEY" \
			-H 'Content-Type: application/json' -H "Idempotency-Key: over-$i" --data "$basket" \
			"http://$HTTP/v1/checkouts" >"$RUN/over.$i.status" &
		pids="$pids $!"
	done
	sent_away() { [ "$(cat "$RUN"/over.*.status | grep -c ^503)" = 9 ]; }
	wait_until 3 sent_away
	asleep # those that wait still do
	grep -qi '^retry-after: 1' "$RUN"/over.*
	wait $pids # not for the door
	assert_equal "$(cat "$RUN"/over.*.status | grep -c ^201)" 3
}

@test "an address has so many connections and no more" {
	SHOP_HTTP_CONNECTIONS_PER_ADDRESS=3 start_httpd
	run -0 /usr/bin/python3 - "$HTTP" <<-'END'
		import socket, sys
		host, port = sys.argv[1].split(":")
		open_ = []
		for i in range(6):
		    s = socket.create_connection((host, int(port)))
		    s.settimeout(2)
		    try:
		        s.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
		        open_.append(s.recv(12)[9:12].decode())
		    except OSError:
		        open_.append("")
		    globals()[f"s{i}"] = s
		s0.close()
		import time; time.sleep(0.3)
		s = socket.create_connection((host, int(port)))
		s.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
		open_.append(s.recv(12)[9:12].decode())
		print(",".join(open_))
	END
	assert_output "200,200,200,,,,200"
}

@test "a Unix socket, and the address that our proxy forwards" {
	rm -f "$RUN/http"
	SHOP_HTTP_LISTEN=unix:$RUN/http.sock SHOP_HTTP_TRUST_FORWARDED=true SHOP_HTTP_RATE_PER_CLIENT=1 \
		SHOP_HTTP_RATE_BURST=2 PGUSER=shop_http start httpd "$BUILD/shop-httpd"
	ready httpd "[ -S $RUN/http.sock ]"
	ask() { curl -sS -o /dev/null -w '%{http_code} ' --unix-socket "$RUN/http.sock" -H "X-Forwarded-For: 6.6.6.$RANDOM" -H "X-Forwarded-For: 6.6.6.6, $1" http://a/v1/checkouts/1; }
	run -0 bash -c "$(declare -f ask); RUN=$RUN; for i in 1 2 3; do ask 192.0.2.1; done; ask 192.0.2.2; ask 2001:db8::1; ask 2001:db8::2; ask 2001:db8::3"
	assert_output "401 401 429 401 401 401 429 "
	assert_equal "$(stat -c %a "$RUN/http.sock")" 660
	stop httpd
	assert_file_not_exist "$RUN/http.sock"
	# One that was killed leaves its socket, which the next takes over.
	for i in 1 2; do
		SHOP_HTTP_LISTEN=unix:$RUN/http.sock PGUSER=shop_http start httpd "$BUILD/shop-httpd"
		ready httpd "curl -sf --unix-socket $RUN/http.sock http://a/livez"
		[ $i = 2 ] || stop httpd KILL
	done
}

@test "systemd's sockets are taken, and stay when the door ends" {
	cat >"$RUN/activate.py" <<-'END'
		import os, socket, sys
		http, admin = socket.socket(), socket.socket(socket.AF_UNIX)
		http.bind(("127.0.0.1", int(sys.argv[1])))
		admin.bind(sys.argv[2])
		http.listen(), admin.listen()
		if os.fork():
		    os.wait()
		    # The next one's clients wait in the socket meanwhile.
		    s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		    print("still there", flush=True)
		else:
		    os.dup2(http.fileno(), 13), os.dup2(admin.fileno(), 14)
		    os.dup2(13, 3), os.dup2(14, 4)
		    os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "2", "LISTEN_FDNAMES": "http:admin"}
		    print(os.getpid(), flush=True)
		    os.execv(sys.argv[3], sys.argv[3:])
	END
	port=$(free_port)
	PGUSER=shop_http start activated /usr/bin/python3 "$RUN/activate.py" "$port" "$RUN/activated.sock" "$BUILD/shop-httpd"
	ready activated "curl -sf http://127.0.0.1:$port/livez"
	curl -sf --unix-socket "$RUN/activated.sock" http://a/metrics >/dev/null
	kill -TERM "$(head -n 1 "$RUN/activated.log")"
	ended activated
	run -0 cat "$RUN/activated.log"
	assert_output --partial "still there"
}

@test "an address that cannot be served ends it with words" {
	start_httpd
	SHOP_HTTP_LISTEN=$HTTP run -78 timeout 5 "$BUILD/shop-httpd"
	assert_output --partial "address_can_be_served: cannot listen on $HTTP: Address already in use"
	for address in nonsense 127.0.0.1 127.0.0.1:99999 localhost:80 unix:/no/such/place unix:"$(printf %0200d 1)"; do
		SHOP_HTTP_LISTEN=$address run -78 timeout 5 "$BUILD/shop-httpd"
		assert_output --partial address_can_be_served
	done
}

resident() { sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$(pid_of httpd)/status"; }

@test "case 37: a thousand slow connections and a body of 2 GB: good checkouts go on, memory is bounded" {
	SHOP_HTTP_HEADER_TIMEOUT_S=2 SHOP_HTTP_CONNECTIONS_PER_ADDRESS=1100 start_httpd
	request POST /v1/checkouts "$basket" -H 'Idempotency-Key: before-slow'
	assert_equal "$status" 201
	local before i taken
	before=$(resident)
	start slow /usr/bin/python3 "$ROOT/tests/bats/door.py" slow "$HTTP" 1000
	wait_until 20 grep -q held "$RUN/slow.log"
	door huge "$HTTP" 2147483648 >"$RUN/huge" &
	for i in {1..20}; do
		request POST /v1/checkouts "$basket" -H "Idempotency-Key: meanwhile-$i" -m 10
		assert_equal "$status" 201
	done
	wait $!
	read -r status taken <"$RUN/huge"
	[ "$status" = 413 ] || [ "$status" = closed ] # the answer may be lost under what was still sent
	[ "$taken" -lt 20000000 ]
	wait_until 30 gone slow
	assert_equal "$(tail -n 1 "$RUN/slow.log")" 500
	rm "$RUN/slow.pid"
	[ $(($(resident) - before)) -lt 200000 ]
	request POST /v1/checkouts "$basket" -H 'Idempotency-Key: after-slow'
	assert_equal "$status" 201
}

@test "with 40 descriptors it serves whom it can, and everybody once the others are gone" {
	(
		ulimit -n 40
		start_httpd
	)
	HTTP=$(cat "$RUN/http")
	start slow /usr/bin/python3 "$ROOT/tests/bats/door.py" slow "$HTTP" 60
	wait_until 20 grep -q held "$RUN/slow.log"
	alive httpd
	stop slow KILL
	wait_until 20 eval 'request POST /v1/checkouts "$basket" -H "Idempotency-Key: few" -m 5; [ "$status" = 201 ]'
	assert_equal "$(sql "SELECT count(*) FROM orders WHERE key = 'few'")" 1
	(
		ulimit -n 12
		run -0 shopctl order list --limit 1
	)
}
