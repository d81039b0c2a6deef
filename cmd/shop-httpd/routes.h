/* ROUTE(method, path, most bytes of body, handler): '*' ends a path that has a tail. */
ROUTE(GET, "/livez", 0, health_live)
ROUTE(GET, "/openapi.json", 0, openapi_show)
ROUTE(GET, "/readyz", 0, health_ready)
ROUTE(GET, "/v1/checkouts/*", 0, checkout_show)
ROUTE(POST, "/v1/checkouts", 0, checkout_create)
ROUTE(POST, "/v1/events", 1 << 18, events_create)
ROUTE(POST, "/v1/webhooks/paypal", 1 << 20, webhook_paypal)
ROUTE(POST, "/v1/webhooks/stripe", 1 << 20, webhook_stripe)
