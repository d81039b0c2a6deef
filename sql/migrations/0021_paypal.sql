-- Held for the work that is under way.
SELECT;
