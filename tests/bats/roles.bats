#!/usr/bin/env bats
# A stolen password of a service opens no table, and no verb that is not its own.
load helper

# A copy of a database does not take its own grants along; `migrate up` makes them.
setup_file() {
	shop_up
	shopctl migrate up
}

as() { # ROLE SQL
	PGUSER=$1 psql -qXAt -v ON_ERROR_STOP=1 -c "$2"
}

tables() {
	sql "SELECT c.oid::regclass FROM pg_class c WHERE relnamespace = 'shop'::regnamespace
		AND relkind IN ('r', 'p', 'v', 'S')"
}

@test "a service reads, writes and empties no table" {
	local role t
	[ "$(tables | wc -l)" -gt 40 ]
	for role in shop_http shop_worker op_admin; do
		run sql "SELECT string_agg(c.relname || ' ' || p, ', ') FROM pg_class c,
			unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
			WHERE relnamespace = 'shop'::regnamespace AND relkind IN ('r', 'p', 'v')
				AND has_table_privilege('$role', c.oid, p)"
		assert_output ""
	done
	for t in orders payment ledger_line api_client order_contact stock; do
		run -1 as shop_http "SELECT * FROM shop.$t"
		assert_output --partial "permission denied"
		run -1 as shop_worker "DELETE FROM shop.$t"
		assert_output --partial "permission denied"
	done
}

@test "nobody changes what the books say, and only post() adds to it" {
	local role
	run sql "SELECT string_agg(r.rolname || ' ' || c.relname || ' ' || p, ', ') FROM pg_roles r, pg_class c,
		unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
		WHERE r.rolname ~ '^(shop|op)_' AND r.rolname <> 'shop_owner'
			AND c.relname IN ('ledger_entry', 'ledger_line', 'period_close')
			AND has_table_privilege(r.oid, c.oid, p)"
	assert_output ""
	[ "$(sql "SELECT count(*) FROM pg_roles WHERE rolname ~ '^(shop|op)_'")" -ge 9 ]
	for role in op_support op_warehouse op_finance op_catalog op_auditor op_admin shop_worker shop_http; do
		run psql -qXAt <<-END
			SET ROLE $role;
			UPDATE shop.ledger_line SET amount = 1;
			DELETE FROM shop.ledger_entry;
			INSERT INTO shop.ledger_entry (key, kind, actor) VALUES ('k', 'k', 'k');
			TRUNCATE shop.ledger_line;
			DELETE FROM shop.period_close;
		END
		assert_equal "$(grep -c 'permission denied' <<<"$output")" 5
	done
	run sql "SELECT string_agg(proname, ' ') FROM pg_proc WHERE pronamespace IN ('shop'::regnamespace, 'api'::regnamespace)
		AND prosrc ~* '(update|delete\s+from|truncate)\s+(only\s+)?(shop\.)?(ledger_entry|ledger_line|period_close)'"
	assert_output ""
	run sql "SELECT string_agg(proname, ' ' ORDER BY proname) FROM pg_proc WHERE pronamespace IN ('shop'::regnamespace, 'api'::regnamespace)
		AND prosrc ~* 'insert\s+into\s+(shop\.)?(ledger_entry|ledger_line|period_close)'"
	assert_output "ledger_close post"
}

@test "the door places orders and marks none paid" {
	local f
	for f in order_place order_place_fast checkout_get webhook_receive id_block; do
		run sql "SELECT bool_and(has_function_privilege('shop_http', oid, 'EXECUTE'))
			FROM pg_proc WHERE pronamespace = 'api'::regnamespace AND proname = '$f'"
		assert_output t
	done
	run sql "SELECT string_agg(proname, ' ') FROM pg_proc
		WHERE pronamespace = 'api'::regnamespace
		AND proname ~ '^(payment|refund|order_cancel|order_expire|job|op|stock|import)'
		AND has_function_privilege('shop_http', oid, 'EXECUTE')"
	assert_output ""
	run -1 as shop_http "SELECT * FROM api.payment_get(1)"
	assert_output --partial "permission denied"
}

@test "a service makes no objects and becomes nobody else" {
	local role
	for role in shop_http shop_worker; do
		run -1 as $role "CREATE TEMP TABLE orders (id bigint)"
		run -1 as $role "CREATE TABLE public.x (id bigint)"
		run -1 as $role "CREATE FUNCTION api.x() RETURNS int LANGUAGE sql AS 'SELECT 1'"
		run -1 as $role "SET ROLE shop_owner"
		assert_output --partial "permission denied"
	done
}

@test "a role that may not is told so, with exit 77" {
	PGUSER=shop_http run --separate-stderr -77 shopctl order list
	assert_equal "$output" ""
	[[ $stderr == *"role_may_call"* && $stderr == *"hint:"* ]]
}

@test "an auditor proves the books and changes nothing" {
	psql -qXc 'CREATE ROLE auditor_of_test LOGIN IN ROLE op_auditor'
	PGUSER=auditor_of_test run -0 shopctl fsck
	PGUSER=auditor_of_test run -77 shopctl refund create 1 --amount 1.00EUR --reason none
	psql -qXc 'DROP ROLE auditor_of_test'
}

@test "support gives back what its limit says and sets no limit; the auditor and the door none at all" {
	local f
	for f in refund_retry refund_settle refund_limit_set return_inspect; do
		run sql "SELECT has_function_privilege('op_support', oid, 'EXECUTE') FROM pg_proc
			WHERE pronamespace = 'api'::regnamespace AND proname = '$f'"
		assert_output f
	done
	run sql "SELECT string_agg(r || ' ' || proname, ', ') FROM pg_proc, unnest('{op_auditor,shop_http}'::text[]) r
		WHERE pronamespace = 'api'::regnamespace AND has_function_privilege(r, oid, 'EXECUTE')
		AND proname ~ '^(refund|return)_' AND proname !~ '_(list|get)$'"
	assert_output ""
	run sql "SELECT string_agg(role || ' ' || major, ', ' ORDER BY role) FROM refund_limit"
	assert_output 'op_admin 1000, op_finance 1000, op_support 5'
}
