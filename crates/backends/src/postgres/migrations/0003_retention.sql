-- When the people of an event that is over were last forgotten, in ms; a later commit may bring new ones.
ALTER TABLE events ADD COLUMN people_erased_at bigint;
