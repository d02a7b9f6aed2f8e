-- Times are milliseconds since the epoch, as in the facts themselves.

-- One row for everything that ever happened, never changed. Partitions are made by month of `at` when a fact needs
-- one (partitions.ts); what lies outside of 2000 to 2099 (a mail's header may say anything) has two of its own.
create sequence fact_ids;

create table facts (
  id bigint not null default nextval('fact_ids'),
  key text not null,
  kind text not null,
  at bigint not null,
  deployment text not null,
  item text,
  person text,
  body jsonb not null
) partition by range (at);

create index facts_by_deployment on facts (deployment, id);
create index facts_by_id on facts using brin (id) with (pages_per_range = 16);
-- A hash, because a surface's item keys can be longer than a B-tree holds.
create index facts_by_item on facts using hash (item);

create table facts_before_2000 partition of facts for values from (minvalue) to (946684800000);
create table facts_after_2099 partition of facts for values from (4102444800000) to (maxvalue);

-- A unique index on `facts` would have to contain `at`, and the same key may come with another time: so the keys
-- stand by themselves, as the first half of their SHA-256.
create table fact_keys (
  hash bytea primary key
);

-- Projections: rebuilt from the facts alone by `rebuild`, see projections.ts.
create table items (
  -- The first half of the SHA-256 of deployment, newline, item.
  id bytea primary key,
  deployment text not null,
  item text not null,
  seen_at bigint,
  "group" text,
  urgent boolean,
  seen_person text,
  suggested_at bigint,
  confidence float8,
  claim text,
  decided_at bigint,
  arm text,
  stage text,
  placed_at bigint,
  placement jsonb,
  refused_at bigint,
  refused text,
  withdrew_at bigint,
  removed_at bigint,
  did_at bigint,
  seconds float8,
  did_person text,
  judged_at bigint,
  judged_arm text,
  useful boolean,
  similarity float8,
  outcome text,
  judged_seconds float8,
  gone_at bigint
) with (fillfactor = 80);

create index items_by_time on items (deployment, seen_at, id);
create index items_open on items (deployment, seen_at, id) where did_at is null and gone_at is null;

create table standings (
  deployment text primary key,
  connected_at bigint,
  team text,
  surface text,
  skill text,
  learned_at bigint,
  learned jsonb,
  proved_at bigint,
  proof jsonb,
  staged_at bigint,
  stage text,
  because text,
  locks jsonb,
  failed_at bigint,
  failed_what text,
  failed_because text,
  last_seen_at bigint,
  last_placed_at bigint,
  last_withdrew_at bigint,
  seen bigint not null default 0,
  suggested bigint not null default 0,
  arm_shown bigint not null default 0,
  arm_held_back bigint not null default 0,
  arm_silent bigint not null default 0,
  placed bigint not null default 0,
  refused bigint not null default 0,
  withdrawn bigint not null default 0,
  removed bigint not null default 0,
  did bigint not null default 0,
  judged_shown bigint not null default 0,
  judged_held_back bigint not null default 0,
  judged_silent bigint not null default 0,
  useful_shown bigint not null default 0,
  useful_held_back bigint not null default 0,
  useful_silent bigint not null default 0,
  outcome_used bigint not null default 0,
  outcome_edited bigint not null default 0,
  outcome_discarded bigint not null default 0,
  outcome_ignored bigint not null default 0,
  gone bigint not null default 0
) with (fillfactor = 50);

-- What is not a fact: settings, bookmarks, models, and the text of mails and cells with the date on which it goes.
create table deployments (
  id text primary key,
  team text not null,
  surface text not null,
  skill text not null,
  settings json not null,
  pain json not null
);

create table cursors (
  deployment text primary key,
  cursor text not null
);

create table models (
  deployment text primary key,
  skill text not null,
  version int not null,
  bytes bytea not null,
  learned_at bigint not null
);

create table bodies (
  -- As in items.
  id bytea not null,
  what text not null,
  deployment text not null,
  item text not null,
  person text,
  keep_until bigint,
  -- JSON, as text: jsonb refuses what a mail may hold (a NUL, half of a surrogate pair).
  body text not null,
  primary key (id, what)
);

create index bodies_by_deployment on bodies (deployment, what, id);
create index bodies_by_person on bodies (person) where person is not null;
create index bodies_by_keep_until on bodies (keep_until) where keep_until is not null;

create table secrets (
  name text primary key,
  bytes bytea not null
);
