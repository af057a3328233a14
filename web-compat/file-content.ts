import { create as contentDisposition } from "content-disposition";
import type { FastifyReply, FastifyRequest } from "fastify";
import parseRange from "range-parser";
import { DomainError, type FileService, type TenantId } from "../engine/index.ts";

/** Sends the content of a file, whole or the one range that was asked for, so that no browser runs it as ours. */
export async function sendContent(
  files: Pick<FileService, "get" | "openContent">,
  tenantId: TenantId,
  id: number,
  { headers }: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const file = await files.get(tenantId, id);
  const etag = `"${file.sha256}"`;
  reply
    .type(file.mimeType)
    .header("content-disposition", contentDisposition(file.filename))
    .header("x-content-type-options", "nosniff")
    .header("content-security-policy", "default-src 'none'; sandbox")
    .header("cache-control", "private, no-cache")
    .header("accept-ranges", "bytes")
    .header("etag", etag);
  if (headers["if-none-match"] === etag) return reply.code(304).send();

  const range = rangeOf(headers, etag, file.size);
  if (range === "unsatisfiable") {
    reply.header("content-range", `bytes */${file.size}`);
    throw new DomainError("RANGE_NOT_SATISFIABLE", `The file has ${file.size} bytes: the range lies beyond them`);
  }
  const { content } = await files.openContent(tenantId, id, range ?? undefined);
  if (range === null) return reply.header("content-length", file.size).send(content);
  return reply
    .code(206)
    .header("content-range", `bytes ${range.start}-${range.end}/${file.size}`)
    .header("content-length", range.end - range.start + 1)
    .send(content);
}

/** The parser takes the last 500 of 100 bytes for none; they are the 100 (RFC 9110, 14.1.2). */
function withinSize(range: string, size: number): string {
  return range.replace(/([=,]\s*)-(\d+)/g, (_, before, length) => `${before}-${Math.min(Number(length), size)}`);
}

/** Null: all of it. Several ranges are answered with all of it too, as RFC 9110 allows. */
function rangeOf({ range, "if-range": ifRange }: FastifyRequest["headers"], etag: string, size: number) {
  if (range === undefined || (ifRange !== undefined && ifRange !== etag)) return null;
  const parsed = parseRange(size, withinSize(range, size), { combine: true });
  if (parsed === -1) return "unsatisfiable" as const;
  if (parsed === -2 || parsed.type !== "bytes" || parsed.length !== 1) return null;
  return parsed[0]!;
}
