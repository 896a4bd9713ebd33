-- The report of a deposit may come in a later window than that of its claim: what was booked as a loss then goes back, and the
-- window's shortfall is below zero.
ALTER TABLE windows DROP CONSTRAINT windows_shortfall_check;
