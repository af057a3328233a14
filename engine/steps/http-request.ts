import { z } from "zod";
import {
  type BodyFields,
  bodyFields,
  DEFAULT_TIMEOUT_SECONDS,
  type HttpClient,
  MAX_TIMEOUT_SECONDS,
  statusError,
} from "../http/index.ts";
import type { JsonValue, StepType } from "../model/index.ts";
import { jsonValue } from "./json-schema.ts";

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;
const writingMethods: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH", "DELETE"]);

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const status = z.int().min(100).max(599);

const config = z.strictObject({
  url: z
    .string()
    .regex(/^https?:\/\//i, "must be an http:// or https:// URL")
    .describe(
      "Where to send the request: http or https, without user name and password. Values in its path and query are encoded.",
    ),
  method: z
    .preprocess((value) => (typeof value === "string" ? value.toUpperCase() : value), z.enum(methods))
    .default("GET")
    .describe("GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS, in either case. Default GET."),
  headers: z.record(z.string(), scalar).default({}).describe("Request headers."),
  query: z
    .record(z.string(), z.union([scalar, z.null(), z.array(scalar)]))
    .default({})
    .describe("Query parameters, added to those of the URL. A list repeats the parameter, null leaves it out."),
  data: jsonValue
    .nullable()
    .optional()
    .describe("Request body, sent as JSON. With another Content-Type header a string is sent as it is. Default none."),
  expected_status: z
    .union([status, z.array(status).min(1)])
    .optional()
    .describe("The status, or list of statuses, that count as success. Default any 2xx."),
  timeout_seconds: z
    .number()
    .positive()
    .max(MAX_TIMEOUT_SECONDS)
    .default(DEFAULT_TIMEOUT_SECONDS)
    .describe("For the whole request, redirects and body included, in seconds."),
});

const output = z.object({
  status_code: z.int(),
  headers: z.record(z.string(), z.string()).describe("Names in lower case; repeated headers joined with a comma."),
  body: z.string().describe("The body as text; base64 when body_encoding says so."),
  body_encoding: z.literal("base64").exactOptional().describe("Present when the body is binary."),
  json: jsonValue.exactOptional().describe("The parsed body, when it is JSON."),
});

type Config = z.output<typeof config>;
interface Output extends BodyFields {
  readonly status_code: number;
  readonly headers: Readonly<Record<string, string>>;
}

const docs = `Sends an HTTP request and waits for the whole answer.

- \`method\` default \`GET\`. \`data\` is sent as JSON; a string under another \`Content-Type\` header is sent as it is, and an object under
  \`application/x-www-form-urlencoded\` as a form.
- POST, PUT, PATCH and DELETE carry an \`Idempotency-Key\` that is the same for every attempt, unless \`headers\` sets one.
- A traced execution sends \`traceparent\` on, so that the other side's spans hang below the step's.
- Success is any 2xx, or \`expected_status\` (a status or a list).
- \`timeout_seconds\`: default 30, at most 3,600, for everything. Up to 5 redirects are followed (not those that \`expected_status\` names);
  no header of the request and no data goes to another origin, and a 307 or 308 that asks for that is \`HTTP_FAILED\`. The answer may
  have 10 MiB, also after decompression.
- Output: \`{status_code, headers, body, json?}\`. A body that is not text is base64, and \`body_encoding\` is then \`"base64"\`.

Errors: \`HTTP_STATUS\` (details: \`status_code\` and the first 500 characters of the body; retried only for 408, 425, 429 and 5xx, after
what \`Retry-After\` asks for, up to an hour), \`HTTP_FAILED\`, \`TIMEOUT\` (retried), \`ADDRESS_REFUSED\` (private, loopback and other addresses
that are not public), \`RESPONSE_TOO_LARGE\`, \`CONFIG_INVALID\` (not retried).

\`\`\`json
{ "name": "sync", "type": "http_request",
  "config": { "url": "https://api.example.com/sync", "method": "POST",
    "headers": { "Authorization": "Bearer {{env.API_TOKEN}}" }, "data": { "id": "{{trigger.id}}" }, "expected_status": [200, 201] } }
\`\`\`
`;

export function httpRequest({ http }: { readonly http: HttpClient }): StepType<Config, Output> {
  return {
    type: "http_request",
    summary: "Sends an HTTP request.",
    docs,
    config,
    output,
    urls: ["url"],
    effect: "external",
    example: () => ({ status_code: 200, headers: {}, body: "" }),
    async run(request, context) {
      const { method } = request;
      const headers: Record<string, string> = {};
      if (writingMethods.has(method)) headers["idempotency-key"] = context.idempotencyKey;
      if (context.traceparent !== null) headers.traceparent = context.traceparent;
      for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = String(value);
      const body = encodeBody(request.data, headers);
      const expected = request.expected_status === undefined ? null : [request.expected_status].flat();
      const response = await http.request({
        url: withQuery(request.url, request.query),
        method,
        headers,
        body,
        timeoutSeconds: request.timeout_seconds,
        ...(expected ? { finalStatuses: expected } : {}),
        tenantId: context.tenantId,
        memory: context.memory,
        signal: context.signal,
      });
      const { status } = response;
      const isExpected = expected ? expected.includes(status) : status >= 200 && status < 300;
      if (!isExpected) throw statusError(response);
      return { status_code: status, headers: response.headers, ...(await bodyFields(response, context.tenantId)) };
    },
  };
}

/** Sets the Content-Type in `headers` when the config does not. */
function encodeBody(data: JsonValue | undefined, headers: Record<string, string>): string | null {
  if (data === undefined || data === null) return null;
  headers["content-type"] ??= "application/json";
  const contentType = headers["content-type"].toLowerCase();
  if (/\bjson\b/.test(contentType)) return JSON.stringify(data);
  if (typeof data === "string") return data;
  if (contentType.startsWith("application/x-www-form-urlencoded") && typeof data === "object" && !Array.isArray(data)) {
    return parameters(Object.entries(data)).toString();
  }
  return JSON.stringify(data);
}

function withQuery(url: string, query: Config["query"]): string {
  const added = parameters(Object.entries(query)).toString();
  if (added === "") return url;
  const [beforeFragment = ""] = url.split("#", 1);
  const separator = beforeFragment.includes("?") ? "&" : "?";
  return `${beforeFragment}${separator}${added}`;
}

/** A list repeats its name; null is left out; what is neither text, number nor boolean is written as JSON. */
function parameters(entries: readonly (readonly [string, JsonValue])[]): URLSearchParams {
  const result = new URLSearchParams();
  for (const [name, value] of entries) {
    for (const one of Array.isArray(value) ? (value as readonly JsonValue[]) : [value]) {
      if (one !== null) result.append(name, typeof one === "object" ? JSON.stringify(one) : String(one));
    }
  }
  return result;
}
