import type { Readable } from "node:stream";
import multipart from "@fastify/multipart";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { DomainError, type Engine, type FileRecord, fileStatuses, fileTexts, untimed } from "../engine/index.ts";
import { count, id, idParameter, isoOf, isoOrNull, jsonObject, offset, timestamp, told } from "./fields.ts";
import { sendContent } from "./file-content.ts";
import { actorOf } from "./guard.ts";
import { refusals } from "./openapi.ts";
import type { RestOptions, RestServer } from "./rest-server.ts";

const tags = ["files"];
const params = z.strictObject({ file_id: idParameter });
/** A form holds the file and perhaps a few fields, which nobody reads. */
const limits = {
  files: 1,
  fields: 20,
  fieldSize: 64 * 1024,
  // The file service has a limit of its own, and refuses; this one would cut the file short.
  fileSize: Number.POSITIVE_INFINITY,
};

const summary = told(fileTexts, {
  id,
  filename: z.string(),
  original_filename: z.string(),
  mime_type: z.string(),
  file_size: z.int().min(0).describe(fileTexts.size_bytes),
  status: z.enum(fileStatuses),
  created_at: timestamp,
  updated_at: timestamp,
  processed_at: timestamp.nullable(),
});
const extractedContent = z.string().nullable().describe(`${fileTexts.content} Null until the file is processed.`);

const listedFile = z.strictObject(summary).meta({ id: "FileSummary" });
const file = z.strictObject({ ...summary, extracted_content: extractedContent }).meta({ id: "File" });

const processBody = z
  .object({
    extract_content: z.boolean().default(true).describe("Read its text, or recognise it, into the file. Default true."),
    trigger_workflows: z.boolean().default(true).describe("Start the workflows that ask for uploads. Default true."),
  })
  .nullish();

const read = { access: "read", limit: "monitoring" } as const;

/** `/api/v1/files` */
export function serveFiles(server: RestServer, { engine }: RestOptions): void {
  for (const serve of [uploadFile, listFiles, getFile, processFile, extractFile, downloadFile, deleteFile])
    serve(server, engine);
}

function uploadFile(server: RestServer, { files }: Engine): void {
  server.register(async (scope) => {
    await scope.register(multipart, { limits });
    scope.post(
      "/api/v1/files/upload",
      {
        config: { access: "write", limit: "execution" },
        schema: {
          tags,
          operationId: "uploadFile",
          summary: "Upload a file, and start the workflows that ask for it",
          description:
            "At most 10 MiB (UPLOAD_MAX_MB), of type pdf, doc, docx, txt, csv, xlsx, jpg, jpeg or png, by name and by content.",
          consumes: ["multipart/form-data"],
          body: z
            .unknown()
            .optional()
            .meta({ type: "object", required: ["file"], properties: { file: { type: "string", format: "binary" } } }),
          response: {
            200: z.strictObject({ id, filename: z.string(), message: z.string(), status: z.enum(fileStatuses) }),
            ...refusals(400, 401, 403, 429, 503),
          },
        },
      },
      async (request) => {
        const { tenantId } = actorOf(request);
        const stored = await takeFile(request, (content, filename) => files.upload(content, { tenantId, filename }));
        const { id, filename, status } = stored;
        return { id, filename, message: "File uploaded successfully", status };
      },
    );
  });
}

function listFiles(server: RestServer, { files }: Engine): void {
  server.get(
    "/api/v1/files",
    {
      config: read,
      schema: {
        tags,
        operationId: "listFiles",
        summary: "List files, newest first",
        querystring: z.object({
          status: z.enum(fileStatuses).optional().describe("Default: every status but `deleted`."),
          limit: count(1, 1_000, 100),
          offset,
        }),
        response: { 200: z.array(listedFile), ...refusals(400, 401, 403, 429) },
      },
    },
    async (request) => {
      const { status, ...stretch } = request.query;
      const found = await files.list(actorOf(request).tenantId, { ...stretch, ...(status && { status }) });
      return found.map(presentSummary);
    },
  );
}

function getFile(server: RestServer, { files }: Engine): void {
  server.get(
    "/api/v1/files/:file_id",
    {
      config: read,
      schema: {
        tags,
        operationId: "getFile",
        summary: "Get a file's record",
        params,
        response: { 200: file, ...refusals(400, 401, 403, 404, 429) },
      },
    },
    async (request) => present(await files.get(actorOf(request).tenantId, request.params.file_id)),
  );
}

function processFile(server: RestServer, { files }: Engine): void {
  server.post(
    "/api/v1/files/:file_id/process",
    {
      config: { access: "write", limit: "execution" },
      schema: {
        tags,
        operationId: "processFile",
        summary: "Have a file read, and the workflows that ask for uploads started again",
        description: "Answers at once. The file's `status` tells when it is done: `processed`, or `failed`.",
        params,
        body: processBody,
        response: {
          200: z.strictObject({ message: z.string(), file_id: id }),
          ...refusals(400, 401, 403, 404, 429),
        },
      },
    },
    async (request) => {
      const { file_id } = request.params;
      const { extract_content: extract = true, trigger_workflows: triggers = true } = request.body ?? {};
      await files.request(actorOf(request).tenantId, file_id, { extract, triggers });
      return { message: "File processing started", file_id };
    },
  );
}

function extractFile(server: RestServer, { files }: Engine): void {
  server.get(
    "/api/v1/files/:file_id/extract",
    {
      config: { access: "read", limit: "execution" },
      schema: {
        tags,
        operationId: "extractFile",
        summary: "Get the text of a file; it is read now unless it was processed before",
        description:
          "Changes nothing: `POST /process` keeps the text with the file, and what is kept need not be read again. Costs what starting an execution costs.",
        params,
        response: {
          200: z.strictObject({ file_id: id, content: z.string(), metadata: jsonObject }),
          ...refusals(400, 401, 403, 404, 429, 503),
        },
      },
    },
    async (request) => {
      const { tenantId } = actorOf(request);
      const { file_id } = request.params;
      return { file_id, ...(await files.text(tenantId, file_id)) };
    },
  );
}

function downloadFile(server: RestServer, { files }: Engine): void {
  server.get(
    "/api/v1/files/:file_id/download",
    {
      config: read,
      schema: {
        tags,
        operationId: "downloadFile",
        summary: "Get the content of a file, or a range of it",
        description: "With `Range: bytes=…` a 206 with one range, or a 416. `ETag` is the content's SHA-256.",
        params,
        produces: ["application/octet-stream"],
        response: {
          200: z.unknown().meta({ type: "string", format: "binary" }),
          ...refusals(400, 401, 403, 404, 416, 429),
        },
      },
    },
    (request, reply) => sendContent(files, actorOf(request).tenantId, request.params.file_id, request, reply),
  );
}

function deleteFile(server: RestServer, { files }: Engine): void {
  server.delete(
    "/api/v1/files/:file_id",
    {
      config: { access: "write", limit: "monitoring" },
      schema: {
        tags,
        operationId: "deleteFile",
        summary: "Delete a file; its record stays, as deleted",
        params,
        response: {
          200: z.strictObject({ message: z.string(), file_id: id }),
          ...refusals(400, 401, 403, 404, 429),
        },
      },
    },
    async (request) => {
      const { file_id } = request.params;
      await files.remove(actorOf(request).tenantId, file_id);
      return { message: "File deleted successfully", file_id };
    },
  );
}

function presentSummary(row: FileRecord): z.output<typeof listedFile> {
  return {
    id: row.id,
    filename: row.filename,
    original_filename: row.originalFilename,
    mime_type: row.mimeType,
    file_size: row.size,
    status: row.status,
    created_at: isoOf(row.createdAt),
    updated_at: isoOf(row.updatedAt),
    processed_at: isoOrNull(row.processedAt),
  };
}

function present(row: FileRecord): z.output<typeof file> {
  return { ...presentSummary(row), extracted_content: row.extractedContent };
}

/** Whatever is wrong with the form is the client's to mend; what `take` throws is not, unless the form broke off under it. */
async function takeFile<T>(
  request: FastifyRequest,
  take: (content: Readable, filename: string) => Promise<T>,
): Promise<T> {
  let broken: unknown = null;
  // As slow as the client: that is not the database's time. Watched at once: it may break off in the next moment.
  const part = await untimed(async () => {
    const found = await request.file();
    found?.file.once("error", (error) => {
      broken = error;
    });
    return found;
  }).catch((cause: unknown) => {
    throw brokenForm(cause);
  });
  if (part?.fieldname !== "file") throw missingFile();
  const content = part.file as Readable;
  return take(content, part.filename ?? "").catch((error: unknown) => {
    throw broken !== null && !(error instanceof DomainError) ? brokenForm(broken) : error;
  });
}

function brokenForm(cause: unknown): DomainError {
  const message = `The body must be multipart/form-data with its boundary, whole, with one file and at most ${limits.fields} fields`;
  return new DomainError("VALIDATION_FAILED", message, { field: "file", cause });
}

function missingFile(): DomainError {
  return DomainError.invalid([{ path: "file", message: "must be a file in a multipart/form-data body" }]);
}
