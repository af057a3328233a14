/** Of a response body, both as received and after decompression. */
export const MAX_RESPONSE_BYTES = 10 * 1024 * 1024;
