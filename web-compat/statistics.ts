import { z } from "zod";
import { DomainError, type Engine, statisticsTexts, successRate, totalsTexts } from "../engine/index.ts";
import { isoOf, timestamp } from "./fields.ts";
import { actorOf } from "./guard.ts";
import { refusals } from "./openapi.ts";
import type { RestOptions, RestServer } from "./rest-server.ts";

const tags = ["monitoring"];
const figure = z.int().min(0);
const PREVIEWED = 5;

const read = { access: "read", limit: "monitoring" } as const;

/** `/api/v1/workflows/stats/summary` and `/api/v1/workflows/validate-cron`. */
export function serveStatistics(server: RestServer, { engine }: RestOptions): void {
  for (const serve of [getStatistics, validateCron]) serve(server, engine);
}

function getStatistics(server: RestServer, { statistics }: Engine): void {
  server.get(
    "/api/v1/workflows/stats/summary",
    {
      config: read,
      schema: {
        tags,
        operationId: "getStatistics",
        summary: "Figures of the tenant; at most two seconds old",
        response: {
          200: z.strictObject({
            total_workflows: figure.describe(statisticsTexts.workflows),
            active_workflows: figure.describe(statisticsTexts.active_workflows),
            active_executions: figure.describe(statisticsTexts.active_executions),
            total_executions: figure.describe(totalsTexts.started),
            successful_executions: figure.describe(totalsTexts.completed),
            failed_executions: figure.describe(totalsTexts.failed),
            success_rate: z.number().describe(`${totalsTexts.success_rate}; 0 while there are none.`),
            completed_executions_24h: figure.describe(statisticsTexts.last_day),
            failed_executions_24h: figure,
            success_rate_24h: z.number(),
          }),
          ...refusals(401, 403, 429),
        },
      },
    },
    async (request) => {
      const summary = await statistics.summary(actorOf(request).tenantId);
      const { executions, lastDay } = summary;
      return {
        total_workflows: summary.workflows,
        active_workflows: summary.activeWorkflows,
        active_executions: summary.activeExecutions,
        total_executions: executions.started,
        successful_executions: executions.completed,
        failed_executions: executions.failed,
        success_rate: successRate(executions, 0),
        completed_executions_24h: lastDay.completed,
        failed_executions_24h: lastDay.failed,
        success_rate_24h: successRate(lastDay, 0),
      };
    },
  );
}

function validateCron(server: RestServer, { schedules }: Engine): void {
  server.post(
    "/api/v1/workflows/validate-cron",
    {
      config: read,
      schema: {
        tags,
        operationId: "validateCron",
        summary: "Check a cron expression, and show when it would fire next",
        querystring: z.object({
          cron_expression: z.string().min(1).max(255).describe("5 fields or an alias such as `@daily`; UTC."),
        }),
        body: z.unknown().optional(),
        response: {
          200: z.strictObject({
            cron_expression: z.string(),
            is_valid: z.boolean(),
            next_runs: z.array(timestamp).max(PREVIEWED).optional().describe("The next five; with a valid expression."),
            error: z.string().optional().describe("With an invalid one."),
          }),
          ...refusals(400, 401, 403, 429),
        },
      },
    },
    async (request) => {
      const { cron_expression } = request.query;
      try {
        const runs = schedules.previewOf({ cron: cron_expression }, PREVIEWED);
        return { cron_expression, is_valid: true, next_runs: runs.map(isoOf) };
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        return { cron_expression, is_valid: false, error: error.message };
      }
    },
  );
}
