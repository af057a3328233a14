import { Readable } from "node:stream";
import { z } from "zod";
import { type Engine, stringifyStored, type TenantId } from "../engine/index.ts";
import { presented, presentStep } from "./execution-view.ts";
import { isoOf, longIdParameter } from "./fields.ts";
import { actorOf } from "./guard.ts";
import { refusals } from "./openapi.ts";
import type { RestOptions, RestServer } from "./rest-server.ts";

/** `/api/v1/workflows/executions/{id}/export`: what is to be kept elsewhere before it is removed. */
export function serveExecutionExport(server: RestServer, { engine }: RestOptions): void {
  server.get(
    "/api/v1/workflows/executions/:execution_id/export",
    {
      config: { access: "read", limit: "monitoring" },
      schema: {
        tags: ["executions"],
        operationId: "exportExecution",
        summary: "Get all that is stored of an execution and its children, as lines of JSON",
        description:
          "Each line has a `kind`: `execution` and `step`, which are as elsewhere, and `event`, with the `execution_id`. Each execution's lines follow each other, a parent's before its children's. Secrets are masked.",
        params: z.strictObject({ execution_id: longIdParameter }),
        produces: ["application/x-ndjson"],
        response: { 200: z.unknown().meta({ type: "string" }), ...refusals(400, 401, 403, 404, 429) },
      },
    },
    async (request, reply) => {
      const { tenantId } = actorOf(request);
      const ids = await engine.retention.familyOf(tenantId, request.params.execution_id);
      reply.header("content-disposition", `attachment; filename="execution-${ids[0]}.jsonl"`);
      return reply
        .type("application/x-ndjson")
        .send(Readable.from(exported(engine, tenantId, ids), { highWaterMark: 1 }));
    },
  );
}

/** A piece at a time: what one execution holds may be all that there is room for. It breaks off when one is removed meanwhile. */
async function* exported(
  { executions, executionQueries, live }: Engine,
  tenantId: TenantId,
  ids: readonly number[],
): AsyncGenerator<string> {
  for (const execution_id of ids) {
    const found = await executions.get(tenantId, execution_id);
    const [execution] = await presented(executionQueries, [found]);
    yield line({ kind: "execution", ...execution! });
    for (const step of await executions.steps(tenantId, execution_id)) {
      yield line({ kind: "step", execution_id, ...presentStep(step) });
    }
    const log = await live.executionEvents(tenantId, execution_id, 0);
    for (let after = 0, isLast = false; !isLast; ) {
      const page = await log.page(after);
      const events = page.items.map(({ value: { seq, type, stepId, data, at } }) =>
        line({ kind: "event", execution_id, seq, type, step_id: stepId, data, at: isoOf(at) }),
      );
      yield events.join("");
      isLast = page.isLast;
      after = page.items.at(-1)?.position ?? after;
    }
  }
}

function line(value: object): string {
  return `${stringifyStored(value)}\n`;
}
