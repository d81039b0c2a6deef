-- What incremental checks remember.
SELECT;
