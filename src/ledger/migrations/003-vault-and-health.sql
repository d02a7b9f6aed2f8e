-- Tokens that a surface was handed, sealed by the engine's keyring; the ledger never sees them open.
create table vault (
  deployment text not null,
  name text not null,
  sealed text not null,
  primary key (deployment, name)
);

-- What each surface said last of itself. A sign of life that comes every few seconds is no fact: the last one counts.
create table health (
  deployment text primary key,
  said_at bigint not null,
  body json not null
);
