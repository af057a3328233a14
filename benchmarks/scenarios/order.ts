import type { JsonObject, JsonValue } from "../../engine/model/json.ts";

const items = [
  { sku: "pen", quantity: 3, price: 2 },
  { sku: "ink", quantity: 1, price: 7.5 },
  { sku: "pad", quantity: 10, price: 1.25 },
];
const largeItems = items.filter((item) => item.quantity > 2);

/** What every execution is started with. */
export const order = {
  id: "o-1042",
  customer: { id: 7, name: "Ada Lovelace", email: "ada@example.org" },
  items,
};
const customer = { order: order.id, name: order.customer.name, email: order.customer.email };

interface Transform {
  readonly name: string;
  /** As the definition gives it. */
  readonly source: string | JsonObject;
  /** What that is when the step runs. */
  readonly sourceValue: JsonValue;
  readonly transformation: JsonObject;
  readonly output: JsonObject;
}

/** Five small transforms. The peers compute the same, with plain functions. */
export const transforms: readonly Transform[] = [
  {
    name: "items",
    source: "{{trigger.order}}",
    sourceValue: order,
    transformation: { type: "extract", path: "items", key: "items" },
    output: { items },
  },
  {
    name: "large",
    source: "{{steps.items.items}}",
    sourceValue: items,
    transformation: {
      type: "filter",
      condition: { field: "quantity", operator: "greater_than", value: 2 },
      key: "large",
    },
    output: { large: largeItems },
  },
  {
    name: "total",
    source: "{{steps.large.large}}",
    sourceValue: largeItems,
    transformation: { type: "aggregate", operation: "sum", field: "price", key: "total" },
    output: { total: 3.25 },
  },
  {
    name: "customer",
    source: "{{trigger.order}}",
    sourceValue: order,
    transformation: {
      type: "field_mapping",
      mapping: { order: "id", name: "customer.name", email: "customer.email" },
      key: "customer",
    },
    output: { customer },
  },
  {
    name: "summary",
    source: { customer: "{{steps.customer.customer}}", total: "{{steps.total.total}}" },
    sourceValue: { customer, total: 3.25 },
    transformation: { type: "extract", path: "customer.name", key: "name" },
    output: { name: customer.name },
  },
];

export const transformDefinition: JsonObject = {
  steps: transforms.map(({ name, source, transformation }) => ({
    name,
    type: "data_transform",
    config: { source_data: source, transformations: [transformation] },
  })),
};

/** Five requests, one after another, each with an effect outside. */
export function requestDefinition(url: string): JsonObject {
  return {
    steps: Array.from({ length: 5 }, (_, i) => ({
      name: `request_${i + 1}`,
      type: "http_request",
      config: { url, method: "POST", data: { order: "{{trigger.order.id}}", step: i + 1 } },
    })),
  };
}
