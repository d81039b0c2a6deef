# What every command of the table owes to a shell, to cron and to a script.

load helper

out=$BATS_FILE_TMPDIR/out err=$BATS_FILE_TMPDIR/err

setup_file() {
	shop_up
	shopctl commands --format json | jq -c '.items[]' >"$RUN/commands"
	[ -s "$RUN/commands" ]
	mkdir "$RUN/help"
	while read -r command; do
		# shellcheck disable=SC2086 # it is split into words
		shopctl $command --help >"$RUN/help/$command" || true
	done < <(jq -r .command "$RUN/commands")
}

teardown_file() { shop_down; }

# What an example writes is not written into the checkout.
setup() { cd "$RUN" || return; }

# each FUNCTION [JQ-CONDITION]: call it for every command, with its name split
# into words, two at a time; says all that failed and not only the first.
each() {
	local command dir
	dir=$(mktemp -d "$RUN/each.XXXXXX")
	while read -r command; do
		one "$1" "$dir/$command" 3>&- &
		[ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n
	done < <(jq -r "select(${2:-true}) | .command" "$RUN/commands")
	wait
	for command in "$dir"/*.said; do
		[ -e "$command" ] || return 0
		echo "--- $(basename "$command" .said)"
		cat "$command"
	done
	return 1
}

one() {
	local words out=$2.out err=$2.err
	read -ra words <<<"${2##*/}"
	mkdir "$2" # where an example may write files
	if "$1" "${words[@]}" </dev/null >"$2.said" 2>&1; then
		rm "$2.said"
	fi
}

# Run a command line; status, and the files out and err.
try() {
	status=0
	shopctl "$@" >"$out" 2>"$err" || status=$?
}

# What was wrong, with both streams.
wrong() {
	echo "$1 (exit $status)"
	sed 's/^/out: /' "$out" | head -n 5
	sed 's/^/err: /' "$err" | head -n 5
	return 1
}

examples() {
	sed -n '/^examples:/,/^$/s/^  \(.*shopctl .*\)/\1/p' "$RUN/help/$*"
}

helps() {
	try "$@" --help
	[ $status = 0 ] || wrong "--help failed" || return
	[ ! -s "$err" ] || wrong "--help wrote to stderr" || return
	[ "$(examples "$@" | wc -l)" -ge 2 ] || wrong "less than two examples" || return
	! grep -q '[[:space:]]$' "$out" || wrong "trailing blanks in --help"
}

@test "every command helps, with two examples" { each helps; }

help_full() {
	status=0
	shopctl "$@" --help >/dev/full 2>"$err" || status=$?
	: >"$out"
	[ $status = 74 ] || wrong "--help to a full disk" || return
	[ -s "$err" ] || wrong "silent about a full disk"
}

@test "help on a full disk exits 74" { each help_full; }

unknown_flag() {
	try "$@" --formatt json
	[ $status = 64 ] || wrong "an unknown flag" || return
	[ ! -s "$out" ] || wrong "wrote to stdout" || return
	grep -q 'did you mean.*--format' "$err" || wrong "no suggestion"
}

@test "an unknown flag exits 64 and a near one is suggested" { each unknown_flag; }

abbreviated_flag() {
	try "$@" --form json
	[ $status = 64 ] || wrong "an abbreviated flag" || return
	[ ! -s "$out" ] || wrong "wrote to stdout"
}

@test "an abbreviated flag is refused" { each abbreviated_flag; }

bad_format() {
	try "$@" --format nonsense
	[ $status = 64 ] || wrong "--format nonsense" || return
	[ ! -s "$out" ] || wrong "wrote to stdout"
}

@test "a format that is none exits 64" { each bad_format; }

extra_operand() {
	try "$@" 1 2 3 4 5 6 7 8 9
	[ $status = 64 ] || wrong "nine operands too many" || return
	[ ! -s "$out" ] || wrong "wrote to stdout"
}

takes_many() { grep -q '^usage:.*\.\.\.]\?$' "$RUN/help/$*"; }

@test "an operand too many exits 64" {
	many_or_extra() { takes_many "$@" || extra_operand "$@"; }
	each many_or_extra
}

# The first example is a whole command line, so that required options are there.
without_database() {
	local line
	line=$(examples "$@" | head -n 1)
	status=0
	PGHOST=$RUN/nowhere eval "$line" >"$out" 2>"$err" || status=$?
	[ $status = 69 ] || wrong "$line" || return
	[ ! -s "$out" ] || wrong "wrote to stdout" || return
	grep -q hint: "$err" || wrong "no hint"
}

@test "no database exits 69 with a hint" { each without_database .needs_database; }

json_fault() {
	local line
	line=$(examples "$@" | head -n 1 | sed 's/ --format [a-z]*//; s/ |.*//')
	PGHOST=$RUN/nowhere eval "${line/shopctl /shopctl --format json }" >"$out" 2>"$err" || true
	status=0
	jq -es 'length == 1 and (.[0] | .exit == 69 and .code and .hint and .type and .title and .trace_id)' \
		"$err" >/dev/null || wrong "$line --format json: not one JSON object"
}

@test "in json an error is one object on stderr" { each json_fault .needs_database; }

# Every example is tried; what changes something, as a dry run.
example_parses() {
	local line dry
	[ "$(jq -r --arg c "$*" 'select(.command == $c) | .mutates' "$RUN/commands")" = false ] ||
		dry='--dry-run '
	while read -r line; do
		status=0
		(cd "${out%.out}" && eval "${line/shopctl /shopctl ${dry-}}") >"$out" 2>"$err" || status=$?
		case $status in
		64 | 70 | 74 | 99 | 124 | 127 | 134 | 139) wrong "$line" || return ;;
		esac
	done < <(examples "$@")
}

@test "every example is a command line that works" {
	each example_parses '.command != "migrate up"'
}

full_disk() {
	try "$@" --format json
	[ $status = 0 ] && [ -s "$out" ] || return 0
	status=0
	shopctl "$@" --format json >/dev/full 2>"$err" || status=$?
	[ $status = 74 ] || wrong "to a full disk" || return
	grep -q '"exit": *74' "$err" || wrong "silent about a full disk"
}

reads='(.mutates | not) and .operands == "" and .command != "migrate up"'

@test "a result that a full disk cannot take exits 74" { each full_disk "$reads"; }

closed_output() {
	try "$@" --format json
	[ $status = 0 ] && [ -s "$out" ] || return 0
	status=0
	shopctl "$@" --format json 2>"$err" >&- || status=$?
	[ $status = 74 ] || wrong "stdout is closed"
}

@test "a closed standard output exits 74" { each closed_output "$reads"; }

head_closes() {
	local ends
	"$BUILD/shopctl" "$@" --quiet --format csv 2>"$err" | head -n 1 >"$out"
	ends=("${PIPESTATUS[@]}")
	status=${ends[0]}
	case $status in
	0 | 141) [ ! -s "$err" ] || wrong "not silent" ;;
	esac
}

@test "a reader that had enough ends a command silently" { each head_closes "$reads"; }

formats() {
	local format
	try "$@" --format json
	[ $status = 0 ] && [ -s "$out" ] || return 0
	jq -e .schema "$out" >/dev/null || wrong "json has no schema" || return
	for format in table csv tsv ndjson; do
		try "$@" --quiet --format $format
		[ $status = 0 ] || wrong "--format $format" || return
		[ ! -s "$err" ] || wrong "--format $format wrote to stderr" || return
	done
	jq -e . "$out" >/dev/null || [ ! -s "$out" ] || wrong "ndjson is not JSON"
}

# A page of configuration, a file for another shop and metrics are not rows.
@test "every read has the five formats" {
	each formats "$reads and ([.command] | inside([\"config defaults\", \"metrics print\", \"product export\"]) | not)"
}

@test "no command at all exits 64, says what to do, and prints nothing" {
	try
	[ "$status" = 64 ]
	[ ! -s "$out" ]
	grep -q 'hint:' "$err"
}

@test "an unknown noun or verb exits 64 and the near one is suggested" {
	try ordr list
	[ "$status" = 64 ]
	try config chek
	[ "$status" = 64 ]
	grep -q 'did you mean.*check' "$err"
}

@test "help and version go to standard output" {
	run -0 --separate-stderr shopctl --help
	[ -n "$output" ] && [ -z "$stderr" ]
	run -0 --separate-stderr shopctl --version
	assert_output --regexp '^shopctl [0-9]+\.[0-9]+\.[0-9]+'
	[ -z "$stderr" ]
}

@test "text is UTF-8 whatever the locale says" {
	sql "INSERT INTO warehouse (code, name) VALUES ('ZRH', 'Zürich')"
	LC_ALL=C run -0 shopctl warehouse list --format csv
	assert_output --partial Zürich
	LC_ALL=C run -0 shopctl warehouse list --format table
	assert_output --partial Zürich
}

@test "the two daemons help and refuse as the operator's program does" {
	for program in shop-worker shop-httpd; do
		run -0 "$BUILD/$program" --help
		assert_output --partial "$program"
		run -0 "$BUILD/$program" --version
		run -64 "$BUILD/$program" --no-such-flag
	done
}
