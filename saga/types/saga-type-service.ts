import {
  type Bus,
  channels,
  DomainError,
  type Issue,
  isJsonObject,
  isSafeJson,
  type JsonObject,
  parseInput,
  type RoomDatabase,
  readSagaTypes,
  type SagaTypeRow,
  saveSagaType,
  type TenantId,
  type WorkflowService,
} from "../../engine/index.ts";
import { compileSagaType } from "./compile.ts";
import { compileInputSchema, type InputSchema } from "./input-schema.ts";
import { sagaTypeInput } from "./saga-type-input.ts";

/** The type of every execution of a workflow. Built in, and nobody's to register. */
export const WORKFLOW_EXECUTION = "workflow_execution";
/** How long a type may be used without asking again; what is registered here or told on the bus drops it at once. */
const CACHE_MS = 5_000;

export type SagaType = SagaTypeRow;

/** Registered saga types: versioned definitions that the engine runs as it runs any. */
export class SagaTypeService {
  private readonly cache = new Map<string, { types: Promise<ReadonlyMap<string, SagaType>>; until: number }>();
  private readonly schemas = new WeakMap<SagaType, InputSchema | null>();

  constructor(
    private readonly database: RoomDatabase,
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
  async register(tenantId: TenantId, document: JsonObject): Promise<SagaType> {
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
    const type = await this.database.transaction((tx) =>
      saveSagaType(tx, tenantId, {
        name: input.name,
        description: input.description ?? null,
        document: input as unknown as JsonObject,
        triggerEvent: input.trigger?.event ?? null,
        definition,
        timeoutSeconds: input.timeout_seconds,
        maxRetries: input.max_retries,
      }),
    );
    this.cache.delete(tenantId);
    this.bus.publish(channels.sagaTypeChanged, tenantId);
    return type;
  }

  /** By name. */
  async list(tenantId: TenantId): Promise<SagaType[]> {
    return [...(await this.all(tenantId)).values()];
  }

  /** @throws DomainError SAGA_TYPE_NOT_FOUND */
  async get(tenantId: TenantId, name: string): Promise<SagaType> {
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
    tenantId: TenantId,
    definition: JsonObject,
    { max_retries }: { max_retries: number },
  ): Issue[] {
    const steps = definition.steps as readonly JsonObject[];
    return this.workflows
      .issuesOf(tenantId, definition, max_retries)
      .map(({ path, message }) => ({ path: ownPath(path.replace(/^workflow_config\.?/, ""), steps), message }));
  }

  private all(tenantId: TenantId): Promise<ReadonlyMap<string, SagaType>> {
    const known = this.cache.get(tenantId);
    if (known && known.until > performance.now()) return known.types;
    const types = this.read(tenantId);
    this.cache.set(tenantId, { types, until: performance.now() + CACHE_MS });
    types.catch(() => this.cache.delete(tenantId));
    return types;
  }

  private async read(tenantId: TenantId): Promise<ReadonlyMap<string, SagaType>> {
    return new Map((await readSagaTypes(this.database, tenantId)).map((type) => [type.name, type]));
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
