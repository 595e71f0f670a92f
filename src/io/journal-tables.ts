/** The tables of the journal. */
import type { Tables } from './tables.ts'

const SCHEMA = `
CREATE TABLE IF NOT EXISTS entries (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, environment TEXT NOT NULL, release TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entries_of ON entries (environment, release, seq);
CREATE TABLE IF NOT EXISTS snapshots (key TEXT PRIMARY KEY, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS points (release TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL, environment TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS points_of ON points (environment, release, at);
CREATE TABLE IF NOT EXISTS minutes (environment TEXT NOT NULL, digest TEXT NOT NULL, minute INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (environment, digest, minute));
`

/** From version 1: releases were known by their name alone, and all of them by the same key. What was folded is folded anew. */
const BY_ENVIRONMENT = `
ALTER TABLE points ADD COLUMN environment TEXT NOT NULL DEFAULT '';
UPDATE points SET environment = coalesce((SELECT e.environment FROM entries e WHERE e.release = points.release AND e.kind = 'started'), '');
UPDATE snapshots SET key = iif(json_extract(data, '$.state.phase') = 'over', 'over:', 'release:')
  || (SELECT e.environment FROM entries e WHERE e.release = substr(key, 9) AND e.kind = 'started') || '/' || substr(key, 9)
  WHERE substr(key, 1, 8) = 'release:' AND EXISTS (SELECT 1 FROM entries e WHERE e.release = substr(key, 9) AND e.kind = 'started');
DELETE FROM snapshots WHERE key = 'fold';
DROP INDEX entries_release;
DROP INDEX points_release;
`

export const JOURNAL: Tables = {
  version: 2,
  table: 'entries',
  schema: SCHEMA,
  migrate: (db) => db.exec(BY_ENVIRONMENT),
}
