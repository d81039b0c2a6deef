/* NOUN(name on the command line, prefix of its NAME_commands table, summary); sorted.
 */
NOUN("api-client", api_client, "programs that may call the door: create, list, revoke")
NOUN("audit", audit,
	"who changed what, and the seals: list, show, verify, seal, anchor")
NOUN("brand", brand, "brands: list, create, set, merge, delete")
NOUN("breaker", breaker, "whether providers are asked: list, trip, reset")
NOUN("category", category,
	"categories: list, tree, create, set, move, merge, delete, attribute ...")
NOUN("commands", commands, "list every command")
NOUN("config", config, "the configuration: show, check")
NOUN("count", count, "stocktaking: start, enter, import, post, cancel, list, show")
NOUN("coupon", coupon, "codes that ask for a promotion: generate, create, list, ...")
NOUN("dispute", dispute, "money that banks take back: list, show, evidence, accept")
NOUN("dlq", dlq, "dead letters: list, groups, show, edit, retry, drop")
NOUN("event", event, "what visitors do: ingest")
NOUN("explain", explain, "what a rule means and what to do about it")
NOUN("fsck", fsck, "prove that money, stock, orders and jobs agree")
NOUN("import", import, "imports: runs")
NOUN("inbox", inbox, "what the storefront shows to a customer: list, read")
NOUN("incident", incident, "what a person must look at: list, show, own, close")
NOUN("job", job,
	"background jobs: list, show, stats, enqueue, retry, cancel, reschedule, move, "
	"purge")
NOUN("ledger", ledger, "the books: accounts, balance, entries, export, close, periods")
NOUN("metrics", metrics, "figures for Prometheus: print, textfile")
NOUN("migrate", migrate, "the database schema: status, plan, up")
NOUN("notification", notification,
	"messages to customers: list, show, send, resend, preview, subscribe, host")
NOUN("order", order, "orders: list, show, why, place, cancel, import")
NOUN("payment", payment,
	"payments: list, show, capture, void, retry, match, reconcile, orphans")
NOUN("preference", preference, "what people wish to be told: show, set, quiet")
NOUN("price", price, "prices: list, show, set, schedule, cancel, bulk, history")
NOUN("pricelist", pricelist,
	"prices of some customers: list, show, create, set, assign, unassign")
NOUN("product", product,
	"the catalog: list, show, create, set, publish, archive, restore, edit, "
	"history, "
	"variant ..., image ..., import, export")
NOUN("promotion", promotion,
	"what is taken off baskets: create, set, enable, disable, simulate, usage")
NOUN("queue", queue, "queues of jobs: list, pause, resume, limit, drain, history")
NOUN("recommend", recommend,
	"what is bought together: product, customer, explain, rebuild")
NOUN("refund", refund,
	"money that goes back: create, approve, decline, retry, settle, limit, list, "
	"show")
NOUN("report", report,
	"sales, top products, newest orders, funnel; the rollups they read")
NOUN("return", return, "goods that come back: create, approve, receive, inspect, close")
NOUN("schedule", schedule,
	"what runs by the calendar: list, show, next, missed, run, pause, resume, "
	"create, "
	"edit, delete")
NOUN("search", search, "what customers find: query, explain, reindex, verify, synonyms")
NOUN("shell", shell, "commands one after the other, with history and completion")
NOUN("shipment", shipment,
	"parcels: quote, create, ship, track, deliver, cancel, list, show")
NOUN("shipping", shipping,
	"what sending costs: zone list, set, remove, rate list, set, remove")
NOUN("status", status, "the shop on one screen")
NOUN("stock", stock,
	"stock: show, adjust, set, receive, reorder, low, ledger, why, as-of, import")
NOUN("supplier", supplier, "who delivers products: list, create, set, merge, delete")
NOUN("suppression", suppression, "where nothing is sent any more: list, add, remove")
NOUN("tax", tax, "taxes: class list, class set, rate list, rate set, rate end, quote")
NOUN("template", template, "texts of messages: list, show, history, set, check")
NOUN("transfer", transfer,
	"goods between warehouses: create, ship, receive, cancel, list, show")
NOUN("version", version, "programs, libraries and schema")
NOUN("warehouse", warehouse, "warehouses: list, show, create, set, open, close, policy")
NOUN("webhook", webhook, "what the provider told us: list, show, replay, verify, gaps")
NOUN("webhook-endpoint", webhook_endpoint,
	"programs that hear what happens: create, list, deliveries, replay, ...")
NOUN("worker", worker, "who does the jobs: list, kill-lease")
