import { type BuiltInTemplate, manual } from "./built-in-template.ts";

export const simpleHttpRequest: BuiltInTemplate = {
  id: 1,
  name: "Simple HTTP Request",
  description: "Execute a simple HTTP request with optional data processing",
  category: "integration",
  definition: {
    steps: [{ name: "http_request", type: "http_request", config: { url: "", method: "GET", headers: {} } }],
  },
  defaultTriggerConfig: manual,
  tags: ["http", "api"],
  // The reference's own example of a request for template 1 calls its one step so.
  stepAliases: { fetch_data: "http_request" },
};

/** Works without any change: the URL may come with the trigger. */
export const httpWithDataProcessing: BuiltInTemplate = {
  id: 2,
  name: "HTTP Request with Data Processing",
  description:
    "Fetch JSON over HTTP from trigger.url, or a URL of your own, and take the part you need from the answer",
  category: "integration",
  definition: {
    steps: [
      {
        name: "http_request",
        type: "http_request",
        config: { url: "{{trigger.url}}", method: "GET", headers: {} },
      },
      {
        name: "process_data",
        type: "data_transform",
        config: { transformations: [{ type: "extract", path: "data", key: "processed_data" }] },
      },
    ],
  },
  defaultTriggerConfig: manual,
  tags: ["http", "api", "transform"],
};

/** Works without any change: the URLs may come with the trigger. */
export const multiStepIntegration: BuiltInTemplate = {
  id: 4,
  name: "Multi-Step Integration",
  description:
    "Fetch from one API (trigger.source_url), reshape the answer, send it to another (trigger.target_url), and report",
  category: "integration",
  definition: {
    steps: [
      { name: "fetch_data", type: "http_request", config: { url: "{{trigger.source_url}}", method: "GET" } },
      {
        name: "process_data",
        type: "data_transform",
        config: {
          source_data: "{{steps.fetch_data.json}}",
          transformations: [{ type: "extract", path: "data", key: "data" }],
        },
      },
      {
        name: "sync_data",
        type: "http_request",
        config: {
          url: "{{trigger.target_url}}",
          method: "POST",
          data: { data: "{{steps.process_data.data}}", execution_id: "{{execution_id}}" },
        },
      },
      {
        name: "notify_completion",
        type: "notification",
        config: { type: "log", message: "Integration done: the target answered {{steps.sync_data.status_code}}" },
      },
    ],
  },
  defaultTriggerConfig: manual,
  tags: ["http", "api", "integration"],
};

export const dataSynchronisation: BuiltInTemplate = {
  id: 5,
  name: "Data Synchronisation",
  description: "On a schedule, read the items of source_url and send them all to target_url",
  category: "sync",
  definition: {
    steps: [
      { name: "fetch_data", type: "http_request", config: { url: "{{source_url}}", method: "GET" } },
      {
        name: "process_data",
        type: "data_transform",
        config: {
          source_data: "{{steps.fetch_data.json}}",
          transformations: [
            { type: "extract", path: "items", key: "items", default: [] },
            { type: "aggregate", path: "items", operation: "count", key: "count" },
          ],
        },
      },
      {
        name: "sync_data",
        type: "http_request",
        if: "{{steps.process_data.count}} > 0",
        config: { url: "{{target_url}}", method: "PUT", data: { items: "{{steps.process_data.items}}" } },
      },
      {
        name: "notify_completion",
        type: "notification",
        config: { type: "log", message: "Synchronised {{steps.process_data.count}} items" },
      },
    ],
  },
  defaultTriggerConfig: { type: "schedule", enabled: false },
  defaultCronSchedule: "0 * * * *",
  tags: ["sync", "schedule"],
};
