import { z } from "zod";
import {
  bodyFields,
  DEFAULT_TIMEOUT_SECONDS,
  type HttpClient,
  MAX_TIMEOUT_SECONDS,
  redirectStatuses,
  statusError,
} from "../http/index.ts";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type StepContext,
  StepError,
  type StepType,
} from "../model/index.ts";
import { jsonObject } from "./json-schema.ts";

/** The services that carry out commands. */
export interface Participants {
  /** Name → base URL. */
  readonly services: ReadonlyMap<string, string>;
  /** Reaches these services wherever they are: an operator has named them. */
  readonly http: HttpClient;
}

/** Ends the name of a compensation; the participant is told the step that it undoes. */
const UNDO_SUFFIX = "[undo]";
/** Accepted but not done is no answer here: 202 is not among them. */
const doneStatuses: readonly number[] = [200, 201, 204];

const docs = `Sends a command to another service and waits for it to be done: \`POST <service>/commands\` with
\`{saga_id, step_id, command, correlation_id, data}\`; \`undo: true\` sends it to \`POST <service>/compensations\`. \`SAGA_SERVICES\`
in the configuration holds the base URL of each \`service\`.

- \`step_id\` is the step's name; a compensation sends that of the step that it undoes.
- \`data\` default: what the saga was started with, and over it what participants have answered so far.
- Every attempt carries the same \`Idempotency-Key\`, also after a crash, and \`X-Correlation-ID\`.
- A redirect is not followed, and is no answer.
- 200 means done; the JSON object of the answer is the output, and merges into the saga's \`output_data\`.
- \`timeout_seconds\`: default 30, at most 3,600. After a timeout nobody knows whether the command was carried out: give its
  compensation \`when: attempted\`.

Errors: \`HTTP_STATUS\` (retried only for 408, 425, 429 and 5xx), \`HTTP_FAILED\`, \`TIMEOUT\` (retried), \`CONFIG_INVALID\`.

\`\`\`json
{ "name": "charge", "type": "participant", "config": { "service": "payment", "command": "charge" },
  "compensate": { "type": "participant", "when": "attempted",
    "config": { "service": "payment", "command": "refund", "undo": true } } }
\`\`\`
`;

export function participant({ services, http }: Participants): StepType<ParticipantConfig, JsonObject> {
  return {
    type: "participant",
    summary: "Sends a command to another service of a saga.",
    docs,
    config: configFor(services),
    output: jsonObject,
    effect: "external",
    example: () => ({}),
    async run(config, context) {
      const { service, command, undo, timeout_seconds: timeoutSeconds } = config;
      const saga = context.saga();
      const response = await http.request({
        url: `${services.get(service)!.replace(/\/+$/, "")}/${undo ? "compensations" : "commands"}`,
        method: "POST",
        headers: {
          "content-type": "application/json",
          "idempotency-key": context.idempotencyKey,
          "x-correlation-id": saga.correlationId.replaceAll(/[^\x20-\x7e]/g, "?"),
        },
        body: JSON.stringify({
          saga_id: saga.id,
          step_id: context.stepName.endsWith(UNDO_SUFFIX)
            ? context.stepName.slice(0, -UNDO_SUFFIX.length)
            : context.stepName,
          command,
          correlation_id: saga.correlationId,
          data: config.data ?? sagaData(context),
        }),
        timeoutSeconds,
        // A command is for the service that an operator named, and a page that a redirect led to has not done it.
        finalStatuses: redirectStatuses,
        tenantId: context.tenantId,
        memory: context.memory,
        signal: context.signal,
      });
      if (!doneStatuses.includes(response.status)) throw statusError(response);
      return answerOf((await bodyFields(response, context.tenantId)).json);
    },
  };
}

function configFor(services: ReadonlyMap<string, string>) {
  const names = [...services.keys()];
  const known = names.length === 0 ? "SAGA_SERVICES names none" : `SAGA_SERVICES names ${names.join(", ")}`;
  return z.strictObject({
    service: z
      .string()
      .refine((name) => services.has(name), { error: `must be a configured service; ${known}` })
      .describe("Name of a service in SAGA_SERVICES."),
    command: z.string().min(1).max(255).describe("What it is to do."),
    data: jsonObject
      .optional()
      .describe("What the command needs. Default: the saga's input, and over it what was answered so far."),
    undo: z.boolean().default(false).describe("Sends it to /compensations."),
    timeout_seconds: z
      .number()
      .positive()
      .max(MAX_TIMEOUT_SECONDS)
      .default(DEFAULT_TIMEOUT_SECONDS)
      .describe("For the whole request, in seconds."),
  });
}

type ParticipantConfig = z.output<ReturnType<typeof configFor>>;

function sagaData(context: StepContext): JsonObject {
  const data: Record<string, JsonValue> = isJsonObject(context.trigger) ? { ...context.trigger } : {};
  for (const output of Object.values(context.outputs())) if (isJsonObject(output)) Object.assign(data, output);
  return data;
}

function answerOf(json: JsonValue | undefined): JsonObject {
  if (json === undefined) return {};
  if (isJsonObject(json)) return json;
  throw new StepError("OUTPUT_INVALID", "The participant answered with JSON that is no object", { retryable: false });
}
