-- Shipments, and the ledger's close.
SELECT;
