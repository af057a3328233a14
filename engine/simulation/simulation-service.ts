import { type Environments, type Plan, parseDefinition } from "../definition/index.ts";
import { DomainError, type TenantId } from "../model/index.ts";
import { inTurn } from "../runtime/index.ts";
import type { StepTypes } from "../steps/index.ts";
import type { WorkflowService } from "../workflow/index.ts";
import { type Simulation, type SimulationWorld, simulate } from "./simulate.ts";
import { checkRequest, type SimulationRequest } from "./simulation-input.ts";

const MAX_TIMEOUT_SECONDS = 31_536_000;
const MAX_RETRIES = 100;
const MAX_AT_ONCE = 2;
const MAX_WAITING = 20;

/** Shows what an execution would do, and does nothing: no request is sent, no row is written, no secret is read. */
export class SimulationService {
  private running = 0;
  private readonly turns: (() => void)[] = [];

  constructor(
    private readonly workflows: WorkflowService,
    private readonly stepTypes: StepTypes,
    private readonly environments: Environments,
  ) {}

  /** VALIDATION_FAILED with every broken rule of the definition, or else of the request. WORKFLOW_NOT_FOUND. */
  async simulate(tenantId: TenantId, request: SimulationRequest): Promise<Simulation> {
    return this.withPlace(async () => {
      const { plan, workflow } = await this.subject(tenantId, request);
      checkRequest(request, plan.definition);
      return simulate(plan, workflow, request, this.world(tenantId));
    });
  }

  private world(tenantId: TenantId): SimulationWorld {
    return {
      tenantId,
      stepType: (type) => {
        const found = this.stepTypes.get(type);
        if (!found) throw new DomainError("INTERNAL", `No step type ${type}`);
        return found;
      },
      compute: (type, config, context) => type.run(config, context),
    };
  }

  /** A simulation can take all of its five seconds: not everybody's at once. */
  private async withPlace<T>(work: () => Promise<T>): Promise<T> {
    if (this.turns.length >= MAX_WAITING) {
      throw new DomainError("RATE_LIMITED", "Too many simulations are waiting; try again in a few seconds");
    }
    if (this.running >= MAX_AT_ONCE) await new Promise<void>((resolve) => this.turns.push(resolve));
    else this.running += 1;
    try {
      return await work();
    } finally {
      // The place goes to the next in turn.
      const next = this.turns.shift();
      if (next) next();
      else this.running -= 1;
    }
  }

  private async subject(
    tenantId: TenantId,
    request: SimulationRequest,
  ): Promise<{ plan: Plan; workflow: { id: number; version: number } }> {
    const { workflowId, definition } = request;
    if ((workflowId === null) === (definition === null)) {
      const message = "must be given when no workflow is, and only then";
      throw DomainError.invalid([{ path: "definition", message }]);
    }
    if (workflowId === null) {
      const { timeoutSeconds, maxRetries } = request;
      checkBound("timeout_seconds", timeoutSeconds, 1, MAX_TIMEOUT_SECONDS);
      checkBound("max_retries", maxRetries, 0, MAX_RETRIES);
      const plan = await inTurn(() =>
        this.compile(tenantId, definition!, request, { maxRetries, timeoutSeconds, isStored: false }),
      );
      return { plan, workflow: { id: 0, version: 0 } };
    }
    const workflow = await this.workflows.get(tenantId, workflowId);
    const { id, version, maxRetries, timeoutSeconds } = workflow;
    return {
      plan: await inTurn(() =>
        this.compile(tenantId, workflow.definition, request, { maxRetries, timeoutSeconds, isStored: true }),
      ),
      workflow: { id, version },
    };
  }

  /** Compiled for this simulation alone: expressions see its own environment. */
  private compile(
    tenantId: TenantId,
    definition: NonNullable<SimulationRequest["definition"]>,
    { environment }: SimulationRequest,
    rules: { readonly maxRetries: number; readonly timeoutSeconds: number; readonly isStored: boolean },
  ): Plan {
    const { maxRetries, timeoutSeconds, isStored } = rules;
    const { names } = this.environments.of(tenantId);
    const get = (name: string): string =>
      Object.hasOwn(environment, name) ? String(environment[name]) : `[env ${name}]`;
    const parsed = parseDefinition(definition, {
      stepTypes: this.stepTypes,
      env: { names, get },
      defaults: { maxRetries },
      isStored,
      path: "definition",
    });
    if ("issues" in parsed) throw DomainError.invalid(parsed.issues);
    return { definition: parsed.definition, timeoutSeconds };
  }
}

function checkBound(path: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw DomainError.invalid([{ path, message: `must be a whole number from ${min} to ${max}` }]);
}
