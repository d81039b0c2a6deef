-- Returns, and refunds that wait for approval.
SELECT;
