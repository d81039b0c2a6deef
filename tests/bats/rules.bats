# Whatever may refuse has words: every rule a person can meet is in rules.h.

load helper

# Names on standard input that `shopctl explain` does not know.
unknown() {
	sort -u | comm -23 - <(shopctl explain --format tsv --no-header --columns name | sort -u)
}

@test "every constraint of the schema has words" {
	run unknown < <(sql "SELECT DISTINCT k.conname FROM pg_constraint k
		JOIN pg_class c ON c.oid = k.conrelid
		WHERE k.connamespace = 'shop'::regnamespace AND k.contype IN ('c', 'u', 'x')
		AND NOT c.relispartition")
	assert_output ""
}

@test "every refusal of a database function has words" {
	run unknown < <(grep -hoE "\b(refuse|absent|invalid|denied)\('[a-z0-9_]+'" "$ROOT"/sql/api/*.sql |
		sed "s/.*'\(.*\)'/\1/")
	assert_output ""
}

@test "every fault of the programs has words" {
	run unknown < <(cat "$ROOT"/lib/*/*.c "$ROOT"/cmd/*/*.c | tr -s '\n\t' ' ' |
		grep -oE '\bfail\(op, E_[A-Z_]+, "[a-z0-9_]+"' | sed 's/.*"\(.*\)"/\1/')
	assert_output ""
}

@test "words are a sentence, and a hint is something to do" {
	run shopctl explain --format ndjson
	assert_success
	run jq -r 'select((.words | length) < 10 or (.words | test("\\.$"))) | .name' <<<"$output"
	assert_output ""
}
