import type { WebhookTarget } from "../definition/index.ts";
import type { Bindings, SecretMask } from "../expression/index.ts";
import { bodyText, type HttpClient, type HttpResponse, redirectStatuses, retryAfterOf } from "../http/index.ts";
import { StepError } from "../model/index.ts";
import { SECRET_FORM, secretKey, signMessage } from "../secret/index.ts";
import type { AttemptResult, ClaimedDelivery } from "./outbox.ts";

/** Within what Standard Webhooks recommends. */
export const REQUEST_TIMEOUT_SECONDS = 15;
const MAX_EXCERPT_CHARS = 1_000;
const MAX_ERROR_CHARS = 1_000;
/** The receiver wants no more of these. */
const GONE = 410;

export interface SendPorts {
  readonly http: HttpClient;
  readonly mask: SecretMask;
  /** ms to wait after this attempt; null when it was the last one. */
  retryDelayMs(attempt: number, retryAfterMs: number): number | null;
}

/** One attempt. Throws the reason of `signal` if that is why it ended; any other failure is a result. */
export async function sendDelivery(
  ports: SendPorts,
  delivery: ClaimedDelivery,
  target: WebhookTarget,
  signal: AbortSignal,
): Promise<AttemptResult> {
  try {
    const response = await post(ports.http, delivery, target, signal);
    return settle(ports, delivery, response);
  } catch (error) {
    if (signal.aborted) throw error;
    const { message, retryable } =
      error instanceof StepError ? error : { message: `the message cannot be sent: ${error}`, retryable: false };
    const retryMs = retryable ? ports.retryDelayMs(delivery.attempt, 0) : null;
    return {
      status: retryMs === null ? "failed" : "pending",
      retryMs,
      responseStatus: null,
      responseExcerpt: null,
      error: ports.mask(message).slice(0, MAX_ERROR_CHARS),
    };
  }
}

async function post(
  http: HttpClient,
  { messageId, executionId, workflowId, payload }: ClaimedDelivery,
  target: WebhookTarget,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const bindings: Bindings = { execution_id: executionId, workflow_id: workflowId, trigger: {}, steps: {} };
  // Of the machine: the receiver compares it with its own clock.
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const headers: Record<string, string> = {
    "content-type": "application/json",
    "webhook-id": messageId,
    "webhook-timestamp": timestamp,
  };
  if (target.secretTemplate !== null) {
    const key = secretKey(String(await target.secretTemplate.resolve(bindings)));
    if (!key) throw new StepError("CONFIG_INVALID", `the secret must be ${SECRET_FORM}`, { retryable: false });
    headers["webhook-signature"] = signMessage(key, { id: messageId, timestamp, body: payload });
  }
  return http.request({
    url: String(await target.urlTemplate.resolve(bindings)),
    method: "POST",
    headers,
    body: payload,
    timeoutSeconds: REQUEST_TIMEOUT_SECONDS,
    // A signed message goes where it was configured to go, and nowhere else.
    finalStatuses: redirectStatuses,
    signal,
  });
}

function settle(ports: SendPorts, { attempt }: ClaimedDelivery, response: HttpResponse): AttemptResult {
  const { status: responseStatus } = response;
  const { body } = bodyText(response);
  const answer = { responseStatus, responseExcerpt: ports.mask(body).slice(0, MAX_EXCERPT_CHARS) };
  if (responseStatus >= 200 && responseStatus <= 299) {
    return { ...answer, status: "delivered", retryMs: null, error: null };
  }
  const retryAfterMs = retryAfterOf(response) ?? 0;
  const retryMs = responseStatus === GONE ? null : ports.retryDelayMs(attempt, retryAfterMs);
  const error = ports.mask(`${response.request}: status ${responseStatus}`).slice(0, MAX_ERROR_CHARS);
  return { ...answer, status: retryMs === null ? "failed" : "pending", retryMs, error };
}
