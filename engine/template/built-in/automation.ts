import { type BuiltInTemplate, manual } from "./built-in-template.ts";

export const approvalFlow: BuiltInTemplate = {
  id: 6,
  name: "Approval Flow",
  description: "Wait, up to three days, for a person to approve a request; then carry it out by a POST to action_url",
  category: "automation",
  definition: {
    steps: [
      {
        name: "approval",
        type: "wait_for_event",
        config: {
          approval: true,
          message: "{{trigger.question ?? 'Shall this be carried out?'}}",
          timeout_seconds: 259_200,
        },
      },
      {
        name: "carry_out",
        type: "http_request",
        config: {
          url: "{{action_url}}",
          method: "POST",
          data: { approved_by: "{{steps.approval.by}}", request: "{{trigger}}" },
        },
      },
      {
        name: "notify_completion",
        type: "notification",
        config: { type: "log", message: "Carried out; the action answered {{steps.carry_out.status_code}}" },
      },
    ],
  },
  defaultTriggerConfig: manual,
  tags: ["approval", "wait"],
};

export const orderSaga: BuiltInTemplate = {
  id: 7,
  name: "Order Saga",
  description:
    "Reserve stock, charge, ship: when a later step fails, what was done before is undone in reverse. Each URL has /undo beside it",
  category: "automation",
  definition: {
    steps: [
      {
        name: "reserve_stock",
        type: "http_request",
        config: { url: "{{stock_url}}", method: "POST", data: "{{trigger}}" },
        compensate: {
          type: "http_request",
          config: { url: "{{stock_url}}/undo", method: "POST", data: { reservation: "{{output.json}}" } },
        },
      },
      {
        name: "charge_payment",
        type: "http_request",
        config: { url: "{{payment_url}}", method: "POST", data: "{{trigger}}" },
        compensate: {
          type: "http_request",
          config: { url: "{{payment_url}}/undo", method: "POST", data: { charge: "{{output.json}}" } },
        },
      },
      {
        name: "ship_order",
        type: "http_request",
        config: {
          url: "{{shipping_url}}",
          method: "POST",
          data: { order: "{{trigger}}", reservation: "{{steps.reserve_stock.json}}" },
        },
        pivot: true,
      },
      { name: "log_completion", type: "log", config: { message: "The order is on its way" } },
    ],
  },
  defaultTriggerConfig: manual,
  tags: ["saga", "compensation"],
};

export const fanOut: BuiltInTemplate = {
  id: 8,
  name: "Batch Fan-Out",
  description: "Read the list `items` of items_url and send each item to worker_url, five at a time",
  category: "automation",
  definition: {
    steps: [
      { name: "fetch_items", type: "http_request", config: { url: "{{items_url}}", method: "GET" } },
      {
        name: "process_items",
        type: "http_request",
        for_each: { items: "{{steps.fetch_items.json.items}}", concurrency: 5 },
        config: { url: "{{worker_url}}", method: "POST", data: { item: "{{item}}", position: "{{index}}" } },
      },
      {
        name: "summarise",
        type: "data_transform",
        config: {
          source_data: "{{steps.process_items}}",
          transformations: [{ type: "aggregate", operation: "count", key: "processed" }],
        },
      },
    ],
  },
  defaultTriggerConfig: manual,
  tags: ["for-each", "batch"],
};

export const thresholdAlert: BuiltInTemplate = {
  id: 9,
  name: "Threshold Alert",
  description: "Call webhook_url when trigger.value is above threshold, and only log it otherwise",
  category: "notification",
  definition: {
    steps: [
      {
        name: "check_value",
        type: "conditional",
        config: {
          condition: "{{trigger.value}} > {{threshold}}",
          true_action: {
            type: "notification",
            config: {
              type: "webhook",
              webhook_url: "{{webhook_url}}",
              message: "The value {{trigger.value}} is above {{threshold}}",
            },
          },
          false_action: { type: "log", config: { message: "The value {{trigger.value}} is within bounds" } },
        },
      },
    ],
  },
  defaultTriggerConfig: manual,
  tags: ["alert", "webhook"],
};
