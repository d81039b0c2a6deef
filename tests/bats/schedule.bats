# Schedules, housekeeping and the seals of the audit log, by the programs.

load helper

# session NAME: psql that lives until the test ends; say NAME SQL waits for its answer.
session() {
	mkfifo "$RUN/$1.in"
	PGUSER=postgres PGOPTIONS='-c search_path=shop,pg_temp' psql -qXAt -v ON_ERROR_STOP=1 \
		<"$RUN/$1.in" >"$RUN/$1.out" 2>&1 3>&- &
	eval "exec {fd_$1}>'$RUN/$1.in'"
}

say() {
	local name=$1 fd=fd_$1 before
	before=$(grep -c '^said$' "$RUN/$name.out" || true)
	printf '%s;\n\\echo said\n' "$2" >&"${!fd}"
	wait_until 20 eval "[ \$(grep -c '^said\$' $RUN/$name.out) -gt $before ]"
}

end_session() {
	local fd=fd_$1
	echo '\q' >&"${!fd}"
	eval "exec {fd_$1}>&-"
	rm "$RUN/$1.in"
}

@test "workers and timers that fire together run each due time once" {
	sql "UPDATE queue SET paused_at = now() WHERE name = 'noop'
		; UPDATE job_schedule SET paused_at = now()
		; INSERT INTO job_schedule (name, kind, every, next_at, catch_up, paused_at)
		SELECT 't' || n, 'noop.run', '1 h', now() - interval '330 minutes',
			CASE WHEN n % 2 = 0 THEN 'all' ELSE 'one' END, now()
		FROM generate_series(1, 20) n"
	for n in 1 2; do
		PGUSER=shop_worker start "w$n" "$BUILD/shop-worker" run --queue noop
		ready "w$n" "grep -q started $RUN/w$n.log"
	done
	sql "UPDATE job_schedule SET paused_at = NULL WHERE name ~ '^t[0-9]+$'"
	for n in 1 2; do
		PGUSER=shop_worker start "t$n" "$BUILD/shop-worker" tick t$n
	done
	wait_until 20 eval "[ \$(sql \"SELECT count(*) FROM job_schedule
		WHERE name ~ '^t[0-9]+\$' AND next_at <= now()\") = 0 ]"
	wait_until 20 gone t1
	wait_until 20 gone t2
	stop w1
	stop w2
	# Ten made up for six due times each, ten for one of them.
	assert_equal "$(sql "SELECT count(*), count(DISTINCT dedupe) FROM job")" '70|70'
	assert_equal "$(sql "SELECT count(*), sum(missed) FROM schedule_run WHERE job_id IS NOT NULL")" '70|50'
	sql "DELETE FROM job; DELETE FROM job_schedule WHERE kind = 'noop.run'
		; UPDATE queue SET paused_at = NULL; UPDATE job_schedule SET paused_at = NULL"
}

@test "a timer does what is due and nothing else, and says when there is no such schedule" {
	sql "UPDATE job_schedule SET next_at = now() + interval '1 h' WHERE name = 'housekeeping.worker_purge'"
	export PGUSER=shop_worker
	run -0 "$BUILD/shop-worker" tick housekeeping.worker_purge
	assert_equal "$(sql "SELECT count(*) FROM schedule_run WHERE schedule = 'housekeeping.worker_purge'")" 0
	sql "UPDATE job_schedule SET next_at = now() - interval '3 h' WHERE name = 'housekeeping.worker_purge'
		; INSERT INTO worker (owner, host, pid, queues, seen_at)
		VALUES ('lost', 'h', 1, '{}', now() - interval '3 days')"
	run -0 "$BUILD/shop-worker" tick housekeeping.worker_purge
	run -0 "$BUILD/shop-worker" tick housekeeping.worker_purge
	assert_equal "$(sql "SELECT count(*), max(missed) FROM schedule_run WHERE schedule = 'housekeeping.worker_purge'")" '1|3'
	PGUSER=postgres run -0 shopctl schedule show housekeeping.worker_purge --format json
	assert_equal "$(jq -r '"\(.rows) \(.keeps) \(.state)"' <<<"$output")" '1 1 day waiting'
	run -3 "$BUILD/shop-worker" tick worker_purge
	assert_output --partial schedule_exists
}

@test "housekeeping that is killed goes on where it was" {
	sql "INSERT INTO webhook_event (provider, livemode, event_id, type, body, state, received_at)
		SELECT 'stripe', false, 'old' || n, 't', 'x', 'processed', now() - interval '91 days'
		FROM generate_series(1, 1500) n" >/dev/null
	shopctl schedule run housekeeping.webhook_purge
	SHOP_FAILPOINTS=housekeeping.stepped=kill@1 PGUSER=shop_worker run -137 \
		"$BUILD/shop-worker" run --queue housekeeping --lease 1 --once
	assert_equal "$(sql "SELECT count(*) FROM webhook_event WHERE body IS NOT NULL")" 500
	sql "SELECT count(*) FROM webhook_event" # its lease is not over yet
	PGUSER=shop_worker start w1 "$BUILD/shop-worker" run --queue housekeeping --lease 1
	wait_until 20 eval "[ \$(sql 'SELECT count(*) FROM webhook_event WHERE body IS NOT NULL') = 0 ]"
	wait_until 20 eval "[ \$(sql \"SELECT rows FROM housekeeping_run WHERE task = 'webhook_purge'\") = 500 ]"
	stop w1
}

@test "a schedule is made, changed, held and forgotten, and all of that is audited" {
	run -0 shopctl schedule create nightly --kind noop.run --cron '30 2 * * mon-fri' \
		--tz Europe/Amsterdam --payload '{"a": 1}' --dry-run
	run -3 shopctl schedule show nightly
	run -0 shopctl schedule create nightly --kind noop.run --cron '30 2 * * mon-fri' \
		--tz Europe/Amsterdam --payload '{"a": 1}'
	run -4 shopctl schedule create nightly --kind noop.run --every 1m
	run -0 shopctl schedule edit nightly --every 90s --catch-up none
	run -0 shopctl schedule show nightly --format json
	assert_equal "$(jq -r '"\(.rhythm) \(.catch_up) \(.payload.a)"' <<<"$output")" 'every 90s none 1'
	run -0 shopctl schedule pause nightly --reason holidays
	assert_output --partial paused
	run -0 shopctl schedule resume nightly
	run -0 shopctl schedule run nightly
	run -4 shopctl schedule run nightly
	assert_output --partial schedule_job_waits_once
	run -65 shopctl schedule edit nightly --cron '30 25 * * *'
	assert_output --partial 'hour "25": out of range'
	run -65 shopctl schedule edit nightly --payload '{'
	run -0 shopctl schedule delete nightly --reason unused
	run -0 shopctl audit list --object schedule:nightly --no-header --format tsv --columns action,reason
	assert_output $'delete\tunused\nrun\t\nresume\t\npause\tholidays\nedit\t\ncreate\t'
}

@test "what nobody ran is told of, before and after it is made up for" {
	sql "UPDATE job_schedule SET paused_at = now() WHERE name <> 'reconcile.stripe'
		; UPDATE job_schedule SET next_at = next_at - interval '3 days' WHERE name = 'reconcile.stripe'"
	run -0 shopctl schedule missed reconcile.stripe --no-header --format tsv --columns name,missed,made_up
	assert_output $'reconcile.stripe\t3\tfalse'
	sql "SELECT api.job_schedule()"
	run -0 shopctl schedule missed reconcile.stripe --no-header --format tsv --columns name,missed,made_up
	assert_output $'reconcile.stripe\t2\ttrue'
	sql "UPDATE job_schedule SET paused_at = NULL; DELETE FROM job"
}

# A row is sealed when no transaction that is as old can still be running, in any database
# of the server: the other tests have theirs.
sealed() { # OBJECT
	shopctl audit seal >/dev/null &&
		[ "$(sql "SELECT count(*) FROM audit_log a JOIN audit_seal s ON a.id = ANY (s.ids)
			WHERE a.object = '$1'")" = 1 ]
}

@test "a slow transaction with a lower number is sealed late and not passed over" {
	sql "SELECT audit('a:1', 'x', NULL, NULL)"
	wait_until 20 sealed a:1
	session early
	session slow
	say early 'BEGIN; SELECT pg_current_xact_id()'
	say slow "BEGIN; SELECT audit('slow:1', 'x', NULL, NULL)"
	say early "SELECT audit('early:1', 'x', NULL, NULL); COMMIT"
	assert_equal "$(sql "SELECT count(*) FROM audit_log WHERE object = 'early:1'")" 1
	# Its row is younger, its transaction older: that one ended.
	wait_until 20 sealed early:1
	say slow COMMIT
	wait_until 20 sealed slow:1
	assert_equal "$(sql "SELECT count(*) FROM audit_log a WHERE NOT EXISTS
		(SELECT FROM audit_seal s WHERE a.id = ANY (s.ids))")" 0
	run -0 shopctl audit verify
	end_session early
	end_session slow
}

@test "who may do anything in the database leaves a trace in the audit log" {
	sql "SELECT audit('refund:7', 'create', NULL, '{\"amount\": 100}')"
	PGUSER=shop_worker run -0 "$BUILD/shop-worker" run --queue housekeeping --once
	wait_until 20 sealed refund:7
	anchor=$(shopctl audit anchor --no-header --format tsv --columns seal,root | tr '\t' :)
	run -0 shopctl audit verify --anchor "$anchor"
	row=$(sql "SELECT id FROM audit_log WHERE object = 'refund:7'")
	for role in shop_worker shop_http; do
		PGUSER=$role run ! psql -qXc 'DELETE FROM shop.audit_log'
		assert_output --partial 'permission denied'
	done
	sql "UPDATE audit_log SET after = '{\"amount\": 999}' WHERE id = $row"
	run -1 --separate-stderr shopctl audit verify --no-header --format tsv --columns id,problem
	assert_output "$row"$'\tedited'
	run -1 shopctl fsck --only A5
	assert_output --partial "audit:$row"
	sql "UPDATE audit_log SET after = '{\"amount\": 100}' WHERE id = $row"
	run -0 shopctl audit verify
	sql "DELETE FROM audit_seal; DELETE FROM audit_log WHERE id = $row"
	wait_until 20 sealed slow:1
	run -0 shopctl audit verify
	run -1 shopctl audit verify --anchor "$anchor"
	assert_output --partial 'anchor differs'
}
