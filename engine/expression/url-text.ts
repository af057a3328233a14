import { failed } from "./expression.ts";

/** A piece of a URL that is written out, or an expression whose value is put there. */
export type UrlPart = string | { readonly isRaw: boolean };

/**
 * - `raw`: as it is: what the URL begins with (`{{env.BASE}}/orders`), `{{raw …}}`, and what `$encodeUrlComponent` has made.
 * - `host`: before the path; nothing but a host name or a port.
 * - `encoded`: one segment of the path, or one value of the query.
 */
type Role = "fixed" | "raw" | "host" | "encoded";

const hostPattern = /^[\p{L}\p{N}._:[\]-]*$/u;
const throughHost = /^[^/?#\\]*\/\/[^/?#\\]*[/?#\\]/;
/** A segment that is one or two dots, also when they are encoded, names another resource: URL parsers resolve it. */
const dotSegment = /[/\\](?:\.|%2e){1,2}(?=[/\\]|$)/gi;

/**
 * How the parts of a URL are joined: a value that comes from a caller or an answer (`../admin?x=#`) stays within the segment
 * or the parameter that it was written for, and never chooses another host or path.
 */
export function urlJoiner(parts: readonly UrlPart[], path: string): (texts: readonly string[]) => string {
  const roles = rolesOf(parts);
  const first = roles.indexOf("encoded");
  return (texts) => {
    const encoded = texts.map((text, index) => encode(text, roles[index]!, path));
    const url = encoded.join("");
    if (first === -1) return url;
    // `{{env.BASE}}{{trigger.path}}`: `.evil.test` would make another host of it.
    if (!throughHost.test(encoded.slice(0, first).join(""))) {
      throw failed(path, "a value stands directly behind the host that the URL begins with: write a / before it");
    }
    const plain = encoded.map((text, index) => (roles[index] === "encoded" ? "x" : text)).join("");
    if (dotSegments(url) > dotSegments(plain)) {
      throw failed(path, "a value makes a segment of the path that is . or .., and would name another resource");
    }
    return url;
  };
}

function rolesOf(parts: readonly UrlPart[]): Role[] {
  let isPath = false;
  let hasHost = false;
  return parts.map((part, index) => {
    if (typeof part === "string") {
      const start = hasHost ? 0 : part.indexOf("//") + 2;
      hasHost ||= start > 1;
      isPath ||= hasHost && /[/?#\\]/.test(part.slice(start));
      return "fixed";
    }
    if (index === 0) isPath = true;
    if (part.isRaw || index === 0) return "raw";
    return isPath ? "encoded" : "host";
  });
}

function encode(text: string, role: Role, path: string): string {
  if (role === "encoded") return encodeURIComponent(text.toWellFormed());
  if (role === "host" && !hostPattern.test(text)) {
    throw failed(path, "a value that stands before the path of a URL may hold a host name and a port only");
  }
  return text;
}

function dotSegments(url: string): number {
  const [beforeQuery = ""] = url.split(/[?#]/, 1);
  return beforeQuery.match(dotSegment)?.length ?? 0;
}
