#!/usr/bin/env bats
# Workers killed at random under load: no job is lost, none is settled twice, and a job
# that kills its worker is dead within its budget, and alone.
load helper

WORKERS=12 EACH=10 KILLS=200 live=()

setup_file() {
	shop_up
	shopctl queue history noop --days 1 >/dev/null
	sql "UPDATE job_schedule SET paused_at = now();
		CREATE TABLE put AS SELECT 0 AS n;
		CREATE FUNCTION pid(l job_lease) RETURNS int LANGUAGE sql AS \$\$
			SELECT split_part(l.owner, ':', 2)::int
		\$\$;

		-- There is always work, some slow enough to be acknowledged before its batch ends.
		CREATE FUNCTION offer() RETURNS void LANGUAGE sql AS \$\$
			WITH more AS (UPDATE put SET n = n + 300
				WHERE (SELECT count(*) FROM job) < 300 RETURNING n)
			SELECT job_put_many('noop.sleep',
				array_fill(15::bigint, '{290}') || array_fill(150::bigint, '{10}')) FROM more
		\$\$;

		-- For the leases of the dead time has passed.
		CREATE FUNCTION bury(living int[]) RETURNS void LANGUAGE sql AS \$\$
			UPDATE job_lease l SET expires_at = now() - interval '1 s'
			WHERE pid(l) <> ALL (living) AND l.expires_at > now();
			SELECT FROM api.job_rescue()
		\$\$;

		-- And for one who lives: he was only slow, and will find that his is gone.
		CREATE FUNCTION outlive(who int) RETURNS void LANGUAGE sql AS \$\$
			UPDATE job_lease l SET expires_at = now() - interval '1 s' WHERE pid(l) = who;
			SELECT FROM api.job_rescue()
		\$\$;

		-- Everybody has jobs in hand, and those of the last that were killed are done:
		-- what is hit again was hit by its neighbour, and not by us.
		CREATE FUNCTION busy(living int[]) RETURNS boolean LANGUAGE sql AS \$\$
			SELECT NOT EXISTS (SELECT FROM job WHERE priority = 9 AND kind <> 'noop.crash')
				AND NOT EXISTS (SELECT FROM job_lease l, unnest(l.jobs) j
					WHERE (l.level = 9 OR l.expires_at < now()) AND j.kind <> 'noop.crash')
				AND living <@ ARRAY(SELECT pid(l) FROM job_lease l)
		\$\$;

		CREATE FUNCTION finished() RETURNS boolean LANGUAGE sql AS \$\$
			SELECT NOT EXISTS (SELECT FROM job_any
				WHERE kind LIKE 'noop.%' AND state <> 'dead')
		\$\$"
}

teardown() {
	[ "${#live[@]}" = 0 ] || kill -KILL "${live[@]}" 2>/dev/null || true
}

# Bury the dead, ask whether something is true, and have as many workers as ever.
turn() { # CONDITION
	local pid all=("${live[@]}") list answer
	live=()
	for pid in "${all[@]}"; do
		! kill -0 "$pid" 2>/dev/null || live+=("$pid")
	done
	list=$(IFS=, && echo "'{${live[*]}}'")
	answer=$(sql "SELECT bury($list); SELECT ${1/LIVE/$list}" | tail -n 1)
	[ "${#live[@]}" -lt $WORKERS ] || [ "$answer" != t ] || return 0
	while [ "${#live[@]}" -lt $WORKERS ]; do
		PGUSER=shop_worker "$BUILD/shop-worker" run --queue noop --lease 60 --batch 10 \
			>>"$RUN/workers.log" 2>&1 3>&- </dev/null &
		live+=($!)
		disown # no word about its end
	done
	return 1
}

@test "200 kills: no job is lost, none is settled twice, those that kill die alone" {
	local round=0 killed=0 victims pid
	while [ $killed -lt $KILLS ]; do
		[ $((round++ % 5)) != 0 ] || sql "SELECT job_put('noop.crash', 1)" >/dev/null
		wait_until 30 turn 'busy(LIVE) FROM offer()'
		mapfile -t victims < <(printf '%s\n' "${live[@]}" | shuf)
		for pid in "${victims[@]:0:EACH}"; do # such a job may have been quicker
			! kill -KILL "$pid" 2>/dev/null || killed=$((killed + 1))
		done
		sql "SELECT outlive(${victims[EACH]})" >/dev/null
	done
	wait_until 30 turn 'finished()'
	assert_equal "$(sql 'SELECT count(*) FROM job_lease')" 0
	assert_equal "$(sql "SELECT count(*) || ' of ' || count(DISTINCT id) FROM job_done")" \
		"$(sql "SELECT n || ' of ' || n FROM put")"
	assert_equal "$(sql 'SELECT kind, rule, crashes, count(*) FROM job_dead GROUP BY 1, 2, 3')" \
		"noop.crash|job_spares_its_worker|3|$(((round + 4) / 5))"
	# A neighbour of such a job is run alone from then on, and not hit again.
	assert_equal "$(sql 'SELECT max(crashes) FROM job_done')" 1
}
