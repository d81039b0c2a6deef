#!/usr/bin/env bats
# What happens between transactions: late commits, sealed slots, keys that are held.
load helper

setup() {
	sql "DELETE FROM job; DELETE FROM job_lease; DELETE FROM job_later; DELETE FROM job_unique;
		UPDATE job_schedule SET paused_at = now()"
}

teardown() { end_session 2>/dev/null || true; }

# A second session that stays open: session SQL; then end_session.
session() {
	if [ -z "${session_pid:-}" ]; then
		coproc PSQL { PGUSER=postgres PGOPTIONS='-c search_path=shop' exec psql -qXAt 2>&1 3>&-; }
		# shellcheck disable=SC2153
		session_pid=$PSQL_PID
	fi
	echo "$1; \\echo said" >&"${PSQL[1]}"
	while read -r -t 10 line <&"${PSQL[0]}"; do
		[ "$line" != said ] || return 0
	done
	return 1
}

end_session() {
	[ -n "${session_pid:-}" ] || return 0
	echo '\q' >&"${PSQL[1]}"
	wait "$session_pid"
	session_pid=
}

rotate() { sql "SELECT api.queue_rotate('noop', $1)" >/dev/null; }
head_of() { sql "SELECT $1 FROM queue_head WHERE queue = 'noop'"; }
left() { sql "SELECT count(*) FROM job_any WHERE kind LIKE 'noop.%'"; }
none_left() { [ "$(left)" = 0 ]; }

drain() {
	PGUSER=shop_worker timeout --foreground -k 5 60 "$BUILD/shop-worker" drain --queue noop "$@"
}

@test "a slot is not truncated under a transaction that has put a job there" {
	session 'BEGIN'
	session "SELECT job_put('noop.run', 1)"
	before=$(head_of skips)
	sql "SELECT job_put('noop.run', 2)" >/dev/null
	rotate true
	run -0 drain
	rotate false
	assert_equal "$(head_of skips)" $((before + 1))
	session 'COMMIT'
	end_session
	assert_equal "$(left)" 1
	run -0 drain
	none_left
	rotate false
	assert_equal "$(head_of 'cardinality(live)')" 1
}

@test "who read the old head and writes behind the truncation is found" {
	sql "SELECT job_put('noop.run', 1)" >/dev/null
	session 'BEGIN ISOLATION LEVEL REPEATABLE READ'
	session 'SELECT count(*) FROM queue'
	run -0 drain
	old=$(head_of head)
	rotate true
	rotate false
	assert_equal "$(head_of "$old = ANY (live)")" f
	session "SELECT job_put('noop.run', 2)"
	session 'COMMIT'
	end_session
	assert_equal "$(sql 'SELECT slot FROM job')" "$old"
	run -0 drain
	none_left
}

@test "putting a job does not wait for a rotation under way" {
	sql "SELECT job_put('noop.run', 1)" >/dev/null
	session 'BEGIN'
	session "SELECT api.queue_rotate('noop', true)"
	run -0 sql "SET statement_timeout = '2s'; SELECT job_put('noop.run', 2)"
	session 'COMMIT'
	end_session
	run -0 drain
	none_left
}

@test "what commits late, below what was claimed, is done within moments" {
	PGUSER=shop_worker start wlate "$BUILD/shop-worker" run --queue noop
	session 'BEGIN'
	session "SELECT job_put('noop.run', 1)"
	sql "SELECT job_put_many('noop.run', array(SELECT generate_series(1, 10000)::bigint))" >/dev/null
	wait_until 10 none_left
	session 'COMMIT'
	end_session
	wait_until 5 none_left
	stop wlate
}

@test "a job whose key another transaction counts on waits for that one" {
	sql "SELECT job_put('noop.run', 1, NULL, NULL, 'k')" >/dev/null
	sql "SELECT job_put('noop.run', 2, NULL, NULL, 'other')" >/dev/null
	session 'BEGIN'
	session "SELECT job_put('noop.run', 3, NULL, NULL, 'k')"
	run -0 drain
	assert_equal "$(sql "SELECT subject FROM job_any WHERE kind = 'noop.run'")" 1
	session 'COMMIT'
	end_session
	PGUSER=shop_worker start wkey "$BUILD/shop-worker" run --queue noop
	wait_until 5 none_left
	stop wkey
	assert_equal "$(sql 'SELECT count(*) FROM job_unique')" 0
}

# The plans of a claim, as the server made them.
plans() {
	sql "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0;
		SET auto_explain.log_nested_statements = on; SET client_min_messages = log;
		SELECT count(*) FROM api.job_claim('noop', 'x', 10, 60, '{0,0,0,0}', false, 0, 0)" 2>&1
}

@test "a claim reads by index and by row number, in a small table and in a large one" {
	for n in 1 100000; do
		sql "SELECT job_put_many('noop.run', array(SELECT generate_series(1, $n)::bigint))" >/dev/null
		sql 'ANALYZE job'
		run -0 plans
		assert_output --regexp 'Tid Scan on job_[0-9]+'
		assert_output --regexp 'Index Scan using job_[0-9]+_pkey on job_[0-9]+ j'
		refute_output --regexp '(Seq|Bitmap Heap) Scan on job_[0-9]'
	done
	assert_equal "$(sql "SELECT count(*) FROM job WHERE kind LIKE 'noop.%'")" 99990
}
