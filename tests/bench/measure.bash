# What the benchmarks of the queue share; sourced.
# shellcheck shell=bash disable=SC2034 # measure sets what the callers print
pid=$(head -n 1 "$BENCH_PG/data/postmaster.pid")
log=$(mktemp)
trap 'rm -f "$log"' EXIT

sql() { PGOPTIONS='-c search_path=shop' psql -qXAt -v ON_ERROR_STOP=1 -c "$1"; }

row() { # WHAT VALUE UNIT BASELINE
	awk -v w="$1" -v v="$2" -v u="$3" -v b="${4:-0}" 'BEGIN {
		f = v < 100 ? "%.2f" : "%.0f"
		printf "%s " f " %s ", w, v, u
		if (b > 0) printf f " %.2f\n", b, v / b; else print "- -"
	}'
}

# CPU seconds of the server and all its children, dead or alive.
cpu() {
	local p
	for p in "$pid" $(pgrep -P "$pid"); do
		sed 's/.*) //' "/proc/$p/stat" 2>/dev/null || true
	done | awk -v hz="$(getconf CLK_TCK)" '
		NR == 1 { t += $14 + $15 } { t += $12 + $13 } END { print t / hz }'
}

# measure JOBS COMMAND...: sets rate (the last column that the command prints),
# cpu_us and wal_bytes a job.
measure() {
	local n=$1 c0 w0
	shift
	c0=$(cpu) w0=$(sql 'SELECT pg_current_wal_insert_lsn()')
	rate=$("$@")
	cpu_us=$(awk -v a="$c0" -v b="$(cpu)" -v n="$n" 'BEGIN { print (b - a) * 1e6 / n }')
	wal_bytes=$(sql "SELECT (pg_current_wal_insert_lsn() - '$w0') / $n")
}

fill() { sql "SELECT job_put_many('noop.run', array_agg(i)) FROM generate_series(1, $1::bigint) i" >/dev/null; }

worker() { # BATCH [THREADS]
	"$BUILD/shop-worker" bench --batch "$1" --concurrency "${2:-1}" --format tsv \
		--field jobs_per_s 2>"$log" || { cat "$log" >&2; exit 1; }
}

tps() { # CLIENTS SECONDS SCRIPT
	pgbench -n -M prepared -c "$1" -j 2 -T "$2" -f - <<<"$3" 2>&1 |
		sed -n 's/^tps = \([0-9.]*\).*/\1/p'
}
