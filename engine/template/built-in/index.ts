import type pg from "pg";
import type { StepAliases } from "../customise.ts";
import { DEFAULT_VERSION } from "../template-input.ts";
import { approvalFlow, fanOut, orderSaga, thresholdAlert } from "./automation.ts";
import type { BuiltInTemplate } from "./built-in-template.ts";
import { documentPipeline, fileProcessing } from "./file-processing.ts";
import { dataSynchronisation, httpWithDataProcessing, multiStepIntegration, simpleHttpRequest } from "./integration.ts";

/** In the order of their ids, 1 to 100. */
export const builtInTemplates: readonly BuiltInTemplate[] = [
  simpleHttpRequest,
  httpWithDataProcessing,
  fileProcessing,
  multiStepIntegration,
  dataSynchronisation,
  approvalFlow,
  orderSaga,
  fanOut,
  thresholdAlert,
  documentPipeline,
];

export function stepAliases(templateId: number): StepAliases {
  return builtInTemplates.find(({ id }) => id === templateId)?.stepAliases ?? {};
}

const CONTENTS =
  "name, description, category, definition, default_trigger_config, default_cron_schedule, tags, version";

/** Inserts what is missing and renews what has changed since; the same again, and from two processes at once, is harmless. */
export async function seedBuiltInTemplates(pool: pg.Pool): Promise<void> {
  const rows = builtInTemplates.map(({ defaultTriggerConfig, defaultCronSchedule, stepAliases: _, ...template }) => ({
    ...template,
    default_trigger_config: defaultTriggerConfig,
    default_cron_schedule: defaultCronSchedule ?? null,
    version: DEFAULT_VERSION,
  }));
  await pool.query(
    `INSERT INTO template AS t (id, ${CONTENTS}, is_public, usage_count, created_at, updated_at)
     SELECT id, ${CONTENTS}, true, 0, now(), now()
     FROM json_to_recordset($1::json) AS b(id int, name text, description text, category text, definition json,
       default_trigger_config json, default_cron_schedule text, tags text[], version text)
     ORDER BY id
     ON CONFLICT (id) DO UPDATE SET (${CONTENTS}, updated_at) = (SELECT
       excluded.name, excluded.description, excluded.category, excluded.definition, excluded.default_trigger_config,
       excluded.default_cron_schedule, excluded.tags, excluded.version, excluded.updated_at)
     WHERE (t.name, t.description, t.category, t.definition::text, t.default_trigger_config::text, t.default_cron_schedule,
       t.tags, t.version) IS DISTINCT FROM (excluded.name, excluded.description, excluded.category,
       excluded.definition::text, excluded.default_trigger_config::text, excluded.default_cron_schedule, excluded.tags,
       excluded.version)`,
    [JSON.stringify(rows)],
  );
}
