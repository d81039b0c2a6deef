/*
 * The name of each rule, words for a person, a remedy.  Names are those of constraints
 * and of refusals; the same on the command line, in HTTP problems and dead letters.
 * Sorted by name; included by rule.c.
 */
RULE(account_is_posted_by_hand,
	"only accounts without a noun of ours are posted by hand",
	"shopctl ledger accounts")
RULE(action_is_confirmed, "what cannot be undone is confirmed first", "add --yes")
RULE(address_can_be_served, "the addresses of http.listen are free and ours",
	"see http.listen and http.admin_listen")
RULE(address_kind_is_known, "an address is for shipping or for billing",
	"use one of these")
RULE(admin_address_is_a_socket, "the admin listener is a Unix socket",
	"set worker.admin_listen to unix:PATH")
RULE(allocation_policy_is_known,
	"where an order is sent from is decided by a policy that exists",
	"priority, nearest or fewest_splits")
RULE(answer_in_time, "the database answers before the deadline",
	"repeat with the same idempotency key; see: shopctl doctor")
RULE(api_client_exists, "the api client is there", "shopctl api-client list")
RULE(api_client_expires_later, "a key is made for some time at least",
	"give a later --expires")
RULE(api_client_hash_is_sha256, "an api key is kept as its sha256 only", NULL)
RULE(api_client_key_is_unique, "no two api keys share an id", "create the client again")
RULE(api_client_name_is_not_empty, "an api client has a name", "give it one")
RULE(api_client_scope_is_known, "an api client has scopes that exist",
	"add --scope checkout")
RULE(api_has_column, "the database answers with the columns that this program reads",
	"run: shopctl migrate up")
RULE(attribute_choices_are_given,
	"a choice has values to choose from, and nothing else has",
	"--choices red,blue")
RULE(attribute_exists, "the category asks for the attribute",
	"shopctl category attribute list CATEGORY")
RULE(attribute_filter_is_a_pair, "a filter by attribute is NAME=VALUE", "color=red")
RULE(attribute_kind_is_known, "an attribute is of a known kind", NULL)
RULE(attribute_name_is_plain, "an attribute has a plain name",
	"lower case letters, digits and _")
RULE(attributes_are_an_object, "attributes are one JSON object",
	"write {\"name\": \"value\"}")
RULE(attributes_fit_their_category,
	"a product has the attributes that its category asks for",
	"shopctl category attribute list CATEGORY")
RULE(audit_anchor_is_readable, "an anchor is SEAL:ROOT", "shopctl audit anchor")
RULE(audit_row_exists, "the change is in the audit log", "shopctl audit list")
RULE(audit_seal_exists, "something was sealed", "shopctl audit seal")
RULE(audit_seal_hashes_each_row, "a seal has a digest for each row", NULL)
RULE(balance_file_has_columns,
	"a balance file has the columns of the provider's itemised export, each once",
	"export balance_change_from_activity.itemized.3, or the Dashboard's balance "
	"history")
RULE(balance_file_is_stripes, "a balance file is an export of Stripe's",
	"leave --file out: the provider is asked")
RULE(balance_row_is_readable, "every row of a balance file can be read",
	"export the file from the provider again")
RULE(basket_is_of_one_order, "a basket is one order, of ours or imported", NULL)
RULE(batch_is_clean,
	"a batch of checkouts is placed at once when nothing is wrong with any", NULL)
RULE(body_has_a_length, "a request says how long its body is", "send Content-Length")
RULE(body_is_bounded, "a request body is not larger than it may be",
	"see http.max_body")
RULE(body_is_json, "what is sent is JSON and says so",
	"send Content-Type: application/json")
RULE(brand_exists, "the brand is there", "shopctl brand list")
RULE(brand_has_no_products, "a brand that products are of is not deleted", NULL)
RULE(brand_slug_is_unique, "no two brands share a name", "use the existing brand")
RULE(breaker_exists, "the provider is known", "shopctl breaker list")
RULE(breaker_is_closed,
	"a provider that does not answer is left alone; the job waits, no try is burnt",
	"shopctl breaker list")
RULE(breaker_state_is_known, "a breaker is closed, open or half_open", NULL)
RULE(breaker_tries_again, "a breaker that is open knows when it tries again", NULL)
RULE(bulk_finds_prices, "a bulk change finds prices to change",
	"shopctl price list --where CONDITION")
RULE(cancel_has_a_reason, "canceling an order needs a reason", "add --reason TEXT")
RULE(carrier_answers, "a carrier answers where its parcels are",
	"shopctl breaker list; the job is tried again")
RULE(cart_coupon_exists, "the coupon is in the cart", NULL)
RULE(cart_coupons_are_few, "a cart has ten coupons at most", NULL)
RULE(cart_exists, "the cart is there", "open another one")
RULE(cart_has_a_version, "a cart has a version, which is not below zero",
	"count the changes of the cart, from 0 or 1")
RULE(cart_has_few_lines, "a cart has a hundred lines at most", NULL)
RULE(cart_is_current, "a cart is changed and ordered as it was seen", "read it again")
RULE(cart_is_of_one_customer, "a cart stays with its customer", NULL)
RULE(cart_is_open, "a cart is changed until it is ordered or merged",
	"open another one")
RULE(cart_line_exists, "the SKU is in the cart", NULL)
RULE(cart_line_is_one_sku, "a cart has a line for each SKU", NULL)
RULE(cart_line_is_within_bounds, "a line of a cart is within bounds", NULL)
RULE(cart_state_is_known, "a cart is open, ordered or merged", NULL)
RULE(cart_used_once, "a cart is ordered once, whatever the key",
	"show the customer the order that there is; a changed cart has another version")
RULE(category_exists, "the category is there", "shopctl category list")
RULE(category_has_a_name, "a category has a name without / and >", NULL)
RULE(category_is_empty, "a category is deleted when nothing is in it", NULL)
RULE(category_is_not_below_itself, "a category is not part of itself", NULL)
RULE(category_path_is_its_place,
	"the path of a category is its name below the path of its parent", NULL)
RULE(category_path_is_unique, "no two categories share a path",
	"use the existing category")
RULE(cell_fits_a_spreadsheet, "a cell of a workbook has at most 32767 characters",
	"choose other columns, or another format")
RULE(certificate_can_be_fetched, "a certificate can be fetched from its provider",
	"check the network of the worker")
RULE(change_is_given, "a change changes something", NULL)
RULE(change_is_readable, "a change is NAME=VALUE of a name that is known", NULL)
RULE(change_is_said_once, "a change gives each name once", NULL)
RULE(checkout_exists, "there is a checkout of that id, and it is this client's",
	"check the id")
RULE(checkout_is_asked_again,
	"another order may take the last use of a promotion first", "try again")
RULE(checkout_is_plain,
	"only orders that nothing but prices and stock decides are placed at once",
	NULL)
RULE(client_has_scope, "an api client does only what its scopes say",
	"make a key with that scope")
RULE(client_is_known, "who calls the door has a key that is good",
	"shopctl api-client list")
RULE(column_is_known, "a column that is asked for exists", "--columns help lists them")
RULE(columns_are_few, "a result is asked for at most as many columns as it has",
	"name each column once")
RULE(command_is_given, "a command line names a command", "see: shopctl --help")
RULE(command_is_known, "a command line names a command that exists",
	"see: shopctl commands")
RULE(config_is_valid, "every key of the configuration is known and makes sense",
	"shopctl config check")
RULE(config_key_exists, "a key of the configuration that is asked for exists",
	"all keys: shopctl config show")
RULE(count_exists, "the count is there", "shopctl count list")
RULE(count_has_its_book, "what was counted is kept with what the book had then", NULL)
RULE(count_has_lines, "a count has something to count", "shopctl warehouse show CODE")
RULE(count_is_bounded, "a count is neither nothing nor without end", "1 to 1000")
RULE(count_is_complete,
	"a count is posted when all of it was counted, or was said to be left or gone",
	"count the rest, or --uncounted leave, or --uncounted zero")
RULE(count_is_newest, "what was set to a number after it was counted is counted again",
	"shopctl count enter COUNT SKU:N")
RULE(count_is_not_negative, "nobody counts less than nothing", NULL)
RULE(count_is_of_its_time,
	"what is counted was counted since the count began, and not later than now",
	"leave --at out: it was counted now")
RULE(count_is_of_one_moment,
	"two shelves of a SKU are added when nothing moved between counting them",
	"count both again and enter the sum")
RULE(count_is_open, "what was counted is entered while the count is open",
	"shopctl count list --state open")
RULE(count_key_used_once, "a key starts one count", NULL)
RULE(count_line_is_of_one_count, "a SKU is in one open count of its warehouse",
	"post or cancel the other: shopctl count list --state open")
RULE(count_state_is_known, "a count is open, posted or canceled", NULL)
RULE(country_is_known, "a country is a code of two capital letters",
	"use a code such as DE")
RULE(coupon_code_is_folded,
	"a code has 2 to 64 letters, digits, dots, dashes and underscores",
	"give it another code")
RULE(coupon_code_is_unique, "a code is one coupon's", "give it another code")
RULE(coupon_count_is_bounded, "codes are made in bounded numbers and lengths",
	"shopctl coupon generate --help")
RULE(coupon_exists, "the coupon is there", "shopctl coupon list")
RULE(coupon_expired, "a coupon is valid when it is used", "shopctl coupon show CODE")
RULE(coupon_not_combinable, "a promotion that is exclusive is given alone",
	"leave the other coupon out; shopctl promotion list")
RULE(coupon_not_for_this_basket, "a coupon covers some of what is bought",
	"shopctl promotion show NAME")
RULE(coupon_not_for_this_customer, "a coupon is used by whom it is for",
	"shopctl promotion show NAME")
RULE(coupon_not_yet_valid, "a coupon is valid when it is used",
	"shopctl coupon show CODE")
RULE(coupon_unknown, "the coupon is there", "shopctl coupon list")
RULE(coupon_used_by_customer, "a customer uses a promotion as often as it says",
	"shopctl promotion show NAME")
RULE(coupon_used_up, "a coupon is used as often as it says", "shopctl coupon show CODE")
RULE(coupon_uses_are_positive, "a coupon can be used once or more",
	"give --max-uses 1, or none for any number")
RULE(coupon_within_its_uses, "a coupon is used as often as it says",
	"shopctl coupon show CODE")
RULE(coupons_are_bounded, "an order takes a few coupons", "leave some out")
RULE(cron_field_fits, "a field of a cron expression is numbers and ranges",
	"shopctl schedule next --cron EXPRESSION tries it")
RULE(cron_has_five_fields, "a cron expression has five fields",
	"minute hour day-of-month month day-of-week, or @daily")
RULE(csv_cell_is_bounded, "a cell of a CSV file has at most 1 MiB",
	"look for a quote that is never closed")
RULE(csv_columns_differ, "each column of a file means something else",
	"remove or rename one of the two")
RULE(csv_has_no_nul, "a CSV file has no NUL bytes",
	"get the file again, as text in UTF-8")
RULE(csv_header_is_known, "the first line of a file names its columns",
	"write handle, sku or title in it; see: shopctl product export")
RULE(csv_header_is_whole, "a file of another shop has the columns that it always has",
	"add them; their cells may be empty")
RULE(csv_is_text, "a CSV file is text", "save it as CSV in UTF-8")
RULE(csv_is_utf8, "a CSV file is in UTF-8", "iconv -f WINDOWS-1252 -t UTF-8 FILE")
RULE(csv_quotes_close, "a quote that opens in a CSV file closes",
	"add the closing quote")
RULE(csv_quotes_double, "a quote inside a cell is written twice",
	"quote the whole cell and double the quotes in it")
RULE(csv_row_is_bounded, "a row has at most 1000 columns and 16 MiB", "split the file")
RULE(csv_rows_fit_the_header, "a row has the cells that the header names",
	"quote cells with commas; leave cells empty but keep their commas")
RULE(currencies_agree, "two amounts of one price are in one currency",
	"write both in the same")
RULE(currency_exponent_is_small, "a currency has at most four decimals", NULL)
RULE(currency_is_known, "a currency is one of ISO 4217", "use a code such as EUR")
RULE(currency_is_one, "a checkout is in one currency",
	"ask in the currency of the total")
RULE(cursor_is_of_this_query, "a cursor goes on in the query that made it",
	"begin without a cursor")
RULE(customer_email_is_folded, "an e-mail address is kept in lower case and has an @",
	"correct the address")
RULE(customer_email_is_unique, "one customer an e-mail address",
	"use the existing customer")
RULE(customer_exists, "there is a customer of that number or address",
	"give the number or the address of an account")
RULE(customer_has_bought, "what goes with a customer's purchases needs purchases",
	"shopctl report sales --by customer")
RULE(customer_has_one_cart, "a customer has one open cart in a currency",
	"merge the other one into it")
RULE(database_is_open, "a command that needs the database has opened it",
	"report this as a bug")
RULE(database_is_up, "the database can be reached",
	"check PGHOST, PGDATABASE, PGUSER or database.conninfo")
RULE(days_are_some, "sales are looked at over one day at least", "--over 30")
RULE(dead_letter_exists, "the job is a dead letter", "shopctl dlq list")
RULE(dispute_acceptance_has_a_reason, "giving in to a dispute needs a reason",
	"add --reason TEXT")
RULE(dispute_amount_is_positive, "something is disputed", NULL)
RULE(dispute_awaits_an_answer, "only a dispute that needs a response takes one",
	"shopctl dispute list --open")
RULE(dispute_closed_has_a_time, "a dispute that ended says when", NULL)
RULE(dispute_evidence_is_bounded, "a field of evidence has at most 20000 bytes",
	"shorten it")
RULE(dispute_evidence_is_given, "an answer to a dispute says something",
	"add --field NAME=TEXT")
RULE(dispute_evidence_is_named, "evidence is fields of the provider and their texts",
	"write --field customer_name=TEXT")
RULE(dispute_exists, "the dispute is there", "shopctl dispute list")
RULE(dispute_is_answered_once, "a dispute is answered once",
	"shopctl dispute show DISPUTE")
RULE(dispute_provider_ref_once, "a dispute of the provider is stored once", NULL)
RULE(dispute_state_is_known, "a dispute is in a known state",
	"shopctl dispute list --help")
RULE(document_is_readable, "a document has the members of a product", NULL)
RULE(door_is_open, "a process that is about to end is sent no more requests",
	"ask another one")
RULE(dry_run_means_something, "only a command that changes something has a dry run",
	"leave --dry-run out")
RULE(edit_changes_something, "who edits a dead letter says what becomes of it",
	"add --subject or --payload")
RULE(editor_ends_well, "the editor ends with status 0", "set EDITOR")
RULE(email_is_an_address, "an e-mail address has a name, an @ and a host",
	"correct the address")
RULE(event_batch_is_bounded, "a call brings 1 to 500 events", "send more calls")
RULE(event_is_kept_once, "an event is kept once, whoever sends it again", NULL)
RULE(event_line_is_bounded, "a line of events has at most 64 KiB",
	"write one event a line")
RULE(event_name_is_plain, "events and sessions have short names of visible characters",
	"use a UUID")
RULE(event_time_is_near, "an event is kept while it is new",
	"send events when they happen")
RULE(event_type_is_known, "an event is of a known type", "shopctl event ingest --help")
RULE(every_order_is_answered, "the database answers each order of a batch",
	"report it: this is our fault")
RULE(expectation_is_known, "nothing is expected but 100-continue",
	"leave the Expect field out")
RULE(field_type_known, "every field of a table of ours has a type that can be printed",
	"report this as a bug")
RULE(file_is_of_its_kind, "a file holds what it is imported as", NULL)
RULE(file_is_readable, "the input can be read", "check the path and its permissions")
RULE(files_are_enough, "the process may open the files it needs", "raise LimitNOFILE")
RULE(filter_is_given, "what acts on many says on which", "add a filter, or --all")
RULE(format_is_for_rows, "a workbook holds rows", "use another --format")
RULE(format_is_known, "a result is printed as table, json, csv, tsv or ndjson",
	"use one of these with --format")
RULE(gzip_is_whole, "compressed data is whole", "fetch the file again")
RULE(head_is_bounded, "the head of a request is not larger than it may be",
	"send fewer or shorter fields")
RULE(history_is_days_or_off, "a history is kept for days, or not at all", NULL)
RULE(history_line_is_complete,
	"a line of a past order says its order, date, quantity "
	"and price",
	"fill in the cell")
RULE(history_line_names_a_product, "a line of a past order says what was sold",
	"give a SKU or a description")
RULE(history_name_is_short, "numbers of another system are short", "shorten it")
RULE(history_names_no_person, "past orders name customers by number",
	"replace addresses by numbers")
RULE(history_order_agrees, "an order has one currency and one customer",
	"give the other lines an order number of their own")
RULE(history_order_is_final, "an imported order does not change",
	"import the difference as an order of its own")
RULE(history_order_is_imported_once, "a source's order is imported once", NULL)
RULE(history_order_is_whole, "an order is imported with all its lines, or not",
	"correct its other line")
RULE(history_quantity_is_whole, "a quantity is a number of pieces, not nought",
	"write 3, or -3 for what came back")
RULE(hold_has_a_reason, "an order is held and released for a reason", "--reason TEXT")
RULE(housekeeping_task_exists, "a task is one that this version knows",
	"run a worker of the version that enqueued it")
RULE(http_header_invalid, "a header sent to a provider is one line",
	"report this as a bug")
RULE(http_no_memory, "there is memory for a call to a provider",
	"give the process more memory")
RULE(http_request_invalid, "a call to a provider has an address that can be called",
	"check the base_url in the configuration")
RULE(http_version_is_spoken, "HTTP is spoken in a version we know", "use HTTP/1.1")
RULE(id_block_is_bounded, "numbers for orders are reserved 1 to 100000 at a time",
	"report this as a bug")
RULE(id_fits_json, "an identifier stays below 2^53, so that JSON keeps it",
	"report this as a bug")
RULE(identifier_is_plain, "a name inside the database has only letters, digits and _",
	"report this as a bug")
RULE(image_exists, "the product has the picture",
	"shopctl product show PRODUCT --field images")
RULE(image_is_a_link, "a picture is a link", "https://...")
RULE(import_exists, "there is an import of that number", "shopctl import runs")
RULE(import_file_is_the_same, "an import goes on with the file that it began with",
	"import the other file as one of its own")
RULE(import_file_is_there, "the file of an import is where it was",
	"shopctl import resume ID FILE")
RULE(import_is_allowed, "who may import what is given by roles",
	"ask for the role of what it is about")
RULE(import_is_done, "what was imported can be taken back, once", "shopctl import runs")
RULE(import_is_remembered, "an import can be taken back for some months",
	"import a file with the values that should be")
RULE(import_is_staged, "what was read from a file is imported once",
	"shopctl import runs")
RULE(import_is_whole, "an import is done to its end or not at all", "start it again")
RULE(import_kind_is_known, "there is an import of that kind",
	"shopctl import check FILE says what a file is")
RULE(import_map_fits_the_file, "a map names columns that the file has",
	"write the names as they stand in the file's first line")
RULE(import_map_is_readable, "a map is YAML: columns and what they are",
	"write `columns:` and below it `HEADER: FIELD` lines")
RULE(import_map_names_fields, "a map names fields that there are",
	"shopctl import template KIND")
RULE(import_rejected_once, "a row of a file is refused once", NULL)
RULE(import_row_is_complete, "a row of a file has what its kind needs", NULL)
RULE(import_rows_are_valid, "a file is imported when all its rows are right",
	"--rejects FILE writes the refused rows, --partial imports the others")
RULE(import_runs_once, "an import is gone on with by one process", NULL)
RULE(import_stage_is_whole, "all rows that were read are still there",
	"import the file again")
RULE(import_state_is_known,
	"an import is staging, staged, done, refused, abandoned or undone", NULL)
RULE(import_undo_is_whole, "an import is taken back whole or not at all",
	"take back what came later, or import a file with the values that should be")
RULE(incident_closed_at_a_time, "a closed incident has the time of its end", NULL)
RULE(incident_closed_with_a_word, "an incident is closed with a note on how it ended",
	"add --note TEXT")
RULE(incident_exists, "the incident is there", "shopctl incident list")
RULE(incident_is_not_all_that_is_left,
	"an incident stays open while nothing else tells of the money",
	"give the money back, or book it, and close the incident then")
RULE(incident_kind_is_not_empty, "an incident says of what kind it is", NULL)
RULE(incident_open_once, "the same incident is not opened twice while it is open",
	"shopctl incident list")
RULE(incident_owned_by_somebody, "an owned incident names its owner",
	"shopctl incident own INCIDENT --to NAME")
RULE(incident_state_is_known, "an incident is open, owned or closed", NULL)
RULE(input_can_be_read, "a file that is named can be read", "check its name and mode")
RULE(input_is_bounded, "an input file is not longer than it may be", "shorten it")
RULE(input_is_readable, "an input file can be read",
	"check the path and its permissions")
RULE(input_is_text, "an input file is UTF-8 text", "convert the file to UTF-8")
RULE(invariant_is_known, "a check that is asked for exists",
	"all checks: shopctl fsck --format tsv")
RULE(job_exists, "the job is known; a finished one is, where its queue has a history",
	"shopctl job list")
RULE(job_has_a_queue, "a kind of job belongs to the queue of its first word",
	"shopctl queue list")
RULE(job_is_a_number, "a job is named by its id", "shopctl job list")
RULE(job_kind_is_known, "a worker knows the kinds of its version",
	"run a worker of the version that enqueued it")
RULE(job_priority_is_a_level, "a priority is -2 (first) to 2 (last)", NULL)
RULE(job_schedule_period_positive, "a schedule repeats after a second at least", NULL)
RULE(job_spares_its_worker, "a job whose worker is lost three times is dead",
	"find out what it does to the worker before shopctl job retry")
RULE(job_verb_fits_its_state,
	"only dead or postponed jobs are run again, and what runs is its worker's",
	"shopctl job show JOB")
RULE(job_waits_or_is_dead, "only a dead or postponed job is run again",
	"shopctl job show JOB")
RULE(json_depth_is_bounded, "JSON is not nested deeper than 64 levels", NULL)
RULE(json_has_no_nul, "no text in JSON has a NUL character", NULL)
RULE(json_is_utf8, "JSON is UTF-8", NULL)
RULE(json_is_well_formed, "JSON is what its grammar says (RFC 8259)", NULL)
RULE(json_member_once, "no member of a JSON object is there twice", NULL)
RULE(json_number_fits, "a number in JSON is one that programs can keep",
	"send integers beyond 2^53 as strings")
RULE(json_size_is_bounded, "a JSON document has a size that can be taken in",
	"send less at once")
RULE(lease_exists, "the lease is still held", "shopctl worker list --leases")
RULE(lease_is_held, "who settles a job still holds its lease", NULL)
RULE(lease_outlives_the_call, "nothing is sent that could not be recorded in time",
	"it is tried again")
RULE(ledger_account_exists, "the account is there", "shopctl ledger accounts")
RULE(ledger_account_kind_is_known, "a ledger account is of a known kind", NULL)
RULE(ledger_account_side_is_known, "a ledger account is a debit or a credit account",
	NULL)
RULE(ledger_amount_adds_up, "an entry moves no more than sums can hold",
	"compare the amount with its document")
RULE(ledger_entry_balances, "every ledger entry adds up to zero",
	"report this as a bug")
RULE(ledger_entry_posted_once, "a ledger entry is posted once for its key", NULL)
RULE(ledger_entry_reversed_once, "a ledger entry is reversed once", NULL)
RULE(ledger_line_is_not_zero, "a ledger line moves money", NULL)
RULE(ledger_period_is_open, "nothing is added to a closed period",
	"leave the time out: what is late takes effect now")
RULE(limit_is_a_number, "a limit is a number above 0, or none",
	"shopctl queue limit QUEUE --running N --rate N")
RULE(limit_is_not_negative, "a limit is nought or more", NULL)
RULE(line_is_sku_and_quantity, "a line is given as SKU:N", "write --line DOG-5KG:2")
RULE(line_is_within_bounds, "a line is for 1 to 1000000 pieces", "correct the quantity")
RULE(low_once, "a shelf that runs low is told once, until it was above again", NULL)
RULE(mail_address_is_valid, "an e-mail address can stand in an envelope as it is",
	"correct the order's contact")
RULE(mail_can_be_built, "libcurl can build the mail", "report this as a bug")
RULE(mail_sender_is_valid, "mail.from is an address", "set mail.from")
RULE(mail_server_answers, "the mail relay takes the mail now",
	"see mail.url; it is tried again")
RULE(mail_url_is_smtp, "mail.url names an SMTP relay", "set mail.url")
RULE(member_has_its_type, "a member of a request has its type", "see /openapi.json")
RULE(member_is_given, "what a request needs is in it", "see /openapi.json")
RULE(member_is_known, "a request has no members that nobody knows", "see /openapi.json")
RULE(memory_is_enough, "there is memory enough", "give the process more memory")
RULE(merge_joins_two, "two different things are merged", NULL)
RULE(message_id_host_is_a_host, "a Message-ID ends with the name of a host",
	"shopctl notification host shop.example.com")
RULE(message_is_taken, "the relay or the provider of short messages takes a message",
	"shopctl notification list --state queued")
RULE(method_is_allowed, "a route is asked by a method it takes", "see the Allow field")
RULE(metrics_file_is_writable, "the file for metrics can be replaced",
	"check the directory and its permissions")
RULE(migration_is_final, "a migration does not change once it was applied",
	"restore the file and write a new migration")
RULE(money_is_exact, "an amount has no more decimals than its currency",
	"write it like 59.98EUR")
RULE(move_goes_somewhere, "who moves jobs says where to",
	"add --to-queue or --to-priority")
RULE(noop_was_told_to_fail, "a test job ends as it was told", NULL)
RULE(notice_audience_is_known, "a message is for the customer or for the operators",
	NULL)
RULE(notice_topic_is_known,
	"a message is about an order, stock, marketing or operations", NULL)
RULE(notification_channel_is_known,
	"a notification goes by mail, short message, inbox or webhook", NULL)
RULE(notification_event_is_known, "a notification is about an event that has templates",
	NULL)
RULE(notification_exists, "the notification is there", "shopctl notification list")
RULE(notification_has_a_subject, "what is told has happened", "shopctl order why ORDER")
RULE(notification_is_queued, "what is still being sent is not sent once more",
	"shopctl notification show ID")
RULE(notification_sent_once, "one message an event and subject", NULL)
RULE(notification_state_is_known,
	"a notification is queued, sent, delivered, failed or suppressed", NULL)
RULE(one_exporter_a_machine, "one process exports the spans of a machine",
	"stop the other one, or give this one a trace.socket of its own")
RULE(operand_is_given, "a command is given all that it needs",
	"see --help of the command")
RULE(operand_is_known, "a command is given no more than it takes",
	"see --help of the command")
RULE(option_has_value, "an option that takes a value is given one",
	"see --help of the command")
RULE(option_is_given, "an option that a command needs is given",
	"see --help of the command")
RULE(option_is_known, "an option is one that the command has, written out",
	"see --help of the command")
RULE(options_agree, "options do not contradict each other", "leave one out")
RULE(options_are_the_products, "a variant has the options of its product", NULL)
RULE(options_are_three_at_most, "a product has three options at most",
	"make several products of it")
RULE(options_have_names, "a variant has a value for each option of its product",
	"write the option names in the first row of the product")
RULE(order_can_be_canceled, "an order is canceled before it expires or is shipped",
	"shopctl order why ID")
RULE(order_can_be_held, "an order that is paid or authorized can be held",
	"shopctl order why ID")
RULE(order_exists, "the order is there", "shopctl order list")
RULE(order_has_a_key, "an order is asked for with an idempotency key",
	"send a key of 1 to 255 characters")
RULE(order_has_lines, "an order has 1 to 100 lines", "name a SKU and a quantity")
RULE(order_has_not_left, "an order of which goods have left is not canceled",
	"refund what remains: shopctl refund create ORDER --line SKU:N")
RULE(order_is_not_disputed, "an order under dispute stays on hold",
	"shopctl dispute list --order ID")
RULE(order_is_not_on_hold, "nothing of an order on hold is shipped or captured",
	"shopctl order why ORDER")
RULE(order_is_on_hold, "an order that is released was on hold", "shopctl order why ID")
RULE(order_is_shippable, "only an order that is paid and not yet shipped is shipped",
	"shopctl order why ORDER")
RULE(order_key_names_one_request, "an idempotency key belongs to one request",
	"send a new key for another request")
RULE(order_key_used_once, "an idempotency key opens one order", "send a new key")
RULE(order_line_price_is_not_negative,
	"no price, discount or tax of a line is below zero", NULL)
RULE(order_line_qty_is_positive, "a line is for one piece or more",
	"correct the quantity")
RULE(order_line_shipped_within_qty, "no more of a line leaves than was sold",
	"shopctl shipment list --order ORDER")
RULE(order_line_stock_state_is_known,
	"a line's stock is active, committed, consumed or released", NULL)
RULE(order_shipping_within_its_price, "nobody pays more for sending than its rate says",
	NULL)
RULE(order_state_is_known, "an order is in a state that exists", NULL)
RULE(order_total_adds_up, "a total is subtotal, less discount, plus shipping and tax",
	NULL)
RULE(order_total_can_be_charged,
	"the provider can charge the total to the last decimal",
	"prices that end in 0, or another way to pay")
RULE(order_total_is_agreed, "the total that was expected is the total",
	"show the customer the new total and ask again")
RULE(order_total_is_not_negative, "no sum of an order is below zero", NULL)
RULE(order_total_is_positive, "an order has something to pay",
	"order something that has a price")
RULE(ordered_cart_has_an_order, "an ordered cart names its order", NULL)
RULE(otlp_is_understood, "spans are exported as JSON over HTTP, uncompressed",
	"correct the OTEL_* variable or the trace.* key")
RULE(output_can_be_created, "the file of --output can be created",
	"check the directory and its permissions")
RULE(page_is_bounded, "a page has a bounded size", NULL)
RULE(pair_is_in_order, "a pair of products is counted once", NULL)
RULE(parameter_is_given, "a parameter that is needed is given", NULL)
RULE(parameter_is_given_once, "a parameter is given once", NULL)
RULE(parameter_is_known, "a parameter has a name that is known", "see /openapi.json")
RULE(parameter_is_readable, "a query string is percent-encoded UTF-8", NULL)
RULE(partition_ahead_is_some, "a table cut by time has partitions ahead", NULL)
RULE(partition_keep_is_positive, "a table cut by time keeps something", NULL)
RULE(partition_step_is_known, "a table is cut by days or by months", NULL)
RULE(payment_amount_is_positive, "money that came is more than nothing", NULL)
RULE(payment_applied_once, "one payment pays an order",
	"shopctl payment list --order ID")
RULE(payment_capture_in_its_currency, "what is captured is in the payment's currency",
	"shopctl payment show PAYMENT")
RULE(payment_capture_is_known, "a payment is captured automatically or by hand", NULL)
RULE(payment_capture_within_authorized, "no more is captured than is authorized",
	"shopctl payment show PAYMENT")
RULE(payment_captured_within_amount, "no more is captured than the payment asks", NULL)
RULE(payment_exists, "the payment is there", "shopctl payment list")
RULE(payment_is_authorized, "what is captured by hand was authorized before",
	"shopctl payment list --order ID")
RULE(payment_late_is_known, "late money reserves again or goes back", NULL)
RULE(payment_live_is_not_final, "a payment that ended is no longer live", NULL)
RULE(payment_method_is_saved, "a payment method is one the provider keeps",
	"leave payment out to confirm in the browser")
RULE(payment_one_live_per_order, "an order waits for one payment at a time",
	"shopctl payment list --order ID")
RULE(payment_part_is_positive, "a capture took some money", NULL)
RULE(payment_provider_ref_once, "a provider's object is one payment of ours", NULL)
RULE(payment_reference_is_given, "money is matched by its statement's reference",
	"--reference TEXT")
RULE(payment_reference_used_once, "a statement's line is one order's money",
	"shopctl order why ORDER")
RULE(payment_retry_is_awaited, "only an order that waits is paid by another attempt",
	"shopctl order why ORDER")
RULE(payment_state_is_known, "a payment is in a known state",
	"shopctl payment list --help")
RULE(payment_surplus_is_known, "money that is too much goes back or is proposed to",
	NULL)
RULE(payout_known_once, "a payout of the provider is known once", NULL)
RULE(payout_state_is_known, "a payout is in a known state", NULL)
RULE(period_closes_forward, "a period is closed after those before it",
	"shopctl ledger periods")
RULE(period_ends_at_midnight, "a period ends with a day of UTC",
	"--until 2026-11-01 closes October")
RULE(period_has_no_incident,
	"what is open about a period's money is decided before it is closed",
	"shopctl incident list")
RULE(period_is_balanced, "a period that is closed adds up to zero",
	"shopctl fsck --only L1,L2")
RULE(period_is_over, "a period that is closed has ended", "wait for its end")
RULE(posting_has_a_reason, "what is posted by hand has a reason", "--reason TEXT")
RULE(preference_channel_is_known, "a wish is about mail, short messages or the inbox",
	"use one of these")
RULE(preference_email_is_folded, "a wish belongs to an address, kept in lower case",
	"give a mail address")
RULE(preference_topic_is_known, "a wish is about orders, stock or marketing",
	"use one of these")
RULE(price_change_is_audited, "every price is one that the audit log tells of",
	"shopctl price history SKU")
RULE(price_ending_is_payable, "an ending has no more decimals than the currency",
	"write 0.99, 9.90 or, without decimals, 90")
RULE(price_expression_is_readable, "an expression is steps like *0.90, +2.50 and -10%",
	"shopctl price bulk --help")
RULE(price_floor_is_known, "a floor of cost is one that every variant has",
	"add --where 'cost>0EUR', or give an amount")
RULE(price_has_no_region, "a price is everybody's; those of some are in a price list",
	"shopctl pricelist create")
RULE(price_is_given_once, "a file gives one price a variant and currency",
	"leave one of the two")
RULE(price_is_not_negative, "a price is nothing or more",
	"write the amount without a sign")
RULE(price_is_set, "what is sold has a price in the currency asked for",
	"shopctl product show SKU")
RULE(price_is_within_bounds,
	"a price is above nothing and not more than a line may cost",
	"write another amount")
RULE(price_past_stays, "a price changes now or later, never in the past",
	"leave --from out")
RULE(price_range_is_not_empty, "a price begins before it ends", "correct the dates")
RULE(price_schedule_exists, "the price is scheduled and has not ended",
	"shopctl price show SKU")
RULE(price_schedule_is_named, "of several schedules one is named by its beginning",
	"add --from TIME")
RULE(price_schedules_never_overlap,
	"one scheduled price of a variant and currency holds at a time",
	"shopctl price show SKU")
RULE(pricelist_code_is_a_word, "the code of a price list is one word",
	"use letters, digits and ._-")
RULE(pricelist_code_is_unique, "no two price lists share a code",
	"shopctl pricelist list")
RULE(pricelist_exists, "there is a price list of that code", "shopctl pricelist list")
RULE(pricelist_has_one_currency, "the prices of a list are in its currency",
	"shopctl pricelist list")
RULE(pricelist_is_assigned_once, "a customer has a price list or has it not", NULL)
RULE(pricelist_price_is_not_negative, "a price is nothing or more",
	"write an amount of 0 or more")
RULE(pricelist_price_range_is_not_empty, "a price begins before it ends",
	"correct the dates")
RULE(pricelist_prices_never_overlap, "one price of a variant holds at a time in a list",
	"shopctl pricelist show CODE")
RULE(pricelist_range_is_not_empty, "a price list begins before it ends",
	"correct the dates")
RULE(prices_never_overlap, "one price of a variant and currency holds at a time",
	"end the one before")
RULE(product_exists, "the product is there", "shopctl product list --q WORD")
RULE(product_fields_agree, "the rows of a handle speak of one product",
	"give the other product a handle of its own")
RULE(product_handle_is_unique, "no two products share a handle",
	"choose another handle")
RULE(product_has_a_title, "a product has a title",
	"write it in the first row of the product")
RULE(product_image_is_shown_once, "a product shows a picture once",
	"leave one of the two")
RULE(product_status_is_known, "a product is draft, active or archived",
	"write one of them")
RULE(product_type_is_known, "a product is of a type that is sold here", NULL)
RULE(product_version_is_current, "who changes a product saw how it is",
	"look at it again and repeat")
RULE(products_are_chosen, "a command says which products", NULL)
RULE(products_are_chosen_one_way, "products are named, or are those of conditions",
	NULL)
RULE(promotion_bound_is_known, "a bound of a promotion is one that it can have",
	"shopctl promotion set --help")
RULE(promotion_exists, "the promotion is there", "shopctl promotion list")
RULE(promotion_gives_what_its_kind_says,
	"a promotion gives one thing: a percentage, an amount, pieces, or the shipping",
	"shopctl promotion create --help")
RULE(promotion_kind_is_known, "a promotion has a kind that exists",
	"shopctl promotion create --help")
RULE(promotion_money_has_a_currency, "money of a promotion is in its currency",
	"give --currency")
RULE(promotion_name_is_short,
	"a promotion's name has up to 64 letters, digits, dots, dashes and underscores",
	"give it a shorter name, and the words to --title")
RULE(promotion_name_is_unique, "no two promotions share a name",
	"shopctl promotion list")
RULE(promotion_numbers_are_not_negative, "minimums and limits are not below zero", NULL)
RULE(promotion_percent_is_within_bounds, "a percentage is above 0 and at most 100",
	NULL)
RULE(promotion_range_is_not_empty, "a promotion ends after it starts",
	"give a later --until")
RULE(promotion_scope_kind_is_known,
	"a promotion is about categories, brands, SKUs and customers", NULL)
RULE(promotion_scope_role_is_known, "what a promotion covers is bought or gotten", NULL)
RULE(promotion_stacking_is_known, "a promotion is exclusive or combinable", NULL)
RULE(promotion_within_its_budget, "a promotion gives no more than its budget",
	"shopctl promotion set NAME --budget MONEY")
RULE(promotion_within_its_uses, "a promotion is used as often as it says",
	"shopctl promotion set NAME --max-uses N")
RULE(provider_answer_is_readable, "the provider's answer can be read",
	"see the worker's log; it is asked again")
RULE(provider_answers, "the provider answers", "try again later")
RULE(provider_balance_verdict_is_known, "a balance has a known verdict", NULL)
RULE(provider_call_is_accepted, "the provider understands what it is asked",
	"shopctl payment show ID; report this as a bug")
RULE(provider_gives_a_token, "the provider gives a token for the secret",
	"compare paypal.client_id and client_secret_file with the app's")
RULE(provider_is_known, "a payment names a provider that this program speaks to", NULL)
RULE(provider_keeps_a_list, "the provider has a list of its events", NULL)
RULE(provider_op_exists, "a call to the provider has its intent recorded", NULL)
RULE(provider_op_key_used_once, "an idempotency key is for one call", NULL)
RULE(provider_op_sent_as_stored, "a call that was sent has its bytes stored", NULL)
RULE(provider_op_state_is_known, "a call is in a known state", NULL)
RULE(provider_txn_net_adds_up, "what moved is the amount less the fee",
	"export the file from the provider again")
RULE(published_product_has_a_price, "what is published can be sold", NULL)
RULE(queue_attempts_positive, "a job has one try at least", NULL)
RULE(queue_crashes_positive, "a job may lose one worker at least", NULL)
RULE(queue_exists, "the queue is known", "shopctl queue list")
RULE(queue_has_room, "no more checkouts wait than can be answered soon",
	"try again in a second with the same key")
RULE(queue_history_positive, "a history is kept for a day at least", NULL)
RULE(queue_is_drained, "drain leaves nothing behind", "shopctl job stats")
RULE(queue_name_is_a_word, "a queue is named by a word of lower-case letters", NULL)
RULE(queue_name_is_new, "a queue is created once", "shopctl queue list")
RULE(queue_rate_positive, "a rate is above 0", NULL)
RULE(queue_running_positive, "a limited queue runs one job at least", NULL)
RULE(queue_share_is_a_number, "a queue is given as NAME or NAME:THREADS", NULL)
RULE(queues_are_named_or_all, "a worker is told its queues",
	"add --queue NAME or --all")
RULE(quiet_email_is_folded, "quiet hours belong to an address, kept in lower case",
	"give a mail address")
RULE(quiet_hour_is_a_time, "quiet hours begin and end at a time of the day",
	"write it like 21:00")
RULE(rate_is_kept, "nobody asks more often than they may", "wait as Retry-After says")
RULE(reason_is_given, "what touches money or stock says why", "add --reason TEXT")
RULE(receipt_cost_is_not_negative,
	"what came in costs nothing or more, in some currency", "--cost 12.50EUR")
RULE(receipt_has_lines, "a receipt says what came", "--line DOG-5KG:40")
RULE(receipt_key_used_once, "a key receives once", NULL)
RULE(receipt_qty_is_positive, "what comes in is more than nothing", NULL)
RULE(receipt_reference_is_not_empty, "a receipt names its purchase", "PO-881")
RULE(reconcile_run_exists, "the reconciliation is there and under way",
	"start it again: shopctl payment reconcile")
RULE(redemption_amount_is_not_negative, "a promotion takes off, it does not add", NULL)
RULE(redemption_once_an_order, "an order uses a promotion once", NULL)
RULE(redemption_state_is_known, "a redemption counts or was given back", NULL)
RULE(refund_amount_is_positive, "a refund is of more than nothing",
	"shopctl refund list --order ID")
RULE(refund_approval_is_in_role,
	"who approves a refund may give that much, or is of finance",
	"shopctl refund limit list")
RULE(refund_exists, "the refund is there", "shopctl refund list")
RULE(refund_has_a_reason, "a refund needs a reason", "add --reason TEXT")
RULE(refund_has_failed, "only a refund that failed is asked for again",
	"shopctl refund show ID")
RULE(refund_in_the_currency_paid, "a refund is in the currency that was paid",
	"name the amount in that currency")
RULE(refund_is_approved_by_another,
	"who asks for a refund above the limit does not approve it",
	"another operator: shopctl refund approve ID")
RULE(refund_is_of_lines_or_an_amount, "a refund is of lines or of an amount",
	"give --line or --amount, not both")
RULE(refund_is_paid_outside, "only what no provider pays is settled by hand",
	"shopctl refund show ID")
RULE(refund_is_proposed, "only a refund that waits is approved or declined",
	"shopctl refund list --state proposed")
RULE(refund_key_used_once, "an idempotency key is for one refund", "use a new key")
RULE(refund_limit_is_not_negative, "a limit of refunds is nothing or more", NULL)
RULE(refund_limit_role_is_known, "limits of refunds are for groups of operators",
	"op_support, op_warehouse, op_finance or op_admin")
RULE(refund_line_is_not_negative, "no part of a refund is negative", NULL)
RULE(refund_line_tax_within_amount, "no more of a share is tax than it is of", NULL)
RULE(refund_needs_a_capture, "only an order that was paid can be refunded",
	"shopctl order why ID")
RULE(refund_not_while_disputed, "what is disputed is not refunded as well",
	"wait for the end of the dispute, or accept it")
RULE(refund_provider_ref_once, "a provider's object is one refund of ours", NULL)
RULE(refund_recognised_within_amount, "no more of a refund was revenue than it is of",
	NULL)
RULE(refund_settled_with_a_reference, "a transfer has a reference",
	"add --reference TEXT")
RULE(refund_shares_are_free, "what was refunded meanwhile is not refunded again",
	"shopctl refund list --order ID")
RULE(refund_state_is_known, "a refund is in a known state",
	"shopctl refund list --help")
RULE(refund_within_captured, "no more is refunded than was captured",
	"shopctl refund list --order ID")
RULE(refund_within_line, "no more of a line is refunded than was sold",
	"shopctl order show ID")
RULE(refund_within_shipping, "no more of the shipping is refunded than was paid for it",
	"shopctl order show ID")
RULE(reorder_point_is_not_negative, "what is wanted on a shelf is nothing or more",
	"give 0 or more")
RULE(report_range_is_bounded, "a report covers a time that can be read",
	"ask for a shorter time, or by day")
RULE(report_range_is_not_empty, "a report begins before it ends",
	"change --since or --until")
RULE(report_step_is_known, "a report is by something that is summed",
	"shopctl report sales --help")
RULE(report_zone_has_whole_hours, "a report's days begin with an hour of UTC",
	"use --tz UTC, or a zone of whole hours")
RULE(request_in_time, "a request is sent without long pauses", NULL)
RULE(request_is_served, "whoever asks gets an answer",
	"look for the trace_id in the log")
RULE(request_is_unambiguous, "a request can be read in one way only (RFC 9112)",
	"send CRLF, one Host and one Content-Length")
RULE(request_is_valid, "a request is as its description says", "see /openapi.json")
RULE(result_is_written, "the whole result reached its reader",
	"check for a full disk, then ask again")
RULE(return_exists, "the return is there", "shopctl return list")
RULE(return_has_lines, "a return names what comes back", "add --line SKU:N")
RULE(return_inspected_as_received, "no more is looked at than was received",
	"shopctl return show ID")
RULE(return_key_used_once, "an idempotency key opens one return", "use a new key")
RULE(return_line_qty_is_positive, "a line of a return is of one piece or more", NULL)
RULE(return_line_says_what_becomes_of_it, "what was looked at is restocked or scrapped",
	"--line DOG-5KG:1:restock")
RULE(return_line_within_received, "no more is restocked and scrapped than was received",
	NULL)
RULE(return_received_as_announced, "no more is received than was announced",
	"announce another return for the rest")
RULE(return_received_somewhere, "what was received lies in a warehouse",
	"add --to CODE")
RULE(return_state_is_known, "a return is in a known state",
	"shopctl return list --help")
RULE(return_within_shipped, "no more comes back than left", "shopctl order show ID")
RULE(role_may_call, "the database role is allowed what it asks",
	"connect as a role that may; roles and grants: shopctl(1)")
RULE(rollup_is_what_the_ledger_says, "the sums are what the ledger says",
	"shopctl report rollup rebuild")
RULE(rollup_is_whole, "a rebuild goes through all days", "start it again")
RULE(rollup_item_kind_is_known, "sums are of products, warehouses or customers", NULL)
RULE(route_exists, "what is asked for is there", "see /openapi.json")
RULE(row_names_a_product, "a row has a handle or a SKU", "write one of them")
RULE(rule_is_known, "a rule that is asked for exists", "all rules: shopctl explain")
RULE(schedule_catch_up_is_known, "none, one or all missed times are made up",
	"use one of these with --catch-up")
RULE(schedule_comes_true, "a schedule is due some day", "look at its day and its month")
RULE(schedule_every_is_a_time, "a time has a number and a unit", "90s, 10m, 2h or 1d")
RULE(schedule_exists, "the schedule is there", "shopctl schedule list")
RULE(schedule_has_one_rhythm, "a schedule has one rhythm", "either --cron or --every")
RULE(schedule_job_waits_once, "one job of a schedule waits", "let a worker run")
RULE(schedule_name_is_a_word, "a schedule has a name to type",
	"lower-case letters, digits, dots, - and _")
RULE(schedule_name_is_new, "no two schedules share a name",
	"shopctl schedule edit SCHEDULE")
RULE(schedule_runs_once, "each due time of a schedule has one run", NULL)
RULE(schema_is_current, "programs and database have the same schema",
	"run: shopctl migrate up")
RULE(scratch_file_is_writable, "the text of an editor lies in a scratch file",
	"set TMPDIR to a folder that you may write to")
RULE(search_is_whole, "the whole catalog was gone through", "begin again")
RULE(search_language_is_known, "the database server knows the language",
	"simple is none")
RULE(search_row_is_its_product, "the index says what the catalog says",
	"shopctl search reindex")
RULE(secret_is_a_file, "a secret is a regular file", "name a file in the configuration")
RULE(secret_is_not_empty, "the file of a secret has one in it",
	"write the secret into the file")
RULE(secret_is_private, "the file of a secret is readable by its owner only",
	"chmod 600 the file")
RULE(secret_is_there, "the file of a secret exists",
	"name it in the configuration, or use systemd's LoadCredential")
RULE(security_is_the_shops, "roles and rights are proven for the whole shop",
	"shopctl fsck --security")
RULE(shipment_can_be_canceled, "a shipment that has left is not canceled",
	"shopctl shipment show SHIPMENT")
RULE(shipment_exists, "the shipment is there", "shopctl shipment list")
RULE(shipment_has_left, "only a parcel that has left can be followed",
	"shopctl shipment ship SHIPMENT")
RULE(shipment_has_lines, "a shipment has something in it",
	"shopctl shipment list --order ORDER")
RULE(shipment_is_paid_for, "goods leave when the money for them is there",
	"shopctl order why ORDER")
RULE(shipment_key_used_once, "an idempotency key packs a shipment once",
	"use a new key")
RULE(shipment_line_is_not_negative, "no part of what a shipment is worth is negative",
	NULL)
RULE(shipment_line_qty_is_positive, "a line of a shipment has one unit or more",
	"ship one or more")
RULE(shipment_share_is_not_negative, "no part of what a shipment is worth is negative",
	NULL)
RULE(shipment_state_is_known, "a shipment is in a state that exists", NULL)
RULE(shipment_within_line, "no more of a line is packed than waits to be shipped",
	"shopctl order show ORDER")
RULE(shipping_area_is_in_one_zone, "a place is in one shipping zone",
	"shopctl shipping zone list")
RULE(shipping_area_is_known, "an area is a country, a part of it, or postcodes of it",
	"DE, US-CA, DE:80 for postcodes that begin so, or *")
RULE(shipping_band_is_not_empty, "a shipping rate's bands begin below their ends",
	"--weight-from is less than --weight-until, --total-from than --total-until")
RULE(shipping_method_code_is_a_word,
	"the code of a shipping method is letters, digits, dot, dash and underscore",
	"standard, express-24")
RULE(shipping_method_has_a_name, "a shipping method has the name that customers read",
	"--name")
RULE(shipping_method_is_offered,
	"the shop sends that weight and price by that method to that place",
	"shopctl shipment quote SKU --country CC")
RULE(shipping_method_is_unique, "a zone has one method of a code and currency", NULL)
RULE(shipping_price_is_within_bounds, "what sending costs is not negative, and bounded",
	NULL)
RULE(shipping_rate_exists, "there is a shipping rate of that number that has not ended",
	"shopctl shipping rate list")
RULE(shipping_rate_range_is_not_empty, "a shipping rate begins before it ends", NULL)
RULE(shipping_rate_was_paid, "a rate that orders paid is not taken back",
	"set the new one from now on")
RULE(shipping_rates_never_overlap,
	"one rate of a method holds for a weight and a price at a time",
	"shopctl shipping rate list")
RULE(shipping_zone_code_is_a_word,
	"the code of a shipping zone is letters, digits, dot, dash and underscore",
	"EU, de-islands")
RULE(shipping_zone_code_is_unique, "a shipping zone's code is its own", NULL)
RULE(shipping_zone_exists, "there is a shipping zone of that code",
	"shopctl shipping zone list")
RULE(shipping_zone_has_a_name, "a shipping zone has a name", NULL)
RULE(shipping_zone_has_an_area, "a shipping zone has a place in it", "--area DE")
RULE(shipping_zone_is_unused, "a shipping zone that rates are for is not removed",
	"shopctl shipping rate list --zone CODE")
RULE(shipping_zone_serves, "a shipping zone has the place that is asked for",
	"shopctl shipping zone list")
RULE(sku_is_known, "a SKU that is ordered exists", "shopctl product list")
RULE(sku_is_sellable, "a SKU that is ordered is for sale", "shopctl product show SKU")
RULE(sku_stays_with_its_product, "a SKU belongs to one product for good",
	"use that product's handle, or a new SKU")
RULE(sms_account_is_ours, "a webhook of short messages is of the shop's own account",
	"set sms.account_sid to the account whose numbers call")
RULE(sms_account_is_set, "short messages need an account",
	"set sms.account_sid, sms.from and sms.auth_token_file")
RULE(sms_word_is_known, "an answer is stop, start, help or none of these", NULL)
RULE(state_follows_its_graph, "what has a state changes it only as its graph allows",
	"shopctl order why ORDER")
RULE(stock_is_as_expected, "stock is set when it is what was expected",
	"shopctl stock show SKU")
RULE(stock_is_counted, "what lies on a shelf is counted from zero on", NULL)
RULE(stock_is_for_sale, "what is on hand is for sale", "write quantity 0, or status 1")
RULE(stock_is_given_once, "a file gives one quantity a variant and warehouse",
	"leave one of the two")
RULE(stock_leaves_once, "a shipment takes its stock along once", NULL)
RULE(stock_movement_moves, "a movement is not zero", NULL)
RULE(stock_never_oversold, "no more is promised than lies in the warehouses",
	"shopctl stock show SKU")
RULE(stock_reserved_is_not_negative, "nobody reserves less than nothing",
	"shopctl fsck")
RULE(stock_subscription_email_is_folded,
	"who waits for a SKU has an address, kept in lower case",
	"--email jane@example.com")
RULE(subject_is_a_number, "the subject of a job is an id", NULL)
RULE(subscribed_once, "an address waits for a SKU once", NULL)
RULE(supplier_exists, "the supplier is there", "shopctl supplier list")
RULE(supplier_has_no_products, "a supplier of products is not deleted", NULL)
RULE(supplier_slug_is_unique, "no two suppliers share a name", "shopctl supplier list")
RULE(suppression_address_is_folded, "what is suppressed is kept in lower case", NULL)
RULE(suppression_address_is_valid, "what is suppressed could be written to",
	"an address with @, or a number like +4930123456")
RULE(suppression_channel_is_known, "mail and short messages can be suppressed",
	"use one of these")
RULE(suppression_exists, "the address is suppressed", "shopctl suppression list")
RULE(suppression_reason_is_known,
	"an address is suppressed for a bounce, a complaint, a stop or by hand",
	"use one of these")
RULE(synonym_exists, "the word has synonyms", "shopctl search synonym list")
RULE(synonym_is_one_word, "what is looked up for synonyms is one word",
	"leave out --mutual")
RULE(synonym_means_something, "a word has one to twenty synonyms", NULL)
RULE(tax_class_code_is_a_word,
	"the code of a tax class is one word, and not \"shipping\"",
	"use lower case letters, digits, - and _")
RULE(tax_class_exists, "there is a tax class of that code", "shopctl tax class list")
RULE(tax_class_has_a_name, "a tax class has a name", "write what it is called")
RULE(tax_rate_country_is_a_code, "the country of a tax rate is an ISO 3166 code",
	"write two letters: DE")
RULE(tax_rate_exists, "there is a tax rate of that number that has not ended",
	"shopctl tax rate list --all")
RULE(tax_rate_has_a_name, "a tax rate has the name that invoices show",
	"add --name NAME")
RULE(tax_rate_is_a_percentage, "a tax rate is a percentage with at most four decimals",
	"write 19 or 8.875")
RULE(tax_rate_is_a_share, "a tax rate lies between 0 and 100 percent",
	"write a percentage: 19, 8.875")
RULE(tax_rate_priority_is_small, "the priority of a tax rate is 1 to 99",
	"rates of one priority exclude each other")
RULE(tax_rate_range_is_not_empty, "a tax rate begins before it ends",
	"correct the dates")
RULE(tax_rate_region_is_folded, "the region of a tax rate is in capitals", NULL)
RULE(tax_rates_never_overlap, "one rate of a place, class and priority holds at a time",
	"shopctl tax rate list")
RULE(template_channel_is_known, "a template is for a channel we have", NULL)
RULE(template_event_is_known, "a template is for an event we have", NULL)
RULE(template_exists, "each event has a template", "shopctl template list")
RULE(template_file_has_an_event, "which names a template may use depends on its event",
	"add --event EVENT")
RULE(template_is_text, "a template is UTF-8 text", "convert the file to UTF-8")
RULE(template_is_whole, "every template can be rendered", "shopctl template check")
RULE(template_section_is_closed, "a section of a template opens and closes once",
	"shopctl template check")
RULE(template_set_changes_something, "a new version differs in something",
	"give --subject, --text or --html")
RULE(template_tag_is_closed, "a tag of a template ends with }}",
	"shopctl template check")
RULE(template_variable_is_known, "a template names only what its event has",
	"shopctl template check")
RULE(text_is_bounded, "no text of a request is longer than it may be", "shorten it")
RULE(threads_are_bounded, "a worker has 1 to 64 threads", "run another worker")
RULE(threads_are_enough, "the process may start the threads it needs", "raise TasksMax")
RULE(threads_start, "the system gives a process the threads it asks for",
	"check the limits of the service")
RULE(time_is_readable, "a time is RFC 3339, a date, or a span such as 30d",
	"write it like 2026-11-20T10:00:00Z")
RULE(time_range_is_not_empty, "a time that is asked about begins before it ends",
	"change --since or --until")
RULE(time_zone_exists, "the database server knows the time zone",
	"a name as Europe/Amsterdam, or UTC")
RULE(time_zone_is_known, "a time zone is one of the tz database",
	"write it like Europe/Berlin")
RULE(together_item_is_one_product, "a product is counted in one place", NULL)
RULE(together_total_is_one, "baskets are counted in one place", NULL)
RULE(trace_socket_is_a_path, "trace.socket names a socket that can be made",
	"give it a path under /run/shop")
RULE(tracking_event_once, "what a carrier says once is written down once", NULL)
RULE(tracking_is_not_of_the_future, "what is said of a parcel has happened",
	"give the time when it happened: --at")
RULE(tracking_is_of_one_shipment, "a tracking number is one parcel's",
	"pack one warehouse at a time: --warehouse CODE")
RULE(tracking_status_is_known, "what is said of a parcel is one of the known words",
	"in_transit, exception, delivered, returning, returned")
RULE(transactional_mail_stays_on,
	"mail that an order makes necessary cannot be switched off",
	"suppress an address that is wrong: shopctl suppression add")
RULE(transfer_exists, "the transfer is there", "shopctl transfer list")
RULE(transfer_goes_elsewhere, "a transfer goes from one warehouse to another",
	"--from and --to are two warehouses")
RULE(transfer_has_lines, "a transfer says what is moved", "--line DOG-5KG:40")
RULE(transfer_key_used_once, "a key creates one transfer", NULL)
RULE(transfer_qty_is_positive, "what is moved is more than nothing", NULL)
RULE(transfer_received_within_shipped,
	"no more of a transfer comes, is lost or goes back than was shipped",
	"shopctl transfer show TRANSFER")
RULE(transfer_shipped_within_plan, "no more of a transfer is shipped than was planned",
	"shopctl transfer show TRANSFER")
RULE(transfer_state_is_known, "a transfer is draft, in_transit, received or canceled",
	NULL)
RULE(txn_exists, "a provider told of the transaction", "shopctl payment reconcile")
RULE(txn_has_no_noun, "what a payment or a payout posts is posted by nobody else",
	"shopctl payment reconcile")
RULE(txn_moved_money, "a transaction that is posted moved money", NULL)
RULE(uncounted_is_known, "what nobody counted is left alone or is gone",
	"--uncounted leave or --uncounted zero")
RULE(units_file_has_columns, "a file of units has the columns sku and qty, each once",
	"sku,qty or sku,qty,cost in its first line")
RULE(units_file_is_readable,
	"every row of a file of units has a SKU and a whole number", "correct the line")
RULE(unsubscribe_token_is_ours, "a link that unsubscribes was made by this shop",
	"use the link of the mail")
RULE(value_is_boolean, "a switch is true or false", "use true or false")
RULE(value_is_date, "a day is one of the calendar", "write it as 2026-12-24")
RULE(value_is_integer, "a whole number is written in digits and is not too large",
	"correct the number")
RULE(value_is_known, "a value is one of those that are possible",
	"see --help of the command")
RULE(value_is_number, "a number is written in digits", "correct the number")
RULE(variant_exists, "the SKU is there", "shopctl product list --q WORD")
RULE(variant_is_of_the_product, "a document has variants of its product only", NULL)
RULE(variant_is_sold_as_its_product, "a variant is for sale when its product is",
	"leave the row out, or give it no stock")
RULE(variant_options_are_unique, "the variants of a product differ in their options",
	"change an option value, or use the same SKU")
RULE(variant_sku_is_not_empty, "a SKU has 1 to 200 characters", "choose another")
RULE(variant_sku_is_unique, "no two variants share a SKU", "give each a SKU of its own")
RULE(variant_weight_is_not_negative, "nothing weighs less than nothing",
	"correct the weight")
RULE(variation_has_a_parent, "a variation belongs to a product",
	"import the row of the product together with its variations")
RULE(variation_has_a_sku, "a product names its variations by their SKUs", NULL)
RULE(variations_are_in_the_file, "a product comes with all its variations",
	"put a product and all its variations into one file")
RULE(warehouse_area_is_known,
	"a warehouse serves countries and parts of them, as ISO 3166 writes them",
	"DE,AT,US-CA or everywhere")
RULE(warehouse_code_is_not_empty, "a warehouse has a code", "write one")
RULE(warehouse_code_is_unique, "no two warehouses share a code",
	"shopctl warehouse list")
RULE(warehouse_exists, "the warehouse is there", "shopctl warehouse list")
RULE(warehouse_is_named, "a command says which warehouse when there are several",
	"add --warehouse CODE")
RULE(warehouse_lies_on_earth, "a warehouse lies somewhere on earth",
	"--place LATITUDE,LONGITUDE in degrees")
RULE(webhook_body_is_kept, "what an event said is kept for a while",
	"see retention.webhook_body_days")
RULE(webhook_body_or_its_digest, "of an event the digest stays", NULL)
RULE(webhook_certificate_exists, "the certificate is there", NULL)
RULE(webhook_certificate_good_is_complete,
	"a certificate that is believed has its bytes and its dates", NULL)
RULE(webhook_certificate_is_bounded, "a certificate has a sane size", NULL)
RULE(webhook_certificate_is_here,
	"a webhook is checked with a certificate that a worker fetched",
	"run a worker over the queue webhook; the provider sends the event again")
RULE(webhook_certificate_once, "a certificate is kept once", NULL)
RULE(webhook_certificate_state_is_known, "a certificate is wanted, good or refused",
	NULL)
RULE(webhook_endpoint_answers, "an endpoint takes events with a 2xx",
	"shopctl webhook-endpoint deliveries")
RULE(webhook_endpoint_exists, "the webhook endpoint is there",
	"shopctl webhook-endpoint list")
RULE(webhook_endpoint_hears_something, "a webhook endpoint hears one event at least",
	"add --events EVENT")
RULE(webhook_endpoint_is_enabled, "events are replayed to an endpoint that takes them",
	"shopctl webhook-endpoint enable ID")
RULE(webhook_endpoint_is_new, "a url is registered once",
	"shopctl webhook-endpoint list")
RULE(webhook_endpoint_secret_is_long,
	"the secret of an endpoint has 24 characters or more",
	"leave --secret-file out to have one made")
RULE(webhook_endpoint_url_is_http, "the url of an endpoint is one of HTTP",
	"write it like https://example.com/hooks")
RULE(webhook_event_once, "an event of the provider is stored once", NULL)
RULE(webhook_event_state_is_known, "a webhook is in a known state",
	"shopctl webhook list --help")
RULE(webhook_exists, "the webhook is there", "shopctl webhook list")
RULE(webhook_form_is_readable, "a webhook of short messages is a form that names one",
	NULL)
RULE(webhook_is_readable, "an event names an object to ask for",
	"shopctl webhook show ID")
RULE(webhook_is_stored, "a webhook is stored before it is acknowledged", NULL)
RULE(webhook_mode_is_ours, "a webhook's livemode is that of the shop",
	"see stripe.livemode")
RULE(webhook_secret_ends_at_a_time,
	"a signing secret stands alone on its line, or with the time of its end",
	"write: whsec_... until 2026-12-01")
RULE(webhook_secret_is_set, "webhooks have signing secrets and a tolerance",
	"set stripe.webhook_secret_file and stripe.webhook_tolerance_s")
RULE(webhook_signature_is_valid, "a webhook is signed by the provider, and now",
	"compare the signing secret and the clock")
RULE(webhook_url_is_safe,
	"events go to https urls out there, unless webhook_out.allow_loopback is set",
	"write it like https://example.com/hooks")
RULE(weight_is_in_grams, "a weight is a number of grams", "write digits only: 1500")
RULE(where_is_readable, "a condition is KEY OP VALUE",
	"brand=acme, price<20EUR, updated>30d")
RULE(where_operator_fits, "numbers are compared by size, texts by = != ~ !~", NULL)
RULE(xlsx_has_a_file, "a workbook is written to a file", "add --output FILE")
RULE(yaml_is_readable, "a document is YAML", NULL)
