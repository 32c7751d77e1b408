-- Seats are kept with the commit that changed them first, and moved into their table later, many at a time.

-- The seats that a commit changed, as it left them: for each its number (4 bytes), version (4), owner (8), status (1), the
-- length of its channel's name (2), and the name.
ALTER TABLE ledger ADD COLUMN seats BLOB NOT NULL DEFAULT x'';

-- Under another name: what does not know that newer rows lie elsewhere must not read the table, such as a command that ran before.
ALTER TABLE seats RENAME TO filed_seats;

-- A commit of which all seats are in their table, with those of all commits before it.
ALTER TABLE heads ADD COLUMN filed INTEGER NOT NULL DEFAULT 0;
UPDATE heads SET filed = seq;
