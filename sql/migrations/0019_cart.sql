-- A cart is ordered once: two tabs that submit one cart get one order, whatever their keys.
-- The cart is the storefront's own; we know its name and its version.

ALTER TABLE orders ADD COLUMN cart text COLLATE "C"; -- VERSION/ID, within the client
CREATE UNIQUE INDEX cart_used_once ON orders (client_id, cart) WHERE cart IS NOT NULL;
