# The checks themselves: each one is seen to fail.

load helper

# One violation for every test of tests/sql/lint.sql but the first.
plant() {
	PGUSER=postgres psql -qX -v ON_ERROR_STOP=1 <<-'END'
		CREATE SCHEMA tap;
		CREATE EXTENSION pgtap SCHEMA tap;
		CREATE EXTENSION plpgsql_check SCHEMA tap;
		CREATE TABLE shop.planted (a float, price real, CONSTRAINT planted_check CHECK (price > 0));
		GRANT SELECT ON shop.planted TO PUBLIC;
		GRANT SELECT ON shop.planted TO shop_http;
		CREATE FUNCTION shop.planted_trigger() RETURNS trigger LANGUAGE plpgsql AS
			'BEGIN RETURN NEW; END';
		CREATE TRIGGER planted BEFORE INSERT ON shop.planted
			FOR EACH ROW EXECUTE FUNCTION shop.planted_trigger();
		CREATE FUNCTION shop.planted_definer() RETURNS void LANGUAGE sql SECURITY DEFINER AS '';
		GRANT EXECUTE ON FUNCTION shop.planted_definer() TO PUBLIC, shop_worker;
		CREATE FUNCTION api.planted() RETURNS void LANGUAGE plpgsql AS
			'BEGIN PERFORM price FROM shop.planted WHERE no_such_column; END';
		CREATE FUNCTION api.planted(a int) RETURNS float LANGUAGE sql AS 'SELECT random()';
		ALTER ROLE shop_owner LOGIN;
		GRANT shop_owner TO shop_http;
	END
}

setup_file() { own_cluster; }

@test "every rule of the catalog lint can fail" {
	plant
	lint() { psql -qXAt -f "$ROOT/tests/sql/lint.sql" | grep -E '^(not )?ok'; }
	PGUSER=postgres PGOPTIONS='-c search_path=shop,tap' run -0 lint
	for n in {2..19}; do
		assert_line --regexp "^not ok $n "
	done
}

# The tree without what git does not know, then one violation of each kind.
@test "every rule of the house can fail" {
	tree=$RUN/tree
	mkdir "$tree"
	(cd "$ROOT" && cp -rp lib cmd sql scripts tests config man Makefile HOUSE.md .ci .clang-format "$tree")
	ln -s "$ROOT/build" "$tree/build"
	lines() { for ((i = 0; i < $1; i++)); do echo "$2"; done; }
	{
		lines 3 '#include "domain/rules.h"'
		echo '#include <libpq-fe.h>'
		echo 'typedef struct planted { int a; } planted;'
		printf '%s %s\n' '/* TO''DO see' '/ro''ot/x */'
		echo 'void planted(void)'
		echo '{'
		printf '\tconst char *s = "SELECT a FROM b";\n'
		printf '\t\t\t\tif (1)\n'
		printf '\tgoto out;\n'
		lines 400 '	;'
		echo '}'
	} >"$tree/lib/base/planted.c"
	lines 121 '' >"$tree/lib/base/planted.h"
	{
		echo 'CREATE FUNCTION api.planted() RETURNS void LANGUAGE plpgsql AS $$'
		lines 101 '--'
		echo 'END $$;'
	} >"$tree/sql/api/planted.sql"
	printf 'RULE(b, "")\nRULE(a, "")\n' >>"$tree/lib/domain/rules.h"
	printf '#!/bin/sh\necho $(cat $1) | while read x; do y=1; done; cd $x\n' >"$tree/scripts/planted"
	printf '[Service]\nNoSuchKey=1\nType=nonsense\n' >"$tree/config/systemd/planted.service"
	printf '.Dd x\n.Dt\n.Sh NAME\n.Xx\n' >"$tree/man/planted.1.in"
	run -1 "$ROOT/scripts/check-house" "$tree"
	refute_line --regexp '^ok [0-9]+ [^#]*$'
}
