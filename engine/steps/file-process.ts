import { z } from "zod";
import { conversionTargets, type FileService } from "../files/index.ts";
import {
  DomainError,
  isJsonObject,
  type JsonValue,
  type StepContext,
  StepError,
  type StepErrorCode,
  type StepType,
} from "../model/index.ts";

const fileId = z
  .union([z.int().positive(), z.string().regex(/^[0-9]{1,15}$/, "must be a whole number")])
  .optional()
  .describe("Id of the file, as a number or as its digits. Default: `file_id` of the trigger.");

const config = z.discriminatedUnion("action", [
  z.strictObject({
    action: z.literal("validate"),
    file_id: fileId,
    allowed_types: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe("Extensions; `jpg` and `jpeg` are the same. Default: any."),
    max_size_mb: z.number().positive().optional().describe("In MiB (1,048,576 bytes). Default: any size."),
  }),
  z.strictObject({ action: z.literal("extract"), file_id: fileId }),
  z.strictObject({
    action: z.literal("ocr_extract"),
    file_id: fileId,
    language: z.string().min(1).default("en").describe("Of the text. Installed: `en`."),
  }),
  z.strictObject({
    action: z.literal("convert"),
    file_id: fileId,
    target: z
      .enum(Object.keys(conversionTargets) as [keyof typeof conversionTargets])
      .describe("The type of the new file."),
  }),
]);

type Config = z.infer<typeof config>;

const text = { content: z.string(), word_count: z.int(), char_count: z.int(), truncated: z.boolean() };
const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const output = z.union([
  z.strictObject({
    valid: z.literal(true),
    size: z.int(),
    mime_type: z.string(),
    filename: z.string(),
    extension: z.string(),
  }),
  z.strictObject({
    ...text,
    page_count: z.int().optional(),
    sheet_count: z.int().optional(),
    row_count: z.int().optional(),
    rows: z.array(z.record(z.string(), cell)).readonly().optional(),
    mime_type: z.string(),
  }),
  z.strictObject({
    ...text,
    confidence: z.number(),
    language: z.string(),
    page_count: z.int(),
    source: z.enum(["text_layer", "ocr"]),
    mime_type: z.string(),
  }),
  z.strictObject({
    file_id: z.int(),
    source_file_id: z.int(),
    filename: z.string(),
    extension: z.string(),
    mime_type: z.string(),
    size: z.int(),
  }),
]);

type Output = z.infer<typeof output>;

const readText = { content: "", word_count: 0, char_count: 0, truncated: false, mime_type: "application/pdf" };
const namedFile = { filename: "example.pdf", extension: "pdf", mime_type: "application/pdf", size: 0 };
const examples = {
  validate: { valid: true, ...namedFile },
  extract: readText,
  ocr_extract: { ...readText, confidence: 100, language: "en", page_count: 1, source: "ocr" },
  convert: { file_id: 0, source_file_id: 0, ...namedFile },
} as const satisfies Record<Config["action"], Output>;

const docs = `
The file is \`file_id\`, or else \`trigger.file_id\`: a number or its digits. It must belong to the same tenant.

| action | config | output |
|---|---|---|
| \`validate\` | \`allowed_types\` (extensions; \`jpg\` equals \`jpeg\`), \`max_size_mb\` (MiB) | \`valid\` (always true), \`size\` (bytes), \`mime_type\`, \`filename\`, \`extension\` |
| \`extract\` | | \`content\`, \`word_count\`, \`char_count\`, \`truncated\`, \`mime_type\`; \`page_count\` of a pdf; \`row_count\` and \`rows\` of a csv or xlsx; \`sheet_count\` of an xlsx |
| \`ocr_extract\` | \`language\` (default \`en\`, the one installed) | \`content\`, \`word_count\`, \`char_count\`, \`truncated\`, \`confidence\` (0 to 100), \`language\`, \`page_count\`, \`source\`, \`mime_type\` |
| \`convert\` | \`target\` | \`file_id\` of the new file, \`source_file_id\`, \`filename\`, \`extension\`, \`mime_type\`, \`size\` (bytes) |

\`extract\` reads pdf (its text layer: empty for a scan), docx, xlsx, csv, txt, json and md. \`ocr_extract\` reads png, jpg and pdf; a
PDF with a text layer is read rather than recognised, and \`source\` says which (\`text_layer\` or \`ocr\`). \`convert\` makes csv into
json and back, docx into markdown or text, xlsx (first sheet) into csv, and png, jpg and webp into each other; a repeated
attempt gives the file that the first one made.

\`rows\` lists the first 1,000 rows (at most 1 MiB of JSON) of the table, of an xlsx its first sheet, as objects keyed by the first
row; \`row_count\` counts all rows below that one. \`content\` holds at most 5 MiB of text. \`truncated\` says that either was cut;
\`word_count\` and \`char_count\` are of the whole text.

Bounds: 50 million pixels, 2,000 pages (50 when recognised), 1,000,000 rows, 16,384 columns, 10 million places in the grid of a sheet,
100 MiB unpacked or converted, 896 MiB of memory; 60 s, and for \`ocr_extract\` 30 s a page and 240 s in all. Tenants take turns.

Errors: \`FILE_INVALID\` (breaks a rule, or is of a type that the action does not take), \`FILE_NOT_FOUND\`,
\`CONFIG_INVALID\` (a language that is not installed, no file id), \`FILE_PROCESSING_FAILED\` (damaged, encrypted, beyond a bound, out of time). None is
retried, except \`FILE_PROCESSING_FAILED\` when a thousand files of the tenant wait already.

\`\`\`json
{ "name": "extract_text", "type": "file_process", "config": { "action": "ocr_extract", "file_id": 123, "language": "en" } }
\`\`\`
`.trim();

/** The step type over a tenant's files. */
export function fileProcess(files: FileService): StepType<Config, Output> {
  return {
    type: "file_process",
    summary: "Validates, reads, recognises or converts an uploaded file.",
    docs,
    config,
    output,
    effect: "external",
    example: ({ action }) => examples[action],
    async run(step, context) {
      try {
        return await perform(files, step, context);
      } catch (error) {
        throw asStepError(error);
      }
    },
  };
}

async function perform(files: FileService, step: Config, context: StepContext): Promise<Output> {
  const { tenantId, signal } = context;
  const id = idOf(step.file_id, context.trigger);
  switch (step.action) {
    case "validate": {
      const { size, mimeType, filename, extension } = await files.validate(tenantId, id, {
        ...(step.allowed_types === undefined ? {} : { allowedTypes: step.allowed_types }),
        ...(step.max_size_mb === undefined ? {} : { maxSizeMb: step.max_size_mb }),
      });
      return { valid: true, size, mime_type: mimeType, filename, extension };
    }
    case "extract": {
      const found = await files.extract(tenantId, id, signal);
      return {
        ...textOf(found),
        ...(found.pageCount === undefined ? {} : { page_count: found.pageCount }),
        ...(found.sheetCount === undefined ? {} : { sheet_count: found.sheetCount }),
        ...(found.rowCount === undefined ? {} : { row_count: found.rowCount }),
        ...(found.rows === undefined ? {} : { rows: found.rows }),
        mime_type: found.mimeType,
      };
    }
    case "ocr_extract": {
      const found = await files.ocr(tenantId, id, { language: step.language, signal });
      const { confidence, language, source } = found;
      return { ...textOf(found), confidence, language, source, page_count: found.pageCount, mime_type: found.mimeType };
    }
    case "convert": {
      const { idempotencyKey, executionId } = context;
      const made = await files.convert(tenantId, id, { target: step.target, idempotencyKey, executionId, signal });
      const { filename, extension, size } = made;
      return { file_id: made.id, source_file_id: id, filename, extension, mime_type: made.mimeType, size };
    }
  }
}

function textOf(found: { content: string; wordCount: number; charCount: number; truncated: boolean }) {
  const { content, truncated } = found;
  return { content, word_count: found.wordCount, char_count: found.charCount, truncated };
}

function idOf(configured: Config["file_id"], trigger: JsonValue): number {
  const given = configured ?? (isJsonObject(trigger) ? trigger.file_id : undefined);
  const parsed = fileId.safeParse(given);
  if (parsed.success && parsed.data !== undefined) return Number(parsed.data);
  throw new StepError("CONFIG_INVALID", "config.file_id must be a file id, or the trigger must have file_id.", {
    retryable: false,
  });
}

const stepCodes: Readonly<Record<string, StepErrorCode>> = {
  FILE_NOT_FOUND: "FILE_NOT_FOUND",
  FILE_TYPE_NOT_ALLOWED: "FILE_INVALID",
  FILE_TOO_LARGE: "FILE_INVALID",
  VALIDATION_FAILED: "CONFIG_INVALID",
  FILE_PROCESSING_FAILED: "FILE_PROCESSING_FAILED",
  FILE_PROCESSING_TIMEOUT: "FILE_PROCESSING_FAILED",
  FILE_PROCESSING_BUSY: "FILE_PROCESSING_FAILED",
};

function asStepError(error: unknown): unknown {
  if (!(error instanceof DomainError)) return error;
  const code = stepCodes[error.code];
  if (code === undefined) return error;
  return new StepError(code, error.message, { retryable: error.code === "FILE_PROCESSING_BUSY", cause: error });
}
