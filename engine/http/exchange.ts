import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { responseTooLarge } from "./errors.ts";

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
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | null = null;
    let failure: Error | null = null;
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    let receivedBytes = 0;
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
      onResponseData(_controller, chunk) {
        receivedBytes += chunk.length;
        if (receivedBytes > maxBytes) return fail(responseTooLarge(maxBytes));
        chunks.push(chunk);
      },
      onResponseEnd() {
        signal.removeEventListener("abort", onAbort);
        resolve({ status, headers, body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks) });
      },
      onResponseError(_controller, error) {
        fail(error);
      },
    });
  });
}
