import type { JsonObject } from "../../engine/json.ts";

/** What every execution is started with. */
export const order = {
  id: "o-1042",
  customer: { id: 7, name: "Ada Lovelace", email: "ada@example.org" },
  items: [
    { sku: "pen", quantity: 3, price: 2 },
    { sku: "ink", quantity: 1, price: 7.5 },
    { sku: "pad", quantity: 10, price: 1.25 },
  ],
};

/** Five small transforms. The peers compute the same, with plain functions. */
export const transformDefinition: JsonObject = {
  steps: [
    transform("items", "{{trigger.order}}", { type: "extract", path: "items", key: "items" }),
    transform("large", "{{steps.items.items}}", {
      type: "filter",
      key: "large",
      condition: { field: "quantity", operator: "greater_than", value: 2 },
    }),
    transform("total", "{{steps.large.large}}", { type: "aggregate", operation: "sum", field: "price", key: "total" }),
    transform("customer", "{{trigger.order}}", {
      type: "field_mapping",
      mapping: { order: "id", name: "customer.name", email: "customer.email" },
      key: "customer",
    }),
    transform(
      "summary",
      { customer: "{{steps.customer.customer}}", total: "{{steps.total.total}}" },
      {
        type: "extract",
        path: "customer.name",
        key: "name",
      },
    ),
  ],
};

function transform(name: string, source: string | JsonObject, transformation: JsonObject): JsonObject {
  return { name, type: "data_transform", config: { source_data: source, transformations: [transformation] } };
}

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
