# What customers find: from a change of the catalog through the worker to a page.

load helper

catalog=$BATS_TEST_DIRNAME/../data/catalog.csv

@test "an import is found once the worker has seen it, and the index proves itself" {
	sql "INSERT INTO warehouse (code) VALUES ('AMS-1'), ('BER-1')"
	run -0 shopctl product import "$catalog" --warehouse AMS-1
	run -0 --separate-stderr shopctl search query --format json
	assert_equal "$(jq '.items | length' <<<"$output")" 0
	run -1 shopctl search verify
	assert_output --partial dog-leash
	work
	run -0 shopctl search verify
	run -0 --separate-stderr shopctl search query --format json
	assert_equal "$(jq '.items | length' <<<"$output")" \
		"$(sql "SELECT count(*) FROM product WHERE status = 'active'")"
}

@test "the word nearest to a mistyped one is looked for" {
	run -0 shopctl search query laesh --columns handle --format csv
	assert_output --partial dog-leash
	run -0 shopctl search explain laesh --format csv
	assert_output --partial ,corrected,
}

@test "the index can be written again, in another language, and a wrong one is named" {
	run -65 shopctl search reindex --language klingon
	assert_output --partial english
	run -0 shopctl search reindex --language german
	run -0 shopctl search verify
	assert_equal "$(sql "SELECT value FROM setting WHERE name = 'search.language'")" german
}

@test "a word finds its synonyms until they are removed" {
	run -0 shopctl search synonym set Sofa couch --mutual
	run -0 shopctl search synonym list --format csv
	assert_output --partial couch,
	run -0 shopctl search synonym remove sofa
	run -3 shopctl search synonym remove sofa
	assert_output --partial synonym_exists
	run -65 shopctl search synonym set sofa 'tv set' --mutual
}
