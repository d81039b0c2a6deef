# Visitors' events, by file and over HTTP: all of a batch or nothing, and once.

load helper

at() { date -u -d "-$1 minutes" +%Y-%m-%dT%H:%M:00Z; }

event() { # ID TYPE MINUTES [MORE]
	echo "{\"id\":\"$1\",\"type\":\"$2\",\"session\":\"s1\",\"at\":\"$(at "$3")\"${4:+,$4}}"
}

kept() { sql 'SELECT count(*) FROM behaviour_event'; }

folded() {
	shopctl report rollup fold >/dev/null &&
		[ "$(shopctl report funnel --since 2d --format csv --columns step | grep -c .)" -ge 4 ]
}

@test "a file is kept whole, once; a bad line is named and nothing of it is kept" {
	{
		event a1 view 9 '"sku":"DOG"'
		event a2 add_to_cart 8 '"sku":"DOG"'
		event a3 search 7 '"query":"dog food"'
	} >"$RUN/good"
	run -0 --separate-stderr shopctl event ingest "$RUN/good" --dry-run --field accepted
	assert_output 3
	assert_equal "$(kept)" 0
	run -0 --separate-stderr shopctl event ingest - --field accepted <"$RUN/good"
	assert_output 3
	run -0 --separate-stderr shopctl event ingest "$RUN/good" --field repeated
	assert_output 3
	{
		event b1 view 6
		event b2 vieww 6
	} >"$RUN/bad"
	run -65 shopctl event ingest "$RUN/bad"
	assert_output --partial 'line 2: '
	assert_output --partial /type
	assert_equal "$(kept)" 3
	wait_until 20 folded # once no transaction of the server is as old
	run -0 --separate-stderr shopctl report funnel --since 2d --format csv --columns step,sessions,events
	assert_line 'view,1,1'
	assert_line 'add_to_cart,1,1'
	assert_line 'search,1,1'
	run -0 shopctl report rollup verify
}

@test "the door takes a batch with the scope for it, and refuses the rest with words" {
	start_httpd
	API_KEY=$(shopctl api-client create shopfront --scope checkout --field key -q)
	request POST /v1/events '{"events":[]}'
	assert_equal "$status" 403
	API_KEY=$(shopctl api-client create tracker --scope events --field key -q)
	before=$(kept)
	request POST /v1/events "{\"events\":[$(event c1 view 5),$(event c2 view 4)]}"
	assert_equal "$status $body" '202 {"accepted":2,"repeated":0}'
	request POST /v1/events "{\"events\":[$(event c2 view 4),$(event c3 view 3)]}"
	assert_equal "$status $body" '202 {"accepted":1,"repeated":1}'
	request POST /v1/events "{\"events\":[$(event c4 view 2),$(event 'c 5' view 1)]}"
	assert_equal "$status" 422
	assert_output --partial event_name_is_plain
	request POST /v1/events '{"events":[],"more":1}'
	assert_equal "$status" 422
	assert_output --partial /more
	request POST /v1/events "{\"events\":[$(event c6 view 5000000)]}"
	assert_equal "$status" 422
	assert_output --partial event_time_is_near
	assert_equal "$(kept)" $((before + 3))
	stop httpd
}
