-- How an order was changed: instants, differences, payments, as JSON; nothing for one that never was.
ALTER TABLE orders ADD COLUMN changes TEXT;
