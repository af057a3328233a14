import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { inSlices, LARGE, type Sliced } from "../large-json/index.ts";
import type { StepMemory } from "../model/index.ts";
import { SMALL_BYTES, weightOfAnswer } from "./answer-weight.ts";
import { responseTooLarge } from "./errors.ts";

/** Most answers have less. */
const MIN_ROOM_BYTES = 16_384;

/** The pages of so large a buffer are new: to fill it takes longer than to copy as much. */
function* joined(chunks: readonly Buffer[], bytes: number): Sliced<Buffer> {
  const whole = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const chunk of chunks) {
    at += chunk.copy(whole, at);
    yield;
  }
  return whole;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** As it came over the wire, still compressed. */
  readonly body: Buffer;
}

/**
 * One request and its whole response. Rejects at once when `signal` aborts, also while the request still waits for a
 * connection (undici's own `request` answers only after it has one), and when the body passes `maxBytes`.
 */
export function exchange(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal,
  maxBytes: number,
  memory?: StepMemory,
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | null = null;
    let failure: Error | null = null;
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    let receivedBytes = 0;
    let grantedBytes = SMALL_BYTES;
    const chunks: Buffer[] = [];

    const fail = (error: Error): void => {
      if (failure) return;
      failure = error;
      signal.removeEventListener("abort", onAbort);
      reject(error);
      controller?.abort(error);
    };
    const onAbort = (): void => fail(signal.reason as Error);
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort);

    dispatcher.dispatch(options, {
      onRequestStart(started) {
        controller = started;
        if (failure) started.abort(failure);
      },
      onResponseStart(_controller, statusCode, responseHeaders) {
        // Informational responses (1xx) come before the real one.
        if (statusCode < 200) return;
        status = statusCode;
        headers = responseHeaders;
        if (options.method !== "HEAD" && Number(headers["content-length"]) > maxBytes) fail(responseTooLarge(maxBytes));
      },
      onResponseData(started, chunk) {
        receivedBytes += chunk.length;
        if (receivedBytes > maxBytes) return fail(responseTooLarge(maxBytes));
        chunks.push(chunk);
        if (receivedBytes <= grantedBytes || !memory) return;
        // As much as it says it is, or twice as much each time. What has come is here; the rest waits on the wire.
        grantedBytes = Math.min(
          Number(headers["content-length"]) || Math.max(2 * receivedBytes, MIN_ROOM_BYTES),
          maxBytes,
        );
        const waiting = memory.grow(weightOfAnswer(grantedBytes), signal);
        if (!waiting) return;
        started.pause();
        waiting.then(
          () => failure ?? started.resume(),
          (error: Error) => fail(error),
        );
      },
      onResponseEnd() {
        signal.removeEventListener("abort", onAbort);
        const answered = (body: Buffer): void => resolve({ status, headers, body });
        if (receivedBytes <= LARGE) answered(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
        else inSlices(joined(chunks, receivedBytes), "joining").then(answered, reject);
      },
      onResponseError(_controller, error) {
        fail(error);
      },
    });
  });
}
