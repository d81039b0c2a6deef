#!/usr/bin/env bats
# What an operator does about jobs, dead letters and queues.
load helper

setup() {
	sql "DELETE FROM job; DELETE FROM job_lease; DELETE FROM job_later; DELETE FROM job_dead;
		UPDATE queue SET paused_at = NULL"
}

# Jobs of ours in any state; schedules put others.
left() { sql "SELECT count(*) FROM job_any WHERE kind LIKE 'noop.%'"; }

drain() {
	PGUSER=shop_worker timeout --foreground -k 5 60 "$BUILD/shop-worker" drain --queue noop "$@"
}

@test "a job is enqueued, listed, shown and done" {
	run -0 shopctl job enqueue noop.run --subject 41 --subject 42
	run -0 shopctl job list --queue noop --format tsv --no-header --columns kind,subject,state
	assert_line --index 0 $'noop.run\t42\tready'
	assert_line --index 1 $'noop.run\t41\tready'
	run -0 shopctl job list --subject 41 --format tsv --field id
	id=$output
	run -0 shopctl job show "$id" --format json
	assert_equal "$(jq -r '.subject + .state' <<<"$output")" 41ready
	run -0 drain
	run -3 shopctl job show "$id"
	assert_output --partial job_exists
}

@test "a dry run enqueues nothing" {
	run -0 shopctl job enqueue noop.run --subject 1 --dry-run
	assert_equal "$(left)" 0
}

@test "a job is put for a time, and run at once when asked" {
	run -0 shopctl job enqueue noop.run --subject 7 --run-at 2999-01-01
	run -0 drain
	run -0 shopctl job list --state later --format tsv --field id
	id=$output
	run -0 --separate-stderr shopctl job retry "$id" --format json
	assert_equal "$(jq -r '.items[0].state' <<<"$output")" later
	run -0 shopctl job show "$id" --format json
	assert_equal "$(jq -r .state <<<"$output")" ready
	run -4 shopctl job retry "$id"
	assert_output --partial job_verb_fits_its_state
	run -0 drain
	assert_equal "$(left)" 0
}

@test "what fails for good is a dead letter with its rule, until it is run again" {
	run -0 shopctl job enqueue noop.fail --subject 65
	run -0 drain
	run -0 shopctl dlq list --format tsv --no-header --columns kind,subject,attempt,rule
	assert_output $'noop.fail\t65\t1\tnoop_was_told_to_fail'
	run -64 shopctl dlq retry
	run -0 shopctl dlq retry --kind noop.run
	refute_line --partial noop.fail
	run -0 shopctl dlq retry --kind noop.fail --dry-run
	assert_equal "$(sql 'SELECT count(*) FROM job_dead')" 1
	run -0 shopctl dlq retry --queue noop --rule noop_was_told_to_fail
	assert_equal "$(sql 'SELECT count(*) FROM job_dead')" 0
	assert_equal "$(sql "SELECT count(*) FROM job WHERE kind = 'noop.fail'")" 1
}

# On a slow machine a second may pass before the worker has begun.
was_tried() {
	run -75 drain --max-runtime 1
	[ "$(sql "SELECT attempt > 0 FROM job_any WHERE kind = 'noop.fail'")" = t ]
}

@test "what may pass is tried again and then dead, and drain says that it waits" {
	run -0 shopctl job enqueue noop.fail --subject 75
	wait_until 20 was_tried
	assert_output --partial queue_is_drained
	run -0 shopctl job stats --queue noop --format json
	# With luck its pause is over already.
	assert_equal "$(jq -r '.items[0] | .retrying + .ready' <<<"$output")" 1
	sql "UPDATE job_later SET run_at = now(), attempt = 2; UPDATE job SET attempt = 2"
	run -0 drain --max-runtime 20
	assert_equal "$(sql 'SELECT attempt FROM job_dead')" 3
}

@test "nothing of a paused queue is done until it is resumed" {
	run -0 shopctl job enqueue noop.run --subject 1
	run -64 shopctl queue pause noop
	run -0 shopctl queue pause noop --reason 'a test' --format json
	assert_equal "$(jq -r '.state + .reason' <<<"$output")" 'pauseda test'
	run -75 drain --max-runtime 10
	run -0 shopctl queue resume noop
	run -0 drain
	run -3 shopctl queue pause nothing --reason x
	assert_output --partial queue_exists
}

@test "queues and their stats are listed in every format" {
	run -0 shopctl queue list --format csv --columns name,state
	assert_line payment,open
	run -0 shopctl queue list --format ndjson
	run -0 shopctl job stats --format json
	assert_equal "$(jq -r '[.items[].name] | index("webhook") != null' <<<"$output")" true
	run -0 shopctl job stats --queue payment
	run -3 shopctl job stats --queue nothing
}

@test "a worker is told its queues, and they exist" {
	worker="$BUILD/shop-worker"
	run -64 "$worker" run
	assert_output --partial queues_are_named_or_all
	run -64 "$worker" run --all --queue noop
	run -64 "$worker" run --queue noop:0
	run -64 "$worker" run --queue noop:x
	run -3 "$worker" run --queue nothing --once
	run -0 "$worker" list-kinds --format tsv --field kind
	assert_line noop.run
	run -0 "$worker" check-config
	echo 'worker: {lease: 1}' >"$RUN/bad.yaml"
	run -78 "$worker" check-config --config "$RUN/bad.yaml"
}

ids() { sql "SELECT string_agg(subject::text, ' ' ORDER BY id) FROM job_any WHERE kind = 'noop.run' $1"; }

@test "verbs for many take filters, count in a dry run, and keep a pace" {
	for n in 1 2 3 4 5; do sql "SELECT job_put('noop.run', $n, now() + interval '1 h')" >/dev/null; done
	run -64 shopctl job cancel --reason x
	assert_output --partial filter_is_given
	run -0 shopctl job cancel --kind noop.run --reason x --dry-run
	assert_line '5 jobs canceled'
	assert_equal "$(ids '')" '1 2 3 4 5'
	run -0 shopctl job reschedule --kind noop.run --limit 1 --at 2999-01-01
	assert_equal "$(ids "AND due_at > now() + interval '1 d'")" 1
	run -0 shopctl job move --queue noop --state later --to-queue rollup --to-priority 1 --rate 3
	assert_line '5 jobs moved'
	assert_equal "$(ids "AND queue = 'rollup' AND priority = 1")" '1 2 3 4 5'
	run -0 shopctl job retry --queue rollup --state later --error nothing
	assert_line '0 jobs run again'
	run -0 shopctl job retry --queue rollup --state later --limit 2
	assert_equal "$(ids "AND state = 'ready'")" '1 2'
	run -64 shopctl job purge --queue rollup --state later --reason x
	run -0 shopctl job cancel --queue rollup --kind noop.run --older-than 0s --reason x
	assert_equal "$(ids '')" ''
	assert_equal "$(sql "SELECT count(*) FROM audit_log WHERE action = 'cancel' AND reason = 'x'")" 5
}

@test "dead letters are seen in groups, mended, dropped" {
	run -0 shopctl job enqueue noop.fail --subject 65 --subject 65 --payload '{"a": 1}'
	run -0 drain
	run -0 shopctl dlq groups --format tsv --no-header --columns rule,kind,count
	assert_output $'noop_was_told_to_fail\tnoop.fail\t2'
	run -0 shopctl dlq groups --field sample
	id=$output
	run -0 shopctl dlq edit "$id" --subject 1 --payload '{"a": 2}' --reason mended --format json
	assert_equal "$(jq -r '.subject, .payload.a' <<<"$output" | xargs)" '1 2'
	run -65 shopctl dlq edit "$id" --payload '{' --reason x
	run -0 shopctl dlq retry "$id"
	run -3 shopctl dlq show "$id"
	assert_output --partial dead_letter_exists
	run -0 shopctl dlq drop --rule noop_was_told_to_fail --reason 'no use'
	assert_line '1 jobs dropped'
	run -0 drain
	assert_equal "$(left)" 0
}

@test "a queue with a history shows what it finished" {
	run -0 shopctl queue history noop --days 2
	run -0 shopctl job enqueue noop.run --subject 41
	run -0 drain
	run -0 shopctl job list --state done --field id
	run -0 shopctl job show "$output" --format json
	assert_equal "$(jq -r '.state + .subject' <<<"$output")" done41
	run -0 shopctl job purge --state done --queue noop --reason x
	run -64 shopctl queue history noop
	run -0 shopctl queue history noop --off
	run -0 shopctl job list --state done
	assert_output ''
}

@test "a queue begins no more a second than its rate, over all its threads" {
	sql "SELECT job_put_many('noop.run', array(SELECT generate_series(1, 45)::bigint))" >/dev/null
	run -64 shopctl queue limit noop --rate fast
	run -0 shopctl queue limit noop --rate 30 --format json
	assert_equal "$(jq .rate <<<"$output")" 30
	begun=${EPOCHREALTIME/./}
	run -0 drain --concurrency 3
	# Half a second's worth may go at once.
	[ $((${EPOCHREALTIME/./} - begun)) -ge 900000 ]
	run -0 shopctl queue limit noop --rate none
	assert_equal "$(left)" 0
}

@test "a queue is waited for until it is empty, or for a time" {
	run -0 shopctl queue drain noop
	run -0 shopctl job enqueue noop.run --subject 1
	run -75 shopctl queue drain noop --wait 0
	assert_output --partial 'no worker is on it'
	PGUSER=shop_worker start wdrain "$BUILD/shop-worker" run --queue noop
	run -0 shopctl queue drain noop
	stop wdrain
}

@test "a lease is taken from a worker that hangs, and its jobs go to others" {
	run -0 shopctl job enqueue noop.sleep --subject 600000
	PGUSER=shop_worker start whang "$BUILD/shop-worker" run --queue noop
	wait_until 20 eval '[ -n "$(shopctl worker list --leases --field lease)" ]'
	wait_until 20 eval '[ "$(shopctl worker list --field queues)" = noop ]'
	lease=$(shopctl worker list --leases --field lease)
	run -64 shopctl worker kill-lease "$lease"
	run -0 shopctl worker kill-lease "$lease" --reason 'it hangs' --format json
	assert_equal "$(jq -r '[.jobs, .dead] | @csv' <<<"$output")" 1,0
	run -3 shopctl worker kill-lease "$lease" --reason 'it hangs'
	assert_equal "$(sql "SELECT crashes FROM job_any WHERE kind = 'noop.sleep'")" 1
	stop whang KILL
}

@test "stats are watched, a line each time" {
	timeout -s INT 60 "$BUILD/shopctl" job stats --watch --queue noop >"$RUN/watched" 3>&- &
	pid=$!
	wait_until 20 eval '[ "$(wc -l <"$RUN/watched")" -ge 2 ]'
	kill -INT $pid
	wait $pid || true
	run -0 awk -F'\t' 'NF != 7' "$RUN/watched"
	assert_output ''
}

@test "health is one line, and ill without a worker or with too much to do" {
	sql 'DELETE FROM worker'
	run -1 --separate-stderr "$BUILD/shop-worker" health
	assert_equal "${#lines[@]}" 1
	assert_equal "$(cut -f2 <<<"$output")" -1
	sql "INSERT INTO worker (owner, host, pid, queues) VALUES ('w', 'h', 1, '{noop}');
		SELECT job_put('noop.run', 1)" >/dev/null
	PGUSER=shop_worker run -0 "$BUILD/shop-worker" health --max-age 3600
	sql "UPDATE job SET created_at = now() - interval '1 h'"
	run -1 "$BUILD/shop-worker" health --max-age 3600 --max-oldest 60
	assert_output --partial 'a job waits since'
	PGHOST=$RUN/nowhere run -69 "$BUILD/shop-worker" health
	sql "DELETE FROM worker"
}

@test "the worker's role may not put jobs by hand, nor read their tables" {
	PGUSER=shop_worker run -77 shopctl job enqueue noop.run --subject 1
	PGUSER=shop_worker run ! psql -qXc 'SELECT * FROM shop.job'
	PGUSER=shop_http run -77 shopctl job list
}
