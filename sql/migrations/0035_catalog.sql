-- The widening of catalog.
SELECT;
