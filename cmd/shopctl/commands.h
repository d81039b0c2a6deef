/* NOUN(name on the command line, prefix of its NAME_commands table, summary); sorted. */
NOUN("commands", commands, "list every command")
NOUN("config", config, "the configuration: show, check")
NOUN("explain", explain, "what a rule means and what to do about it")
NOUN("fsck", fsck, "prove that money, stock, orders and jobs agree")
NOUN("migrate", migrate, "the database schema: status, plan, up")
NOUN("notification", notification, "messages to customers: list, show, resend, preview, template")
NOUN("report", report, "sales, top products, newest orders; the rollups they read")
NOUN("version", version, "programs, libraries and schema")
