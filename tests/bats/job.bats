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
	run -0 shopctl job enqueue noop.run 41 42
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
	run -0 shopctl job enqueue noop.run 1 --dry-run
	assert_equal "$(left)" 0
}

@test "a job is put for a time, and run at once when asked" {
	run -0 shopctl job enqueue noop.run 7 --at 2999-01-01
	run -0 drain
	run -0 shopctl job list --state later --format tsv --field id
	run -0 shopctl job retry "$output" --format json
	assert_equal "$(jq -r .state <<<"$output")" ready
	run -4 shopctl job retry "$(jq -r .id <<<"$output")"
	assert_output --partial job_waits_or_is_dead
	run -0 drain
	assert_equal "$(left)" 0
}

@test "what fails for good is a dead letter with its rule, until it is run again" {
	run -0 shopctl job enqueue noop.fail 65
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
	[ "$(sql 'SELECT attempt > 0 FROM job_any')" = t ]
}

@test "what may pass is tried again and then dead, and drain says that it waits" {
	run -0 shopctl job enqueue noop.fail 75
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
	run -0 shopctl job enqueue noop.run 1
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

@test "the worker's role may not put jobs by hand, nor read their tables" {
	PGUSER=shop_worker run -77 shopctl job enqueue noop.run 1
	PGUSER=shop_worker run ! psql -qXc 'SELECT * FROM shop.job'
	PGUSER=shop_http run -77 shopctl job list
}
