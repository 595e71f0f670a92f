/** The tables of answers.db. */
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Tables } from './tables.ts'

/** Of an answer: what stands before the slash in the key of its release. */
const ENVIRONMENT = "environment TEXT GENERATED ALWAYS AS (substr(release, 1, max(0, instr(release, '/') - 1))) VIRTUAL"
const SCHEMA = `
CREATE TABLE IF NOT EXISTS answers (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key TEXT, release TEXT NOT NULL, step INTEGER NOT NULL, arm TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL, bytes INTEGER NOT NULL, ${ENVIRONMENT});
CREATE INDEX IF NOT EXISTS answers_key ON answers (key) WHERE key IS NOT NULL;
CREATE INDEX IF NOT EXISTS answers_release ON answers (release, seq);
CREATE INDEX IF NOT EXISTS answers_at ON answers (at);
CREATE TABLE IF NOT EXISTS labels (environment TEXT NOT NULL, id TEXT NOT NULL, label TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (environment, id));
CREATE INDEX IF NOT EXISTS labels_at ON labels (at);
CREATE TABLE IF NOT EXISTS joined (seq INTEGER PRIMARY KEY AUTOINCREMENT, answer INTEGER NOT NULL UNIQUE, release TEXT NOT NULL, label TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS joined_release ON joined (release, seq);
CREATE TABLE IF NOT EXISTS shares (release TEXT NOT NULL, step INTEGER NOT NULL, arm TEXT NOT NULL, answers INTEGER NOT NULL, labelled INTEGER NOT NULL, at INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (release, step, arm));
CREATE TABLE IF NOT EXISTS size (one INTEGER PRIMARY KEY CHECK (one = 1), bytes INTEGER NOT NULL);
INSERT OR IGNORE INTO size SELECT 1, coalesce(sum(bytes), 0) FROM answers;
`

/** A label of before may belong to an answer of any environment. */
const FOR_EACH = `
INSERT INTO labels SELECT environment, id, label, at FROM (SELECT DISTINCT environment FROM answers), labels_of_all;
DROP TABLE labels_of_all;
`

/** Of an older slipway: releases by their names alone, which the journal beside it knows; neither the age of shares nor the size of all; one label for all environments. */
function complete(db: DatabaseSync, _found: number, path: string): void {
  const journal = new DatabaseSync(join(dirname(path), 'journal.db'), { readOnly: true })
  try {
    const started = journal.prepare("SELECT environment, release FROM entries WHERE kind = 'started'").all()
    for (const table of ['answers', 'joined', 'shares']) {
      const rename = db.prepare(`UPDATE ${table} SET release = ? WHERE release = ?`)
      for (const { environment, release } of started)
        rename.run(`${environment as string}/${release as string}`, release as string)
    }
  } finally {
    journal.close()
  }
  if (!db.prepare("SELECT 1 FROM pragma_table_info('shares') WHERE name = 'at'").get())
    db.exec('ALTER TABLE shares ADD COLUMN at INTEGER NOT NULL DEFAULT 0')
  db.exec(
    `ALTER TABLE answers ADD COLUMN ${ENVIRONMENT}; ALTER TABLE labels RENAME TO labels_of_all; DROP INDEX IF EXISTS labels_at;`,
  )
  db.exec(SCHEMA)
  db.exec(FOR_EACH)
}

export const ANSWERS: Tables = { version: 1, table: 'answers', schema: SCHEMA, migrate: complete }
