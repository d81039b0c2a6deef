# What a stolen password of a service is worth: its own calls, and not one table.

load helper

as() { # ROLE SQL
	PGUSER=$1 psql -qXAt -v ON_ERROR_STOP=1 -c "$2"
}

@test "no service reads or writes any table" {
	for role in shop_http shop_worker; do
		for table in $(sql "SELECT relname FROM pg_class WHERE relnamespace = 'shop'::regnamespace
			AND relkind IN ('r', 'p', 'v') AND NOT relispartition"); do
			run ! as $role "SELECT * FROM shop.$table"
			assert_output --partial 'permission denied'
			run ! as $role "DELETE FROM shop.$table"
			assert_output --partial 'permission denied'
		done
	done
}

@test "the door may place orders and store webhooks, and nothing about money" {
	run -0 as shop_http "SELECT has_function_privilege(p.oid, 'EXECUTE') FROM pg_proc p
		WHERE pronamespace = 'api'::regnamespace
		AND proname IN ('checkout_place', 'checkout_get', 'webhook_receive', 'id_block')
		GROUP BY 1"
	assert_output t
	run -0 as shop_http "SELECT proname FROM pg_proc p
		WHERE pronamespace = 'api'::regnamespace AND has_function_privilege(p.oid, 'EXECUTE')
		AND proname ~ '^(payment|refund|ledger|stock|product|import|job|dlq|api_client_create)'"
	assert_output ""
}

@test "the worker may not do what only a person may" {
	run -0 as shop_worker "SELECT proname FROM pg_proc p
		WHERE pronamespace = 'api'::regnamespace AND has_function_privilege(p.oid, 'EXECUTE')
		AND proname ~ '^(refund_create|order_cancel|stock_|product_|import_|api_client_|rollup_rebuild)'"
	assert_output ""
}

@test "the services cannot become somebody else or make anything" {
	for role in shop_http shop_worker; do
		run ! as $role "SET ROLE shop_owner"
		run ! as $role "CREATE TABLE public.x (a int)"
		run ! as $role "CREATE TABLE shop.x (a int)"
		run ! as $role "CREATE FUNCTION api.x() RETURNS int LANGUAGE sql AS 'SELECT 1'"
	done
}

@test "shopctl as a service exits 77 where the role may not" {
	PGUSER=shop_http run -77 shopctl order list
	assert_output --partial 'role_may_call'
}
