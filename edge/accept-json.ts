import { errorCodes, type FastifyInstance } from "fastify";
import { type Bound, LARGE, MAX_LEVELS, NOBODY, parseLargeJson, type TenantId } from "../engine/index.ts";

interface JsonBodies {
  /** Whether an empty body is none, whatever its header says; false: it is refused. */
  readonly takesNone: boolean;
  /** See parseLargeJson. Default none. */
  readonly bound?: Bound;
}

/** Takes JSON as Fastify does, prototype poisoning refused; what is large is parsed in a thread. */
export function acceptJson(server: FastifyInstance, { takesNone, bound }: JsonBodies): void {
  const parse = server.getDefaultJsonParser("error", "error");
  server.removeContentTypeParser("application/json");
  server.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body: Buffer, done) => {
    if (body.length === 0 && takesNone) done(null, undefined);
    else if (body.length <= LARGE) parse(request, body.toString(), done);
    else parseLarge(body, request.actor?.tenantId ?? NOBODY, bound).then((json) => done(null, json), done);
  });
}

async function parseLarge(body: Buffer, tenantId: TenantId, bound: Bound | undefined): Promise<unknown> {
  const { problem, json } = await parseLargeJson(body, { tenantId, ...(bound && { bound }) });
  if (problem === "deep") throw new BodyTooDeep();
  if (problem !== null) throw new errorCodes.FST_ERR_CTP_INVALID_JSON_BODY();
  return json;
}

class BodyTooDeep extends Error {
  readonly statusCode = 400;

  constructor() {
    super(`The body must not be nested deeper than ${MAX_LEVELS} levels`);
  }
}
