import type pg from "pg";
import {
  type Bus,
  type Columns,
  channels,
  DomainError,
  type Issue,
  isJsonObject,
  isSafeJson,
  type JsonObject,
  parseInput,
  transaction,
  type WorkflowService,
} from "../../engine/index.ts";
import { compileSagaType } from "./compile.ts";
import { compileInputSchema, type InputSchema } from "./input-schema.ts";
import { sagaTypeInput } from "./saga-type-input.ts";

/** The type of every execution of a workflow. Built in, and nobody's to register. */
export const WORKFLOW_EXECUTION = "workflow_execution";
/** How long a type may be used without asking again; what is registered here or told on the bus drops it at once. */
const CACHE_MS = 5_000;

export interface SagaType {
  readonly workflowId: number;
  readonly tenantId: string;
  readonly name: string;
  readonly description: string | null;
  readonly version: number;
  /** As it was registered, defaults filled in. */
  readonly document: JsonObject;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Registered saga types: versioned definitions that the engine runs as it runs any. */
export class SagaTypeService {
  private readonly cache = new Map<string, { types: Promise<ReadonlyMap<string, SagaType>>; until: number }>();
  private readonly schemas = new WeakMap<SagaType, InputSchema | null>();

  constructor(
    private readonly pool: pg.Pool,
    private readonly bus: Bus,
    private readonly workflows: Pick<WorkflowService, "issuesOf">,
  ) {}

  async start(): Promise<void> {
    await this.bus.subscribe(
      channels.sagaTypeChanged,
      (tenantId) => this.cache.delete(tenantId as string),
      () => this.cache.clear(),
    );
  }

  /** Makes the type, or its next version. Sagas that run go on with theirs. Nothing changes when it is the same. */
  async register(tenantId: string, document: JsonObject): Promise<SagaType> {
    const input = parseInput(sagaTypeInput, document);
    const unsafe: Issue[] = [];
    // The whole of it is kept as JSON, which Postgres must be able to take apart.
    isSafeJson(document, "", unsafe);
    if (unsafe.length > 0) throw DomainError.invalid(unsafe);
    if (input.name === WORKFLOW_EXECUTION) {
      throw new DomainError("NAME_TAKEN", `${WORKFLOW_EXECUTION} is built in`, { field: "name" });
    }
    const { definition, issues } = compileSagaType(input);
    const problems = [
      ...issues,
      ...schemaProblems(input.input_schema),
      ...this.definitionProblems(tenantId, definition, input),
    ];
    if (problems.length > 0) throw DomainError.invalid(problems);
    const type = await transaction(this.pool, (client) =>
      save(client, tenantId, input as unknown as JsonObject & typeof input, definition),
    );
    this.cache.delete(tenantId);
    this.bus.publish(channels.sagaTypeChanged, tenantId);
    return type;
  }

  /** By name. */
  async list(tenantId: string): Promise<SagaType[]> {
    return [...(await this.all(tenantId)).values()];
  }

  /** @throws DomainError SAGA_TYPE_NOT_FOUND */
  async get(tenantId: string, name: string): Promise<SagaType> {
    const found = (await this.all(tenantId)).get(name);
    if (found) return found;
    throw new DomainError("SAGA_TYPE_NOT_FOUND", `Unknown saga type: ${name}`, { field: "saga_type" });
  }

  /** @throws DomainError VALIDATION_FAILED with the paths of what breaks the type's schema. */
  checkInput(type: SagaType, input: JsonObject): void {
    let schema = this.schemas.get(type);
    if (schema === undefined) {
      const source = type.document.input_schema;
      const compiled = isJsonObject(source) ? compileInputSchema(source, "input_schema") : null;
      schema = compiled && "check" in compiled ? compiled : null;
      this.schemas.set(type, schema);
    }
    schema?.check(input);
  }

  private definitionProblems(
    tenantId: string,
    definition: JsonObject,
    { max_retries }: { max_retries: number },
  ): Issue[] {
    const steps = definition.steps as readonly JsonObject[];
    return this.workflows
      .issuesOf(tenantId, definition, max_retries)
      .map(({ path, message }) => ({ path: ownPath(path.replace(/^workflow_config\.?/, ""), steps), message }));
  }

  private all(tenantId: string): Promise<ReadonlyMap<string, SagaType>> {
    const known = this.cache.get(tenantId);
    if (known && known.until > performance.now()) return known.types;
    const types = this.read(tenantId);
    this.cache.set(tenantId, { types, until: performance.now() + CACHE_MS });
    types.catch(() => this.cache.delete(tenantId));
    return types;
  }

  private async read(tenantId: string): Promise<ReadonlyMap<string, SagaType>> {
    const { rows } = await this.pool.query<Columns>(
      "SELECT * FROM saga_type WHERE tenant_id = $1::text ORDER BY name",
      [tenantId],
    );
    return new Map(rows.map((row) => [row.name as string, toSagaType(row)]));
  }
}

/** A command's fields stand in the step itself, and its undoing is called compensation. */
function ownPath(path: string, steps: readonly JsonObject[]): string {
  const [, index] = /^steps\[(\d+)\]/.exec(path) ?? [];
  const type = index === undefined ? undefined : steps[Number(index)]?.type;
  if (type !== "participant" && type !== "event_command") return path;
  return path.replace(/^(steps\[\d+\])\.compensate/, "$1.compensation").replace(/\.config(?=\.|$)/, "");
}

function schemaProblems(schema: unknown): readonly Issue[] {
  if (!isJsonObject(schema)) return [];
  const compiled = compileInputSchema(schema, "input_schema");
  return "problems" in compiled ? compiled.problems : [];
}

interface Document {
  readonly name: string;
  readonly description?: string | null | undefined;
  readonly timeout_seconds: number;
  readonly max_retries: number;
  readonly trigger?: { readonly event: string } | null | undefined;
}

async function save(
  client: pg.PoolClient,
  tenantId: string,
  document: JsonObject & Document,
  definition: JsonObject,
): Promise<SagaType> {
  const text = JSON.stringify(document);
  // Takes the name first, so that two who register it at once make two versions. The number is a workflow's that is none.
  const { rows } = await client.query<Columns>(
    `INSERT INTO saga_type (workflow_id, tenant_id, name, description, version, document, trigger_event, created_at, updated_at)
     VALUES (nextval(pg_get_serial_sequence('workflow', 'id')), $1::text, $2::text, $3::text, 1, $4::json, $5::text, now(), now())
     ON CONFLICT (tenant_id, name) DO UPDATE SET
       version = saga_type.version + (saga_type.document::text <> excluded.document::text)::int,
       document = excluded.document, description = excluded.description, trigger_event = excluded.trigger_event,
       updated_at = CASE WHEN saga_type.document::text <> excluded.document::text THEN now() ELSE saga_type.updated_at END
     RETURNING *`,
    [tenantId, document.name, document.description ?? null, text, document.trigger?.event ?? null],
  );
  const type = toSagaType(rows[0]!);
  await client.query(
    `INSERT INTO workflow_version (workflow_id, version, definition, timeout_seconds, max_retries, created_at)
     VALUES ($1::int, $2::int, $3::json, $4::int, $5::int, now())
     ON CONFLICT DO NOTHING`,
    [type.workflowId, type.version, JSON.stringify(definition), document.timeout_seconds, document.max_retries],
  );
  return type;
}

function toSagaType(row: Columns): SagaType {
  return {
    workflowId: row.workflow_id as number,
    tenantId: row.tenant_id as string,
    name: row.name as string,
    description: row.description as string | null,
    version: row.version as number,
    document: row.document as JsonObject,
    createdAt: row.created_at as Date,
    updatedAt: row.updated_at as Date,
  };
}
