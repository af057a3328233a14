import { type FileRecords, fileNotFound, recordOf } from "./file-records.ts";
import { checkRules } from "./file-rules.ts";
import type { FileService } from "./file-service.ts";
import type { FileStore } from "./file-store.ts";
import { createIntake, defaultFileLimits, type FileLimits } from "./intake.ts";
import { createProcessor } from "./processing/processor.ts";
import { createReading } from "./reading.ts";

export function createFileService(parts: {
  readonly store: FileStore;
  readonly records: FileRecords;
  readonly limits?: FileLimits;
  /** After the commit of a task. */
  readonly taskAdded?: () => void;
}): FileService {
  const { store, records, limits = defaultFileLimits, taskAdded = () => {} } = parts;
  const processor = createProcessor(limits.processing);

  return {
    ...createIntake({ store, records, processor, limits, taskAdded }),

    ...createReading({ store, records, processor }),

    get: (tenantId, id) => recordOf(records, tenantId, id),

    list: (tenantId, query) => records.list(tenantId, query),

    window: (tenantId, statuses, window) => records.window(tenantId, statuses, window),

    count: (tenantId, statuses) => records.count(tenantId, statuses),

    byIds: (tenantId, ids) => records.byIds(tenantId, ids),

    textsOf: (tenantId, ids) => records.textsOf(tenantId, ids),

    async validate(tenantId, id, rules) {
      const file = await recordOf(records, tenantId, id);
      checkRules(file, rules);
      if (!(await store.has(file.storageKey))) fileNotFound();
      return file;
    },

    async request(tenantId, id, task) {
      const file = (await records.addTask(tenantId, id, task)) ?? fileNotFound();
      taskAdded();
      return file;
    },

    async openContent(tenantId, id, range) {
      const file = await recordOf(records, tenantId, id);
      return { file, content: await store.open(file.storageKey, range) };
    },

    async remove(tenantId, id) {
      return (await records.remove(tenantId, id, (key) => store.delete(key))) ?? fileNotFound();
    },

    close: () => processor.close(),
  };
}
