-- Figures that the sources of a story give differently are a matter of its brief; `amounts` is what posts say of money.
ALTER TABLE amounts RENAME TO brief_figures;

CREATE TABLE amounts (
  -- The money that posts speak of, in title and lead: a row an amount. The rework of this name fills it for stored posts.
  post_id  INTEGER NOT NULL REFERENCES posts (id),
  position INTEGER NOT NULL,                        -- within its post, from 1 on
  value    REAL NOT NULL,                           -- in units of the currency: 13000000000.0 for "$13B"
  currency TEXT,                                    -- ISO 4217; NULL where the word leaves it open ("pesos")
  text     TEXT NOT NULL,                           -- as it is written
  kind     TEXT CHECK (kind IN ('raised', 'valued', 'fined', 'price')), -- NULL where the words near it do not say
  PRIMARY KEY (post_id, position)
) STRICT, WITHOUT ROWID;
