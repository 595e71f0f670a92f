/** Files as the first slipway wrote them: releases known by their names alone. */
import { DatabaseSync } from 'node:sqlite'

/** A journal of version 1 with two releases, one of them over. */
export function journalOfVersion1(path: string): void {
  const old = new DatabaseSync(path)
  old.exec(`
    PRAGMA journal_mode = WAL;
    CREATE TABLE entries (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, environment TEXT NOT NULL, release TEXT NOT NULL, data TEXT NOT NULL);
    CREATE INDEX entries_release ON entries (release, seq);
    CREATE TABLE snapshots (key TEXT PRIMARY KEY, data TEXT NOT NULL);
    CREATE TABLE points (release TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL);
    CREATE INDEX points_release ON points (release, at);
    CREATE TABLE minutes (environment TEXT NOT NULL, digest TEXT NOT NULL, minute INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (environment, digest, minute));
    PRAGMA user_version = 1;
    INSERT INTO entries VALUES (1, 1, 'started', 'dev', 'm-1', '{"n":1,"plan":{"model":"m","candidate":{}}}'), (2, 2, 'started', 'prod', 'm-2', '{"n":2,"plan":{"model":"m","candidate":{}}}');
    INSERT INTO snapshots VALUES ('release:m-1', '{"state":{"phase":"over"}}'), ('release:m-2', '{"state":{"phase":"watch"}}'), ('fold', '{}'), ('keys:dev', '[]');
    INSERT INTO points VALUES ('m-2', 5, '{}');
  `)
  old.close()
}

/** Answers beside it: one with a label, one without. */
export function answersOfVersion0(path: string): void {
  const old = new DatabaseSync(path)
  old.exec(`
    CREATE TABLE answers (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, key TEXT, release TEXT NOT NULL, step INTEGER NOT NULL, arm TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL, bytes INTEGER NOT NULL);
    CREATE TABLE labels (id TEXT PRIMARY KEY, label TEXT NOT NULL, at INTEGER NOT NULL);
    CREATE TABLE joined (seq INTEGER PRIMARY KEY AUTOINCREMENT, answer INTEGER NOT NULL UNIQUE, release TEXT NOT NULL, label TEXT NOT NULL, at INTEGER NOT NULL);
    CREATE TABLE shares (release TEXT NOT NULL, step INTEGER NOT NULL, arm TEXT NOT NULL, answers INTEGER NOT NULL, labelled INTEGER NOT NULL, PRIMARY KEY (release, step, arm));
    INSERT INTO answers VALUES (7, 'a', NULL, 'm-2', 0, 'baseline', 5, '{"id":"a"}', 10), (8, 'b', NULL, 'm-2', 0, 'baseline', 6, '{"id":"b"}', 10);
    INSERT INTO labels VALUES ('a', '3', 9), ('early', '4', 9);
    INSERT INTO joined VALUES (4, 7, 'm-2', '3', 9);
    INSERT INTO shares VALUES ('m-2', 0, 'baseline', 2, 1);
  `)
  old.close()
}
