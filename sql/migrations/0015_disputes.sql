-- Disputes, and what webhooks need beyond storing.
SELECT;
