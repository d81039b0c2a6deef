-- The widening of messages.
SELECT;
