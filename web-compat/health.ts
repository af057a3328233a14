import { z } from "zod";
import {
  DomainError,
  type EngineHealth,
  type FiguresOfAllTenants,
  statisticsTexts,
  successRate,
  totalsTexts,
  troubleWords,
  withDeadline,
} from "../engine/index.ts";
import { timestamp } from "./fields.ts";
import { refusals, VERSION } from "./openapi.ts";
import type { RestOptions, RestServer } from "./rest-server.ts";

const tags = ["service"];
const open = { access: "open" } as const;
const RETRY_AFTER_SECONDS = 1;
/** They are not waited for: the answer comes within a second whatever the database does. */
const FIGURES_MS = 800;

const component = z
  .enum(["healthy", "unhealthy", "disabled"])
  .describe("`disabled`: this process has none, by its configuration; that is no fault.");
const figure = z.int().min(0);

const health = z.strictObject({
  status: z
    .enum(["healthy", "degraded", "unhealthy"])
    .describe(
      "`unhealthy`: the database does not serve, see `database_trouble`. `degraded`: it works, and a component does not.",
    ),
  timestamp,
  service: z.string(),
  version: z.string(),
  components: z.strictObject({
    database: component,
    redis: component,
    scheduler: component,
    saga_orchestrator: component,
  }),
  database_trouble: z
    .enum(["busy", "away", "read-only", "full"])
    .nullable()
    .describe(
      "Why `database` is unhealthy: locked or slow, not reached, taking no changes, or without room. Null: it is not.",
    ),
  metrics: z
    .strictObject({
      total_workflows: figure.describe(statisticsTexts.workflows),
      active_executions: figure.describe("Not over yet; paused ones are left out."),
      completed_executions_24h: figure.describe(statisticsTexts.last_day),
      failed_executions_24h: figure.describe(totalsTexts.failed),
      success_rate_24h: z.number().min(0).max(100).describe(`${totalsTexts.success_rate}; 100 while there are none.`),
    })
    .describe("Of all tenants, at most two seconds old; without the database, as they were last read."),
});

const noFigures = {
  total_workflows: 0,
  active_executions: 0,
  completed_executions_24h: 0,
  failed_executions_24h: 0,
  success_rate_24h: 100,
};

/** `/health` for people and dashboards, `/ready` for whoever sends requests here, `/live` for whoever restarts us. */
export function serveHealth(server: RestServer, options: RestOptions): void {
  getHealth(server, options);
  getReadiness(server, options);
  getLiveness(server);
}

function getHealth(server: RestServer, options: RestOptions): void {
  const { engine, serviceName = "automation-services", sagaOrchestrator = () => null } = options;
  let lastFigures = noFigures;

  server.get(
    "/health",
    {
      config: open,
      schema: {
        tags,
        operationId: "getHealth",
        summary: "How each part does, and what the last day looked like; always 200, so read `status`",
        security: [],
        response: { 200: health },
      },
    },
    async () => {
      const [parts, figures] = await Promise.all([
        engine.health(),
        withDeadline(FIGURES_MS, () => engine.figuresOfAllTenants()).then(figuresOf, () => lastFigures),
      ]);
      lastFigures = figures;
      return {
        status: verdict(parts),
        timestamp: new Date().toISOString(),
        service: serviceName,
        version: VERSION,
        components: {
          database: word(parts.database === null),
          redis: word(parts.redis),
          scheduler: word(parts.scheduler),
          saga_orchestrator: word(sagaOrchestrator()),
        },
        database_trouble: parts.database,
        metrics: figures,
      };
    },
  );
}

function getReadiness(server: RestServer, { engine, readiness = () => "ready" }: RestOptions): void {
  server.get(
    "/ready",
    {
      config: open,
      schema: {
        tags,
        operationId: "getReadiness",
        summary: "Whether requests should be sent here: not while it starts, stops, or has no database",
        security: [],
        response: { 200: z.strictObject({ status: z.literal("ready") }), ...refusals(503) },
      },
    },
    async (_request, reply) => {
      const state = readiness();
      const trouble = state === "ready" ? (await engine.health()).database : null;
      const reason = state === "ready" ? trouble && troubleWords[trouble] : `The service is ${state}`;
      if (reason === null) return { status: "ready" } as const;
      reply.header("retry-after", RETRY_AFTER_SECONDS);
      throw new DomainError("NOT_READY", reason);
    },
  );
}

function getLiveness(server: RestServer): void {
  server.get(
    "/live",
    {
      config: open,
      schema: {
        tags,
        operationId: "getLiveness",
        summary: "Answers as long as the process does: asks nothing of the database",
        security: [],
        response: { 200: z.strictObject({ status: z.literal("alive") }) },
      },
    },
    async () => ({ status: "alive" }) as const,
  );
}

function figuresOf({ workflows, activeExecutions, executions }: FiguresOfAllTenants): typeof noFigures {
  return {
    total_workflows: workflows,
    active_executions: activeExecutions,
    completed_executions_24h: executions.completed,
    failed_executions_24h: executions.failed,
    success_rate_24h: successRate(executions, 100),
  };
}

function word(works: boolean | null): z.output<typeof component> {
  if (works === null) return "disabled";
  return works ? "healthy" : "unhealthy";
}

/** Redis carries hints and the scheduler goes on when it can: without either requests are still served. */
function verdict({ database, redis, scheduler }: EngineHealth): "healthy" | "degraded" | "unhealthy" {
  if (database !== null) return "unhealthy";
  return redis === false || scheduler === false ? "degraded" : "healthy";
}
