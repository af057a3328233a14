import { Migration001Engine } from "./001-engine.ts";
import { Migration002Template } from "./002-template.ts";
import { Migration003Schedule } from "./003-schedule.ts";
import { Migration004Webhook } from "./004-webhook.ts";
import { Migration005FileTasks } from "./005-file-tasks.ts";
import { Migration009Statistics } from "./009-statistics.ts";
import { Migration013Trace } from "./013-trace.ts";
import { Migration015Lists } from "./015-lists.ts";
import { Migration020Saga } from "./020-saga.ts";
import { Migration021FileNote } from "./021-file-note.ts";
import { Migration022Correlation } from "./022-correlation.ts";
import { Migration023Descendants } from "./023-descendants.ts";
import { Migration024ExecutionUid } from "./024-execution-uid.ts";
import { Migration025AfterFailure } from "./025-after-failure.ts";
import { Migration026Size } from "./026-size.ts";
import { Migration027Sealed } from "./027-sealed.ts";
import { Migration028KeyOfEnvironment } from "./028-key-of-environment.ts";
import { Migration029ExecutionCommand } from "./029-execution-command.ts";
import { Migration030WorkerLease } from "./030-worker-lease.ts";
import { Migration031BusKey } from "./031-bus-key.ts";
import { Migration032Suspects } from "./032-suspects.ts";
import { Migration033FileTaskTakes } from "./033-file-task-takes.ts";
import { Migration034MigrationChecksum } from "./034-migration-checksum.ts";
import { Migration035Retention } from "./035-retention.ts";

/**
 * In the order in which they run. Append only: databases keep the names, and a checksum of each. Numbers were given to
 * pieces of work that went on side by side, and not all had something to migrate: 006 to 008, 010 to 012, 014 and 016 to
 * 019 never were.
 */
export const migrations = [
  { name: "001-engine", class: Migration001Engine },
  { name: "002-template", class: Migration002Template },
  { name: "003-schedule", class: Migration003Schedule },
  { name: "004-webhook", class: Migration004Webhook },
  { name: "005-file-tasks", class: Migration005FileTasks },
  { name: "009-statistics", class: Migration009Statistics },
  { name: "013-trace", class: Migration013Trace },
  { name: "015-lists", class: Migration015Lists },
  { name: "020-saga", class: Migration020Saga },
  { name: "021-file-note", class: Migration021FileNote },
  { name: "022-correlation", class: Migration022Correlation },
  { name: "023-descendants", class: Migration023Descendants },
  { name: "024-execution-uid", class: Migration024ExecutionUid },
  { name: "025-after-failure", class: Migration025AfterFailure },
  { name: "026-size", class: Migration026Size },
  { name: "027-sealed", class: Migration027Sealed },
  { name: "028-key-of-environment", class: Migration028KeyOfEnvironment },
  { name: "029-execution-command", class: Migration029ExecutionCommand },
  { name: "030-worker-lease", class: Migration030WorkerLease },
  { name: "031-bus-key", class: Migration031BusKey },
  { name: "032-suspects", class: Migration032Suspects },
  { name: "033-file-task-takes", class: Migration033FileTaskTakes },
  { name: "034-migration-checksum", class: Migration034MigrationChecksum },
  { name: "035-retention", class: Migration035Retention },
];
