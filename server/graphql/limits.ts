/** A definition and trigger data may have 1 MiB each as compact JSON; clients send them indented and escaped as well. */
export const maxRequestBytes = 4 * 1024 * 1024;
