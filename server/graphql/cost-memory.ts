import { type DocumentNode, type OperationDefinitionNode, visit } from "graphql";
import { argumentWeight, isBulk, type OperationCost } from "../../schema/index.ts";
import type { Operation } from "./admission.ts";

/** Of one operation: pages of other sizes, and fields that are left out. */
const MAX_VARIANTS = 50;

interface Memory {
  /** Variables that the cost depends on. */
  readonly names: readonly string[];
  readonly costs: Map<string, OperationCost | null>;
}

/** The cost of an operation depends on few of its variables, or none: it is counted once for each of their values. */
export function createCostMemory(
  count: (operation: Operation) => OperationCost | null,
): (operation: Operation) => OperationCost | null {
  const memories = new WeakMap<OperationDefinitionNode, Memory>();
  return (operation) => {
    let memory = memories.get(operation.operation);
    if (memory === undefined) {
      memory = { names: variablesOfCost(operation.document), costs: new Map() };
      memories.set(operation.operation, memory);
    }
    // Large arguments cost by what is in them.
    if (argumentWeight(operation.variables) > 0) return count(operation);
    const { names, costs } = memory;
    const values = names.map((name) => operation.variables[name]);
    // No page size and no condition: it will be refused, and may be large.
    if (values.some((value) => typeof value === "object" || typeof value === "string")) return count(operation);
    const key = values.join();
    let cost = costs.get(key);
    if (cost === undefined) {
      cost = count(operation);
      if (costs.size >= MAX_VARIANTS) costs.clear();
      costs.set(key, cost);
    }
    return cost;
  };
}

/** Those of page sizes, of what is included or skipped, and of what does many things at once. */
function variablesOfCost(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Field: (field) => {
      if (isBulk(field.name.value)) {
        visit(field, {
          Variable: ({ name }) => {
            names.add(name.value);
          },
        });
      }
    },
    Argument: ({ name, value }) => {
      const matters = name.value === "first" || name.value === "last" || name.value === "if";
      if (matters && value.kind === "Variable") names.add(value.name.value);
    },
  });
  return [...names];
}
