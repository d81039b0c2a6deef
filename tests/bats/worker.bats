#!/usr/bin/env bats
# Workers as processes: killed, stopped, drained, and what becomes of their jobs.
load helper

setup() {
	sql "DELETE FROM job; DELETE FROM job_lease; DELETE FROM job_later; DELETE FROM job_dead;
		DELETE FROM worker; UPDATE queue SET paused_at = NULL"
}

teardown() {
	local name
	for name in "$RUN"/w*.pid; do
		[ ! -e "$name" ] || stop "$(basename "$name" .pid)" KILL
	done
}

# worker NAME ARGS...: a worker with a lease of two seconds on the queue noop.
worker() {
	local name=$1
	shift
	rm -f "$RUN/$name.log"
	PGUSER=shop_worker start "$name" "$BUILD/shop-worker" run --queue noop --lease 2 "$@"
	ready "$name" "grep -q started $RUN/$name.log"
}

put() { # KIND FROM TO
	sql "SELECT job_put_many('noop.$1', array(SELECT generate_series($2, $3)::bigint))" >/dev/null
}

left() { sql "SELECT count(*) FROM job_any WHERE kind LIKE 'noop.%' AND state <> 'dead'"; }
none_left() { [ "$(left)" = 0 ]; }
running() { [ "$(sql "SELECT count(*) FROM job_any WHERE state = 'running'")" = "$1" ]; }

# A counter of one worker: metric NAME WORKER.
metric() { sed -n "s/^$1 //p" "$RUN/$2.prom"; }

done_by() { # NAME: how many jobs its last words tell of
	sed -n 's/.*"stopped".* done \([0-9]*\),.*/\1/p' "$RUN/$1.log"
}

@test "jobs are done, the worker is seen, and SIGTERM ends it with 0" {
	worker w1
	put run 1 1000
	wait_until 10 none_left
	wait_until 5 env PGUSER=shop_worker "$BUILD/shop-worker" health --max-age 10
	pid=$(pid_of w1)
	kill -USR1 "$pid"
	wait_until 5 grep -q '"event":"state".*done 1000' "$RUN/w1.log"
	kill -TERM "$pid"
	wait "$pid"
	assert_equal "$(done_by w1)" 1000
	assert_equal "$(sql 'SELECT count(*) FROM worker')" 0
	run -1 env PGUSER=shop_worker "$BUILD/shop-worker" health
}

# Seal a slot every moment, and truncate what is empty.
rotate_all_the_time() {
	while sql "SELECT api.queue_rotate('noop', true)"; do sleep 0.03; done
}

# The ring went round: each of its four slots was truncated.
went_round() { [ "$(sql "SELECT truncations FROM queue_head WHERE queue = 'noop'")" -gt 3 ]; }

@test "no job is lost when workers are killed and slots rotate, and none is settled twice" {
	put sleep 1 200
	put run 1 20000
	sql "SELECT job_put('noop.fail', 65) FROM generate_series(1, 500)" >/dev/null
	sql "UPDATE queue SET max_crashes = 100 WHERE name = 'noop'"
	start wrotate rotate_all_the_time
	for i in 1 2 3 4 5 6; do
		worker w1 --concurrency 2 --batch 20
		worker w2 --batch 20
		cat "$RUN"/w[12].log >>"$RUN/all.log"
		put run 1 100
		sleep 0.$((i % 3 + 2))
		stop w1 KILL
		stop w2 KILL
	done
	PGUSER=shop_worker run -0 "$BUILD/shop-worker" drain --queue noop --concurrency 2
	wait_until 20 went_round # leases of the killed may have kept every slot until now
	stop wrotate KILL
	sql "UPDATE queue SET max_crashes = 3 WHERE name = 'noop'"
	none_left
	assert_equal "$(sql 'SELECT kind, count(*) FROM job_dead GROUP BY 1')" 'noop.fail|500'
	assert_equal "$(sql 'SELECT count(*) FROM job_lease')" 0
	run ! grep -E 'settlement_failed|claim_failed' "$RUN/all.log"
}

@test "case 32: a worker that was stopped too long settles nothing and says so" {
	put sleep 1200 1201
	worker w1 --metrics-file "$RUN/w1.prom" --batch 2
	wait_until 5 running 2
	kill -STOP "$(pid_of w1)"
	sql "UPDATE job_lease SET expires_at = now() - interval '1 s'"
	PGUSER=shop_worker run -0 "$BUILD/shop-worker" drain --queue noop
	put sleep 1 1
	sleep 1 # it looks at its lease once a second
	kill -CONT "$(pid_of w1)"
	wait_until 10 grep -q lease_lost "$RUN/w1.log"
	wait_until 5 none_left
	kill -TERM "$(pid_of w1)"
	wait_until 5 gone w1
	assert_equal "$(metric 'shop_leases_lost_total{queue="noop"}' w1)" 1
	assert_equal "$(done_by w1)" 2 # of its batch of two the one in hand, then ours
}

@test "a job that kills its worker is dead after three crashes, its neighbours are done" {
	put run 1 50
	put crash 1 1
	put run 51 100
	for i in 1 2 3 4 5 6 7 8 9; do
		PGUSER=shop_worker start w1 "$BUILD/shop-worker" run --queue noop --lease 2 --batch 200
		wait_until 4 eval 'gone w1 || none_left' || true
		alive w1 || continue
		none_left && break
	done
	assert_equal "$(sql 'SELECT kind, crashes, rule FROM job_dead')" 'noop.crash|3|job_spares_its_worker'
	none_left
}

@test "SIGTERM finishes the job in hand and gives back the rest, unharmed" {
	put sleep 2500 2507
	worker w1 --batch 8
	wait_until 5 running 8
	kill -TERM "$(pid_of w1)"
	wait_until 3 gone w1
	assert_equal "$(done_by w1)" 1
	assert_equal "$(sql "SELECT count(*), max(attempt), max(crashes) FROM job_any")" '7|0|0'
	assert_equal "$(sql 'SELECT count(*) FROM job_lease')" 0
}

@test "a second SIGTERM gives back the job in hand too, at once" {
	put sleep 9000 9003
	worker w1 --batch 4
	wait_until 5 running 4
	kill -TERM "$(pid_of w1)"
	wait_until 3 grep -q stopping "$RUN/w1.log"
	alive w1
	kill -TERM "$(pid_of w1)"
	wait_until 3 gone w1
	assert_equal "$(sql "SELECT count(*), min(state), max(crashes) FROM job_any")" '4|ready|0'
}

@test "a set-wise batch is settled with its effect; a bad job harms no neighbour" {
	put sum 1 50
	put sum -1 -1
	PGUSER=shop_worker run -0 "$BUILD/shop-worker" drain --queue noop --batch 100
	assert_output --partial 'done 50, failed 1'
	assert_equal "$(sql 'SELECT kind, subject FROM job_dead')" 'noop.sum|-1'
}

is_put_off() { [ "$(sql 'SELECT rule FROM job_later')" = job_kind_is_known ]; }

@test "a job of a kind that this worker lacks waits for one that knows it" {
	sql "SELECT job_put('noop.unheard', 1)"
	worker w1
	wait_until 20 is_put_off
	stop w1
	PGUSER=shop_worker run -75 "$BUILD/shop-worker" drain --queue noop --max-runtime 1
	assert_equal "$(left)" 1
}

@test "metrics and probes are on the admin socket" {
	export SHOP_WORKER_ADMIN_LISTEN=unix:$RUN/w1.sock
	worker w1
	unset SHOP_WORKER_ADMIN_LISTEN
	put run 1 5
	wait_until 5 none_left
	run -0 curl -sS --unix-socket "$RUN/w1.sock" http://worker/metrics
	assert_line 'shop_jobs_total{kind="noop.run",outcome="done"} 5'
	assert_line '# TYPE shop_job_run_seconds histogram'
	assert_line 'shop_job_run_seconds_count{kind="noop.run"} 5'
	! command -v promtool >/dev/null || promtool check metrics <<<"$output"
	run -0 curl -sS -o /dev/null -w '%{http_code}' --unix-socket "$RUN/w1.sock" http://worker/readyz
	assert_output 200
	run -0 curl -sS -o /dev/null -w '%{http_code}' --unix-socket "$RUN/w1.sock" http://worker/x
	assert_output 404
}

@test "an operator's word reaches a running worker: quiet, and configuration" {
	echo 'worker: {poll_max_ms: 100}' >"$RUN/w1.yaml"
	worker w1 --config "$RUN/w1.yaml"
	kill -HUP "$(pid_of w1)"
	wait_until 5 grep -q reloaded "$RUN/w1.log"
	echo 'worker: {poll_max_ms: never}' >"$RUN/w1.yaml"
	kill -HUP "$(pid_of w1)"
	wait_until 5 grep -q 'reload_failed.*w1.yaml' "$RUN/w1.log"
	sql 'UPDATE worker SET quiet_at = now()'
	quiet() { kill -USR1 "$(pid_of w1)" && tail -n 1 "$RUN/w1.log" | grep -q '; quiet'; }
	wait_until 12 quiet
	put run 1 1
	sleep 0.5
	assert_equal "$(left)" 1
}

@test "systemd hears that it is ready, that it moves, and that it stops" {
	start wsystemd /usr/bin/python3 -uc 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
while True:
	print(s.recv(1000).decode(), flush=True)' "$RUN/notify.sock"
	wait_until 5 test -S "$RUN/notify.sock"
	NOTIFY_SOCKET=$RUN/notify.sock WATCHDOG_USEC=600000 worker w1
	wait_until 5 grep -q READY=1 "$RUN/wsystemd.log"
	wait_until 5 grep -q WATCHDOG=1 "$RUN/wsystemd.log"
	kill -TERM "$(pid_of w1)"
	wait_until 5 grep -q STOPPING=1 "$RUN/wsystemd.log"
	wait_until 5 gone w1
}

@test "jobs of a claim whose answer was lost are run at once, without blame" {
	put run 1 50
	SHOP_FAILPOINTS=worker.after_claim=err=E_AWAY@2 worker w1 --batch 5 --lease 60
	wait_until 10 none_left
	grep -q claim_failed "$RUN/w1.log"
	run ! grep leases_rescued "$RUN/w1.log"
}

@test "a worker outlives its database" {
	put sleep 50 90
	worker w1 --batch 20
	wait_until 5 running 20
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop_worker'"
	wait_until 20 none_left
	alive w1
	run ! grep leases_rescued "$RUN/w1.log" # no job had to wait for its lease
	assert_equal "$(sql "SELECT count(*) FROM job_dead")" 0
}
